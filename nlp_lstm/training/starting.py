"""What a training starts from: another model, or pretrained vectors."""

from corpora.errors import InputError
from nlp_lstm.artefact import Artefact
from nlp_lstm.text.vectors import PretrainedPieces


def tokenizer_of(name: str, pieces: PretrainedPieces | None, start: Artefact | None) -> str:
    """`tokenizer.json` as text: of the model that a training starts from, else of the vectors.

    Args:
        name: The recipe's.
        pieces: Pretrained WordPiece vectors.
        start: A model to start from.

    Raises:
        InputError: There is neither.
    """
    if start is not None:
        return start.tokenizer
    if pieces is not None:
        return pieces.tokenizer
    raise InputError(
        f"{name}.toml",
        found="neither vectors nor a model to start from",
        expected="one of them: the tokenizer comes from there",
        remedy="set vectors = true, or start = a model",
    )
