"""The component of an artefact that steps without torch."""

from corpora.conversation import Turn
from nlp_lstm.artefact import Artefact, ArtefactError
from nlp_lstm.runtime.stepping import Stepper
from nlp_lstm.runtime.stored_engine import StoredEngine

# What of `nlp_lstm.loading` can be read without torch.
READABLE = ("states", "entities", "sentiment")


def load_stepper(artefact: Artefact, what: str, *, onnx: bool) -> Stepper:
    """Build the stepping component that an artefact holds.

    Args:
        artefact: Checked.
        what: Its task, or its kind of tracker.
        onnx: Whether ONNX Runtime reads turns, or the compiled kernels.

    Raises:
        ArtefactError: It cannot be read without torch, config and weights do not belong together,
            or what is to read is not installed.
    """
    backend = "onnx" if onnx else "native"
    if what not in READABLE:
        raise ArtefactError(
            artefact.name,
            found="a tracker that reads schemas",
            expected=f"one with slots of its own: the backend {backend} reads no schemas",
            remedy="choose the backend torch",
        )
    if not reads_cell(artefact):
        raise ArtefactError(
            artefact.name,
            found=f"a model of cell {artefact.config['network']['cell']}",
            expected=f"one of LSTMs: the backend {backend} reads no other",
            remedy="choose the backend torch",
        )
    try:
        stepper = _STEPPERS[what](artefact, onnx)
        # Weights that do not fit together are told now, and not at somebody's first turn.
        stepper.step(stepper.start(), Turn("a b"))
    except ArtefactError:
        raise
    except Exception as error:  # of whatever adds, multiplies or looks a name up
        raise ArtefactError(
            f"{artefact.name}/weights.safetensors",
            found=f"weights of other names or shapes ({' '.join(str(error).split())})",
            expected="those that config.json speaks of",
            remedy="config and weights do not belong together: copy the directory again",
        ) from error
    return stepper


def reads_cell(artefact: Artefact) -> bool:
    """Whether a model is made of what can be read without torch."""
    return bool(artefact.config.get("network", {}).get("cell", "lstm") == "lstm")


def _states(artefact: Artefact, onnx: bool) -> Stepper:
    from nlp_lstm.states.settings import state_settings
    from nlp_lstm.states.stepping import StateStepper

    settings = state_settings(artefact)
    return StateStepper(
        settings.schema,
        settings.calibration,
        StoredEngine(artefact, settings.config.rows, onnx=onnx),
        identity=settings.identity,
    )


def _entities(artefact: Artefact, onnx: bool) -> Stepper:
    from nlp_lstm.entities.settings import entity_settings
    from nlp_lstm.entities.stepping import EntityStepper

    settings = entity_settings(artefact)
    return EntityStepper(
        settings.config,
        settings.calibration,
        StoredEngine(artefact, settings.config.rows, onnx=onnx),
        identity=settings.identity,
    )


def _sentiment(artefact: Artefact, onnx: bool) -> Stepper:
    from nlp_lstm.sentiment.settings import sentiment_settings
    from nlp_lstm.sentiment.stepping import SentimentStepper

    settings = sentiment_settings(artefact)
    return SentimentStepper(
        settings.config,
        settings.calibration,
        StoredEngine(artefact, settings.config.rows, onnx=onnx),
        identity=settings.identity,
        frustration=settings.frustration,
    )


_STEPPERS = {"states": _states, "entities": _entities, "sentiment": _sentiment}
