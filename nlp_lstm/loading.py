"""A component from an artefact, whichever of the three it is."""

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

from nlp_lstm.artefact import Artefact, ArtefactError, find_artefact, load_artefact
from nlp_lstm.component import Component

# What computes: PyTorch, in batches; the compiled kernels or ONNX Runtime, turn by turn and started
# at once, without PyTorch; or what of these is there and can read the model, PyTorch last.
Backend = Literal["auto", "torch", "native", "onnx"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)

# Imported when asked for: who tags entities need not load the tracker.
_CLASSES = {
    "states": ("nlp_lstm.states.component", "StateTracker"),
    "described": ("nlp_lstm.states.described.component", "DescribedTracker"),
    "entities": ("nlp_lstm.entities.component", "EntityTagger"),
    "sentiment": ("nlp_lstm.sentiment.component", "SentimentTagger"),
    "transformer": ("nlp_lstm.transformer.component", "TransformerComponent"),
}


# What reads a schema that is named without a model.
SCHEMA_READER = "states-schema"


def load_component(
    name_or_path: str | Path, *, task: str | None = None, backend: Backend = "torch"
) -> Component:
    """Load a shipped model by its name, or any by its directory.

    Args:
        name_or_path: `states-multiwoz`, or a path; `states-schema+orders.toml`, or `orders.toml`
            alone, is a tracker that reads schemas, over the slots of that file.
        task: What it is needed for; None takes any.
        backend: What computes. Memories of one can be read by the others.

    Raises:
        ArtefactError: It cannot be used; the message says why and what to do.
        InputError: The schema cannot be.
    """
    artefact = checked_artefact(name_or_path, task=task)
    chosen = _chosen(backend, artefact)
    if chosen != "torch":
        from nlp_lstm.runtime.loading import load_stepper

        return load_stepper(artefact, _what(artefact), onnx=chosen == "onnx")
    return over_schema(component_of(artefact), name_or_path)


def over_schema(component: Component, name_or_path: str | Path) -> Component:
    """A model over the schema that its name brings: `MODEL+SCHEMA.toml`, or `SCHEMA.toml`.

    Args:
        component: The model itself.
        name_or_path: As for `load_component`; without a schema the model stays as it is.

    Raises:
        ArtefactError: The model reads no schemas.
        InputError: The schema cannot be used.
    """
    model, schema = _parts(name_or_path)
    if schema is None:
        return component
    from nlp_lstm.states.described.component import DescribedTracker
    from nlp_lstm.states.described.schema import read_schema

    if not isinstance(component, DescribedTracker):
        raise ArtefactError(
            model,
            found="a model with slots of its own",
            expected="one that reads schemas",
            remedy=f"leave it out: {SCHEMA_READER} is taken then",
        )
    return component.for_schema(read_schema(schema))


def component_of(artefact: Artefact) -> Component:
    """The component that a checked artefact holds.

    Raises:
        ArtefactError: Config, calibration and weights do not belong together.
    """
    module, name = _CLASSES[_what(artefact)]
    component: Component = getattr(import_module(module), name).load(artefact)
    return component


def model_directory(name_or_path: str | Path) -> Path:
    """Where the model lies that `load_component` would load.

    Raises:
        ArtefactError: There is no such directory.
    """
    return find_artefact(_parts(name_or_path)[0])


def knows_english(name_or_path: str | Path) -> bool:
    """Whether a model that loads learnt from conversations in English, as all shipped ones did."""
    config = json.loads((model_directory(name_or_path) / "config.json").read_text(encoding="utf-8"))
    return bool(config.get("training", {}).get("language", "en") == "en")


def checked_artefact(name_or_path: str | Path, *, task: str | None = None) -> Artefact:
    """The artefact that `load_component` would load, checked as it would be.

    Raises:
        ArtefactError: It cannot be used.
    """
    model, _ = _parts(name_or_path)
    artefact = load_artefact(model, task=task)
    if _what(artefact) not in _CLASSES:
        raise ArtefactError(
            model,
            found=f"a model of task {_what(artefact)!r}",
            expected=f"one of {', '.join(_CLASSES)}",
            remedy="install the release that knows that task",
        )
    return artefact


def _chosen(backend: Backend, artefact: Artefact) -> Backend:
    """Which of them computes."""
    if backend != "auto":
        return backend
    from nlp_lstm.native.kernels import find_kernels
    from nlp_lstm.runtime.loading import READABLE, reads_cell

    if _what(artefact) not in READABLE or not reads_cell(artefact):
        return "torch"
    if find_kernels() is not None:
        return "native"
    return "onnx" if find_spec("onnxruntime") is not None else "torch"


def _what(artefact: Artefact) -> str:
    config = artefact.config
    return str(config.get("reader", config.get("tracker", artefact.task)))


def _parts(name_or_path: str | Path) -> tuple[str, Path | None]:
    """A model, and the schema it is to read: `MODEL`, `MODEL+SCHEMA.toml` or `SCHEMA.toml`."""
    text = str(name_or_path)
    if not text.endswith(".toml"):
        return text, None
    if "+" not in text or Path(text).is_file():  # a folder's name may hold the sign, too
        return SCHEMA_READER, Path(text)
    model, _, schema = text.partition("+")
    return model, Path(schema)
