"""The routes of a command's policy, opened for it, and what they did told in the end."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nlp_lstm.component import Component
from pipelines.cli.console import say
from pipelines.routes import Routes, Vocabulary, open_routes
from pipelines.routes.later import LaterRoutes
from pipelines.routing import Policy


@contextmanager
def open_routes_of(
    policy: Policy,
    components: Iterable[Component] | Vocabulary,
    queue: Path | None,
    answers: Path | None,
) -> Iterator[Routes | None]:
    """The routes that a policy describes; None where it describes none.

    Args:
        policy: Says which.
        components: Whose answers are routed, or their words.
        queue: Takes what has no other place.
        answers: Keeps what machines answer.
    """
    if not policy.routes:
        yield None
        return
    words = components if isinstance(components, Vocabulary) else Vocabulary.of(components)
    routes = open_routes(policy, words, queue=queue, answers=answers)
    try:
        yield routes
    finally:
        routes.close()
        for line in routes.report():
            say(line)


def open_later(
    policy: Policy, words: Vocabulary, queue: Path | None, answers: Path | None
) -> LaterRoutes | None:
    """The same for a stream, which does not wait for answers."""
    if not policy.routes:
        return None
    return LaterRoutes(open_routes(policy, words, queue=queue, answers=answers))


def tell_routes(later: LaterRoutes | None) -> None:
    """Close a stream's routes, and tell what they did."""
    if later is not None:
        for line in later.close():
            say(line)
