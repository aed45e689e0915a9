"""What is remembered of one conversation between its turns, and its form on the disk."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import orjson

from nlp_lstm.artefact import ArtefactError
from nlp_lstm.sentiment.alarm import Alarm
from pipelines.memory import PipelineMemory
from pipelines.record_models import Reason, TaskName
from pipelines.redaction.redactor import Redacting
from pipelines.routing import Alarms
from pipelines.serving.late import OpenCases

# A longer answer is not kept for a sender who asks for it again.
LONGEST_ANSWER = 256 * 1024  # bytes


@dataclass(slots=True)
class Remembered:
    """What is remembered of one conversation; bounded in size, however long it lasts.

    Attributes:
        memory: Of the models.
        number: How many conversations began before it.
        routed: Tasks and reasons for which it has a case.
        redacting: What was replaced in it.
        alarms: Of its customers.
        cases: The latest that were routed, and what was answered.
        answer: Of its last turn, as a line of JSON; None where that was too long to keep.
        heard: That turn's digest.
    """

    memory: PipelineMemory
    number: int
    routed: set[tuple[TaskName | None, Reason]] = field(default_factory=set)
    redacting: Redacting = field(default_factory=Redacting)
    alarms: Alarms = field(default_factory=dict)
    cases: OpenCases = field(default_factory=OpenCases)
    answer: bytes | None = None
    heard: str = ""

    def keep_answer(self, line: bytes, heard: str) -> None:
        """Keep the last answer, unless it is too long, and what it answered."""
        self.answer = line if len(line) <= LONGEST_ANSWER else None
        self.heard = heard

    def to_bytes(self) -> tuple[bytes, bytes]:
        """The models' memory, and all else as JSON; `from_bytes` undoes it."""
        facts = {
            "number": self.number,
            "routed": sorted(self.routed, key=str),
            "redacting": self.redacting.to_facts(),
            "alarms": [[speaker, asdict(alarm)] for speaker, alarm in self.alarms.items()],
            "waiting": [[case, line.decode()] for case, line in self.cases.waiting.items()],
            "answered": [[case, line.decode()] for case, line in self.cases.answered.items()],
            "answer": None if self.answer is None else self.answer.decode(),
            "heard": self.heard,
        }
        return self.memory.to_bytes(), orjson.dumps(facts)

    @classmethod
    def from_bytes(cls, memory: bytes, facts: bytes) -> Self:
        """Read what `to_bytes` gave.

        Raises:
            ArtefactError: It gave something else.
        """
        remembered = PipelineMemory.from_bytes(memory)
        try:
            held: dict[str, Any] = orjson.loads(facts)
            return cls(
                remembered,
                int(held["number"]),
                {(task, reason) for task, reason in held["routed"]},
                Redacting.from_facts(held["redacting"]),
                {
                    speaker: Alarm(**{**alarm, "evidence": tuple(alarm["evidence"])})
                    for speaker, alarm in held["alarms"]
                },
                OpenCases(_lines(held["waiting"]), _lines(held["answered"])),
                None if held["answer"] is None else held["answer"].encode(),
                str(held["heard"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ArtefactError(
                "memory",
                found=f"{len(facts)} bytes that are no conversation's ({error})",
                expected="what Remembered.to_bytes gave",
                remedy="forget the conversation, and begin it anew",
            ) from error


def _lines(cases: Iterable[tuple[str, str]]) -> OrderedDict[str, bytes]:
    return OrderedDict((case, line.encode()) for case, line in cases)
