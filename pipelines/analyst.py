"""From conversations to what is written of them: records, cases, failures, a mapping."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from corpora.conversation import Conversation
from pipelines.chunks import ChunkResult
from pipelines.pipeline import ConversationPipeline, Failure
from pipelines.queues import queue_entry
from pipelines.record_models import Case
from pipelines.records import conversation_record, model_parts, record_line
from pipelines.redaction import Redaction, Redactor, redacted_with_line
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
            shown, mapping = annotated, b""
            if self._redactor is not None:
                shown, mapping = redacted_with_line(self._redactor, annotated)
            if shown.failure is not None:
                yield Outcome(None, shown.failure, (), mapping)
                continue
            cases = self._router.cases(shown)
            record = conversation_record(shown, self._models, cases=cases)
            yield Outcome(record, None, cases, mapping)

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
