"""What the artefact of an entity tagger says, beside its weights."""

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from nlp_lstm.artefact import Artefact, ArtefactError
from nlp_lstm.entities.config import EntitiesConfig, SpanCalibration
from nlp_lstm.faults import first_fault

Checked = TypeVar("Checked", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class EntitySettings:
    """The checked settings of an artefact.

    Attributes:
        config: Widths and labels.
        calibration: Of the confidences.
        validated_tokens: Longest context, in words, for which the quality was measured.
    """

    config: EntitiesConfig
    calibration: SpanCalibration
    validated_tokens: int


def entity_settings(artefact: Artefact) -> EntitySettings:
    """Read and check an artefact's settings.

    Raises:
        ArtefactError: They are none of an entity tagger.
    """
    return EntitySettings(
        _checked(EntitiesConfig, artefact.config.get("network"), artefact, "config.json"),
        _checked(SpanCalibration, artefact.calibration, artefact, "calibration.json"),
        int(artefact.config.get("validated_tokens", 0)),
    )


def _checked(kind: type[Checked], stored: Any, artefact: Artefact, file: str) -> Checked:
    try:
        return kind.model_validate(stored)
    except ValidationError as error:
        found, expected = first_fault(error)
        raise ArtefactError(
            f"{artefact.name}/{file}",
            found=found,
            expected=expected,
            remedy="copy the whole directory again, or train the model again",
        ) from error
