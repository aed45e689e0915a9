"""From conversations to what is written of them: records, cases, failures, a mapping."""

from collections import Counter
from collections.abc import Iterator

from corpora.conversation import Conversation
from pipelines.chunks import ChunkResult
from pipelines.pipeline import AnnotatedConversation, ConversationPipeline, Failure
from pipelines.queues import queue_entry
from pipelines.records import conversation_record, model_parts, record_line
from pipelines.redaction import Redaction, Redactor, redacted_with_line
from pipelines.routing import Policy, Router


class Analyst:
    """A pipeline, a policy, and records and cases out of both, redacted if that is wanted."""

    def __init__(
        self, pipeline: ConversationPipeline, policy: Policy, redaction: Redaction | None = None
    ) -> None:
        self._pipeline = pipeline
        self._models = model_parts(pipeline)
        self._router = Router(policy, pipeline.components.values())
        self._redactor = None if redaction is None else Redactor.of(redaction, pipeline)

    def __call__(self, conversations: list[Conversation]) -> ChunkResult:
        """Annotate conversations that are gathered already."""
        lines: list[bytes] = []
        failures: list[Failure] = []
        cases: list[tuple[str, bytes]] = []
        mapping: list[bytes] = []
        reasons: Counter[str] = Counter()
        turns = 0
        for annotated in self._read(conversations, mapping):
            if annotated.failure is not None:
                failures.append(annotated.failure)
                continue
            found = self._router.cases(annotated)
            record = conversation_record(annotated, self._models, cases=found)
            lines.append(record_line(record))
            cases += [(case.case, record_line(queue_entry(case, record))) for case in found]
            reasons.update(str(case.reason) for case in found)
            turns += len(annotated.turns)
        return ChunkResult(
            b"".join(lines), turns, len(lines), failures, cases, b"".join(mapping), reasons
        )

    def _read(
        self, conversations: list[Conversation], mapping: list[bytes]
    ) -> Iterator[AnnotatedConversation]:
        for annotated in self._pipeline.annotate(conversations):
            if self._redactor is None:
                yield annotated
                continue
            redacted, line = redacted_with_line(self._redactor, annotated)
            mapping.append(line)
            yield redacted
