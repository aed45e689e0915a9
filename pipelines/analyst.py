"""From conversations to what is written of them: records, cases, failures, a mapping."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from corpora.conversation import Conversation
from pipelines.annotation import AnnotatedConversation, Failure, failure_of, reason_of
from pipelines.chunks import ChunkResult
from pipelines.pipeline import ConversationPipeline
from pipelines.queues import queue_entry
from pipelines.record_models import Case
from pipelines.records import conversation_record, model_parts, record_line
from pipelines.redaction import Redaction, Redactor, redacted_with_line
from pipelines.redaction.discreet import discreet
from pipelines.routing import Policy, Router


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one conversation.

    Attributes:
        record: None where it failed.
        failure: None where it did not.
        cases: Of the record.
        mapping: The line that says what was redacted; empty where nothing is.
    """

    record: dict[str, Any] | None
    failure: Failure | None
    cases: Sequence[Case] = ()
    mapping: bytes = b""


class Analyst:
    """A pipeline, a policy, and records and cases out of both, redacted if that is wanted."""

    def __init__(
        self, pipeline: ConversationPipeline, policy: Policy, redaction: Redaction | None = None
    ) -> None:
        self._pipeline = pipeline
        self._models = model_parts(pipeline)
        self._router = Router(policy, pipeline.components.values())
        self._redactor = None if redaction is None else Redactor.of(redaction, pipeline)

    def outcomes(self, conversations: Iterable[Conversation]) -> Iterator[Outcome]:
        """What becomes of each conversation, in their order, reading some ahead."""
        for annotated in self._pipeline.annotate(conversations):
            try:
                yield self._outcome(annotated)
            except Exception as error:  # whatever it may be, the neighbours must not suffer
                yield Outcome(None, self._failure(annotated.conversation, error))

    def _outcome(self, annotated: AnnotatedConversation) -> Outcome:
        mapping = b""
        if self._redactor is not None:
            annotated, mapping = redacted_with_line(self._redactor, annotated)
        if annotated.failure is not None:
            return Outcome(None, annotated.failure, (), mapping)
        cases = self._router.cases(annotated)
        return Outcome(
            conversation_record(annotated, self._models, cases=cases), None, cases, mapping
        )

    def _failure(self, conversation: Conversation, error: Exception) -> Failure:
        if self._redactor is None:
            return failure_of(conversation, reason_of(error))
        # What would redact a name has failed, so nothing is named but where to look.
        return Failure(discreet(error), line=failure_of(conversation, "").line)

    def __call__(self, conversations: list[Conversation]) -> ChunkResult:
        """Annotate conversations that are gathered already."""
        lines: list[bytes] = []
        failures: list[Failure] = []
        cases: list[tuple[str, bytes]] = []
        mapping: list[bytes] = []
        reasons: Counter[str] = Counter()
        turns = 0
        for outcome in self.outcomes(conversations):
            mapping.append(outcome.mapping)
            record = outcome.record
            if record is None:
                assert outcome.failure is not None
                failures.append(outcome.failure)
                continue
            lines.append(record_line(record))
            cases += [(case.case, record_line(queue_entry(case, record))) for case in outcome.cases]
            reasons.update(str(case.reason) for case in outcome.cases)
            turns += len(record["turns"])
        return ChunkResult(
            b"".join(lines), turns, len(lines), failures, cases, b"".join(mapping), reasons
        )
