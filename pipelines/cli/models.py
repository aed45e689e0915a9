"""Models for a command: the ones it was told to take, loaded so that a plain CPU is used well."""

import gc
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from pipelines.calm import calm_collector

if TYPE_CHECKING:
    from nlp_lstm.loading import Backend
    from pipelines.pipeline import ConversationPipeline

# As in `nlp_lstm.component`, which imports NumPy: `--help` needs neither.
Task = Literal["states", "entities", "sentiment"]
# Which shipped model serves a task when none is named.
DEFAULTS: dict[Task, str] = {
    "states": "states-multiwoz",
    "entities": "entities-chat",
    "sentiment": "sentiment-chat",
}

# Bytes of transcripts from which batches save more time than importing torch costs: measured, 500
# turns make up for it.
MUCH = 50_000


def chosen_models(
    states: str | None, entities: str | None, sentiment: str | None, without: Sequence[str] | None
) -> dict[Task, str]:
    """Task to model, name or path, for each task wanted.

    Raises:
        typer.BadParameter: `without` names no task, one that a model is named for, or all.
    """
    named: dict[Task, str | None] = {
        "states": states,
        "entities": entities,
        "sentiment": sentiment,
    }
    for task in without or ():
        if task not in named:
            raise typer.BadParameter(
                f"{task!r} is none of {', '.join(named)}", param_hint="--without"
            )
        if named[task]:
            raise typer.BadParameter(f"--{task} asks for it", param_hint=f"--without {task}")
    wanted = {task: model for task, model in named.items() if task not in (without or ())}
    if not wanted:
        raise typer.BadParameter("it leaves nothing to do", param_hint="--without")
    return {task: model or DEFAULTS[task] for task, model in wanted.items()}


@contextmanager
def quick_start() -> Iterator[None]:
    """Import and load without the garbage collector, which would find nothing to collect.

    What is loaded lives until the end, so it is not looked at afterwards either. Importing torch
    takes a tenth less processor time this way.
    """
    # Of NumPy's products, as of torch's: on turns this short a second thread only spins.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        calm_collector()


def calm_threads() -> None:
    """One torch thread, and kernels within bounds; see `pipelines.calm`."""
    from pipelines.calm import calm_torch

    calm_torch()


def check_tasks(models: Mapping[Task, str]) -> None:
    """Refuse models of another task than they are named for, and ones that cannot be used.

    Raises:
        ArtefactError: Says which, and why.
    """
    from nlp_lstm.loading import checked_artefact

    for task, model in models.items():
        checked_artefact(model, task=task)


def stored_labels(model: str | None) -> tuple[str, ...]:
    """Labels of an entity model that was not loaded; none of no model.

    Raises:
        ArtefactError: It cannot be used.
    """
    if model is None:
        return ()
    from nlp_lstm.loading import checked_artefact

    return tuple(checked_artefact(model, task="entities").config["network"]["labels"])


def suited_backend(backend: "Backend", files: Sequence[str]) -> "Backend":
    """What `auto` means for some inputs of `analyze`: much text is read faster in batches.

    Args:
        backend: As the command was told.
        files: Its inputs; standard input counts as little.
    """
    paths = [Path(file) for file in files if file != "-"]
    much = (
        any(path.is_dir() for path in paths)
        or sum(path.stat().st_size for path in paths if path.is_file()) > MUCH
    )
    return "torch" if backend == "auto" and much else backend


def load_pipeline(
    models: Mapping[Task, str], backend: "Backend" = "torch"
) -> "ConversationPipeline":
    """Load the models of a command.

    Args:
        models: By task.
        backend: What computes.

    Raises:
        ArtefactError: One cannot be used, or is of another task than it is named for.
    """
    from nlp_lstm.loading import knows_english, load_component
    from pipelines.pipeline import ConversationPipeline

    components = [
        load_component(model, task=task, backend=backend) for task, model in models.items()
    ]
    if "torch" in sys.modules:
        calm_threads()
    foreign = [task for task, model in models.items() if not knows_english(model)]
    return ConversationPipeline(components, other_languages=foreign)
