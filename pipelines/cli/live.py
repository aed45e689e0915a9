"""Live conversations as the options of a command describe them: opened, and closed in the end."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nlp_lstm.loading import Backend
from pipelines.annotation import reason_of
from pipelines.cli.models import Task, load_pipeline, quick_start
from pipelines.cli.policies import load_policy
from pipelines.cli.redacting import check_labels, labels_of
from pipelines.cli.routes import open_later, tell_routes
from pipelines.redaction import Redaction
from pipelines.redaction.discreet import discreet
from pipelines.routes import Vocabulary
from pipelines.routes.later import LaterRoutes
from pipelines.serving.live import LiveConversations
from pipelines.serving.opening import Keeping, open_conversations


@dataclass(frozen=True, slots=True)
class Routed:
    """Where cases go, as a command was told.

    Attributes:
        policy: Says which answers are routed, and along which routes.
        queue: Takes cases that no route takes.
        answers: Keeps what machines answer.
    """

    policy: Path | None
    queue: Path | None
    answers: Path | None


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is replaced before anything leaves.

    Attributes:
        redaction: None for nothing.
        mapping: Where it is written what was replaced.
    """

    redaction: Redaction | None
    mapping: Path | None


@dataclass(frozen=True, slots=True)
class Live:
    """Conversations under way.

    Attributes:
        conversations: They.
        later: Brings answers of routes when they come; None where there are no routes.
        told: What may be said of an error.
    """

    conversations: LiveConversations
    later: LaterRoutes | None
    told: Callable[[Exception], str]


@contextmanager
def open_live(
    models: Mapping[Task, str],
    backend: Backend,
    keeping: Keeping,
    routed: Routed,
    hidden: Hidden,
    forgotten: Callable[[], None],
) -> Iterator[Live]:
    """Live conversations; what their routes did is told when they are closed.

    Args:
        models: By task, name or path.
        backend: What computes.
        keeping: How many conversations are kept, and where.
        routed: Where cases go.
        hidden: What is replaced.
        forgotten: Called when a conversation is forgotten for want of room.

    Raises:
        InputError: A model, the policy, the store or the mapping cannot be used.
        typer.BadParameter: A label to be redacted is unknown.
    """
    with quick_start():
        policy = load_policy(routed.policy, models)
        pipeline = load_pipeline(models, backend)
        if hidden.redaction is not None:
            check_labels(hidden.redaction, labels_of(pipeline))
        words = Vocabulary.of(pipeline.components.values())
        later = open_later(policy, words, routed.queue, routed.answers)
    try:
        with open_conversations(
            pipeline,
            policy,
            keeping,
            redaction=hidden.redaction,
            mapping=hidden.mapping,
            queue=routed.queue,
            deliver=None if later is None else later.deliver,
            forgotten=forgotten,
        ) as conversations:
            yield Live(conversations, later, reason_of if hidden.redaction is None else discreet)
    finally:
        tell_routes(later)
