"""What the artefact of a sentiment tagger says, beside its weights."""

from dataclasses import dataclass

from nlp_lstm.artefact import Artefact, ArtefactError
from nlp_lstm.sentiment.config import THREE_WAY, SentimentConfig
from nlp_lstm.sentiment.decode import Calibration, HeadCalibration
from nlp_lstm.sentiment.frustration import Frustration


@dataclass(frozen=True, slots=True)
class SentimentSettings:
    """The checked settings of an artefact.

    Attributes:
        config: Widths, labels and limits.
        calibration: Of every head, by scheme.
        frustration: How it is told; None where the model tells none.
        validated_tokens: Longest context, in words, for which the quality was measured.
    """

    config: SentimentConfig
    calibration: Calibration
    frustration: Frustration | None
    validated_tokens: int


def sentiment_settings(artefact: Artefact) -> SentimentSettings:
    """Read and check an artefact's settings.

    Raises:
        ArtefactError: They are none of a sentiment model.
    """
    try:
        config = SentimentConfig.model_validate(artefact.config["network"])
        names = [THREE_WAY, *(scheme.name for scheme in config.schemes)]
        return SentimentSettings(
            config,
            {name: HeadCalibration.model_validate(artefact.calibration[name]) for name in names},
            _frustration(artefact.calibration.get("frustration"), config),
            int(artefact.config["validated_tokens"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ArtefactError(
            f"{artefact.name}/config.json",
            found=f"settings that are none of a sentiment model ({_one_line(error)})",
            expected="what its training saved",
            remedy="copy the directory again, or train the model again",
        ) from error


def _frustration(stored: object, config: SentimentConfig) -> Frustration | None:
    if stored is None:
        return None
    frustration = Frustration.model_validate(stored)
    config.scheme(frustration.scheme)
    return frustration


def _one_line(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
