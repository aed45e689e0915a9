"""Live conversations with all that a command was told: policy, redaction, queue, store."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import orjson

from pipelines.pipeline import ConversationPipeline
from pipelines.records import model_parts
from pipelines.redaction import MappingFile, Redaction, Redactor, discretion
from pipelines.routes import Vocabulary
from pipelines.routes.merging import merge_live
from pipelines.routing import Policy, Router
from pipelines.serving.delivering import into_queue
from pipelines.serving.live import Deliver, LiveConversations
from pipelines.serving.store import Store


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many conversations are kept, and where.

    Attributes:
        remember: In memory.
        folder: Where all are stored; None: nowhere.
        keep: In the folder; at least as many as in memory.
    """

    remember: int
    folder: Path | None = None
    keep: int = 20_000


@contextmanager
def open_conversations(
    pipeline: ConversationPipeline,
    policy: Policy,
    keeping: Keeping,
    *,
    redaction: Redaction | None = None,
    mapping: Path | None = None,
    queue: Path | None = None,
    deliver: Deliver | None = None,
    forgotten: Callable[[], None] | None = None,
) -> Iterator[LiveConversations]:
    """Live conversations, and whatever they write to, closed in the end.

    Args:
        pipeline: Annotates.
        policy: Which answers are trusted.
        keeping: How many conversations are kept, and where.
        redaction: What is replaced before anything leaves; None for nothing.
        mapping: Where it is written what was replaced.
        queue: Where cases go.
        deliver: Takes cases in place of a queue.
        forgotten: Called when a conversation is forgotten for want of room.

    Raises:
        InputError: The store or the mapping cannot be used.
    """
    with ExitStack() as stack:
        redactor = kept = store = None
        if redaction is not None:
            redactor = Redactor.of(redaction, pipeline)
            if mapping is not None:
                kept = stack.enter_context(MappingFile(mapping))
            stack.enter_context(discretion())
        if keeping.folder is not None:
            most = max(keeping.keep, keeping.remember)
            settings = _settings(pipeline, redaction)
            store = stack.enter_context(Store(keeping.folder, settings, most=most))
        yield LiveConversations(
            pipeline,
            Router(policy, pipeline.components.values()),
            remember=keeping.remember,
            redactor=redactor,
            mapping=kept,
            deliver=into_queue(queue) if queue is not None and deliver is None else deliver,
            merging=partial(merge_live, vocabulary=Vocabulary.of(pipeline.components.values())),
            store=store,
            forgotten=forgotten,
        )


def _settings(pipeline: ConversationPipeline, redaction: Redaction | None) -> dict[str, str]:
    """What a stored memory depends on."""
    models = (f"{part['name']} {part['fingerprint'][:12]}" for part in model_parts(pipeline))
    replaced = "nothing" if redaction is None else orjson.dumps(asdict(redaction)).decode()
    return {"models": ", ".join(models), "redaction of": replaced}
