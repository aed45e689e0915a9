"""The routes of a policy made ready, as far as any case can come to them."""

from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from corpora.errors import InputError, quoted
from pipelines.queues import JsonLinesQueue
from pipelines.routes.dispatch import Route, Routes
from pipelines.routes.settings import AnyRoute, MachineSettings
from pipelines.routes.vocabulary import Vocabulary

if TYPE_CHECKING:
    from pipelines.routing import Policy


def open_routes(
    policy: "Policy",
    vocabulary: Vocabulary | None = None,
    *,
    queue: str | Path | None = None,
    answers: str | Path | None = None,
) -> Routes:
    """Make a policy's routes ready.

    Args:
        policy: Says what they are.
        vocabulary: What answers may be made of.
        queue: Takes cases of routes that are only names, and those that no route answers.
        answers: Keeps what machines answer.

    Raises:
        InputError: A route cannot be used, or, where there is no queue, leads nowhere.
    """
    vocabulary = vocabulary or Vocabulary()
    named = policy.named_routes()
    if policy.routes and queue is None:
        _refuse_nowhere(named, policy.routes)
    reached = _reached(named, policy)
    routes = {
        name: _opened(name, settings, vocabulary)
        for name, settings in policy.routes.items()
        if name in reached
    }
    fallbacks = {
        name: settings.fallback
        for name, settings in policy.routes.items()
        if settings.fallback is not None
    }
    return Routes(
        routes,
        fallbacks,
        queue=None if queue is None else JsonLinesQueue(queue),
        answers=None if answers is None else JsonLinesQueue(answers),
        slow=[name for name in routes if isinstance(policy.routes[name], MachineSettings)],
    )


def _reached(named: Iterable[str], policy: "Policy") -> set[str]:
    reached: set[str] = set()
    for name in named:
        at: str | None = name
        while at is not None and at in policy.routes and at not in reached:
            reached.add(at)
            at = policy.routes[at].fallback
    return reached


def _refuse_nowhere(named: Iterable[str], routes: Iterable[str]) -> None:
    known = sorted(routes)
    for name in sorted(set(named) - set(known)):
        meant = get_close_matches(name, known, n=1)
        raise InputError(
            "the policy",
            found=f"route {quoted(name)}, which nothing stands behind",
            expected=f"one of {', '.join(known)}",
            remedy=f"did you mean {meant[0]!r}? or give --queue a file for it"
            if meant
            else "describe it below [routes], or give --queue a file for it",
        )


# Imported when one is opened: a queue needs neither spaCy nor HTTP.
_CLASSES = {
    "jsonl": ("queue_file", "QueueFile"),
    "label-studio": ("label_studio", "LabelStudioFiles"),
    "argilla": ("argilla_files", "ArgillaFolder"),
    "prodigy": ("prodigy_files", "ProdigyFiles"),
    "openai": ("openai_chat", "OpenAIChat"),
    "spacy": ("spacy_pipeline", "SpacyPipeline"),
    "python": ("functions", "PythonFunction"),
}


def _opened(name: str, settings: AnyRoute, vocabulary: Vocabulary) -> Route:
    module, kind = _CLASSES[settings.kind]
    route: Route = getattr(import_module(f"pipelines.routes.{module}"), kind)(
        name, settings, vocabulary
    )
    return route
