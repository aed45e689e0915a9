"""What every training begins with: a recipe's settings, checked, and where words are cut."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from corpora.errors import InputError
from nlp_lstm.artefact import Artefact
from nlp_lstm.faults import first_fault
from nlp_lstm.text.vectors import PretrainedPieces

Settings = TypeVar("Settings", bound=BaseModel)


def settings_of(name: str, kind: type[Settings], given: Mapping[str, Any]) -> Settings:
    """A part of a recipe as the settings that a task has.

    Args:
        name: The recipe's.
        kind: What the task can be told.
        given: What the recipe tells it.

    Raises:
        InputError: They are not that.
    """
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        found, expected = first_fault(error)
        raise InputError(
            f"{name}.toml", found=found, expected=expected, remedy="see the shipped recipes"
        ) from error


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
