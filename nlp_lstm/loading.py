"""A component from an artefact, whichever of the three it is."""

from importlib import import_module
from pathlib import Path

from nlp_lstm.artefact import ArtefactError, load_artefact
from nlp_lstm.component import Component

# Imported when asked for: who tags entities need not load the tracker.
_CLASSES = {
    "states": ("nlp_lstm.states.component", "StateTracker"),
    "described": ("nlp_lstm.states.described.component", "DescribedTracker"),
    "entities": ("nlp_lstm.entities.component", "EntityTagger"),
    "sentiment": ("nlp_lstm.sentiment.component", "SentimentTagger"),
}


def load_component(name_or_path: str | Path, *, task: str | None = None) -> Component:
    """Load a shipped model by its name, or any by its directory.

    Args:
        name_or_path: `states-multiwoz`, or a path.
        task: What it is needed for; None takes any.

    Raises:
        ArtefactError: It cannot be used; the message says why and what to do.
    """
    artefact = load_artefact(name_or_path, task=task)
    what = str(artefact.config.get("tracker", artefact.task))
    if what not in _CLASSES:
        raise ArtefactError(
            str(name_or_path),
            found=f"a model of task {what!r}",
            expected=f"one of {', '.join(_CLASSES)}",
            remedy="install the release that knows that task",
        )
    module, name = _CLASSES[what]
    component: Component = getattr(import_module(module), name).load(artefact)
    return component
