"""What the artefact of an entity tagger says, beside its weights."""

from dataclasses import dataclass

from nlp_lstm.artefact import Artefact
from nlp_lstm.component import Identity
from nlp_lstm.entities.config import EntitiesConfig, SpanCalibration
from nlp_lstm.stored_settings import reading_settings


@dataclass(frozen=True, slots=True)
class EntitySettings:
    """The checked settings of an artefact.

    Attributes:
        config: Widths and labels.
        calibration: Of the confidences.
        identity: Which model it is.
    """

    config: EntitiesConfig
    calibration: SpanCalibration
    identity: Identity


def entity_settings(artefact: Artefact) -> EntitySettings:
    """Read and check an artefact's settings.

    Raises:
        ArtefactError: They are none of an entity tagger.
    """
    kind = "an entity tagger"
    with reading_settings(artefact, kind):
        config = EntitiesConfig.model_validate(artefact.config["network"])
        identity = Identity.of(artefact)
    with reading_settings(artefact, kind, "calibration.json"):
        calibration = SpanCalibration.model_validate(artefact.calibration)
    return EntitySettings(config, calibration, identity)
