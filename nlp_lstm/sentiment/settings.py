"""What the artefact of a sentiment tagger says, beside its weights."""

from dataclasses import dataclass

from nlp_lstm.artefact import Artefact
from nlp_lstm.component import Identity
from nlp_lstm.sentiment.config import THREE_WAY, SentimentConfig
from nlp_lstm.sentiment.decode import Calibration, HeadCalibration
from nlp_lstm.sentiment.frustration import Frustration
from nlp_lstm.stored_settings import reading_settings


@dataclass(frozen=True, slots=True)
class SentimentSettings:
    """The checked settings of an artefact.

    Attributes:
        config: Widths, labels and limits.
        calibration: Of every head, by scheme.
        frustration: How it is told; None where the model tells none.
        identity: Which model it is.
    """

    config: SentimentConfig
    calibration: Calibration
    frustration: Frustration | None
    identity: Identity


def sentiment_settings(artefact: Artefact) -> SentimentSettings:
    """Read and check an artefact's settings.

    Raises:
        ArtefactError: They are none of a sentiment model.
    """
    kind = "a sentiment model"
    with reading_settings(artefact, kind):
        config = SentimentConfig.model_validate(artefact.config["network"])
        identity = Identity.of(artefact)
    names = [THREE_WAY, *(scheme.name for scheme in config.schemes)]
    with reading_settings(artefact, kind, "calibration.json"):
        heads = {name: HeadCalibration.model_validate(artefact.calibration[name]) for name in names}
        frustration = _frustration(artefact.calibration.get("frustration"), config)
    return SentimentSettings(config, heads, frustration, identity)


def _frustration(stored: object, config: SentimentConfig) -> Frustration | None:
    if stored is None:
        return None
    frustration = Frustration.model_validate(stored)
    config.scheme(frustration.scheme)
    return frustration
