"""Cases that wait for an answer, each with the turn that it is about, and what was answered."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from corpora.errors import quoted
from pipelines.record_models import RECORD, Case
from pipelines.records import record_line
from pipelines.serving.turns import LATE, LateAnswer, OutOfOrderError, UnknownError

# Of one conversation, answered ones too; what is older must be answered through its records.
MOST_CASES = 32
MOST_BYTES = 128 * 1024

# A record of the one turn that a case is about, and the answer's line; gives the record with the
# answer in it, or raises `InputError` where it does not fit.
Merging = Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]


@dataclass(slots=True)
class OpenCases:
    """The latest cases of one conversation.

    Attributes:
        waiting: By case id, the record of its turn as a line of JSON, with this one case.
        answered: Likewise, the record with the answer in it.
    """

    waiting: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    answered: OrderedDict[str, bytes] = field(default_factory=OrderedDict)

    def add(self, record: Mapping[str, Any], cases: Iterable[Case]) -> None:
        """Have cases wait.

        Args:
            record: Of the turn that they are about.
            cases: Of that turn.
        """
        for case in cases:
            self.waiting[case.case] = record_line({**record, "routing": [case.model_dump()]})
        self._bound()

    def answer(self, late: LateAnswer, merging: Merging, source: str) -> dict[str, Any]:
        """The record of the turn with the answer in it; the case does not wait any more.

        Raises:
            UnknownError: No such case waits.
            OutOfOrderError: It has been answered.
            InputError: The answer does not fit.
        """
        if late.case in self.answered:
            raise OutOfOrderError(
                source,
                found=f"a second answer to case {quoted(late.case)}",
                expected="one answer a case",
                remedy="the first answer was kept",
            )
        if late.case not in self.waiting:
            raise UnknownError(
                source,
                found=f"an answer to case {quoted(late.case)}, which does not wait",
                expected=LATE,
                remedy="bring it in with the conversation's records instead",
            )
        record = orjson.loads(self.waiting[late.case])
        answer = {"conversation": record["id"], "case": late.case, "answer": late.answer}
        merged = merging(record, answer)
        del self.waiting[late.case]
        self.answered[late.case] = record_line(merged)
        self._bound()
        return merged

    def _bound(self) -> None:
        """Forget what is oldest where there is too much, of what was answered first."""
        for cases in (self.answered, self.waiting):
            while cases and self._is_too_much():
                cases.popitem(last=False)

    def _is_too_much(self) -> bool:
        lines = [*self.answered.values(), *self.waiting.values()]
        return len(lines) > MOST_CASES or sum(map(len, lines)) > MOST_BYTES


def turn_as_record(
    conversation: str, models: list[dict[str, str]], turn: Mapping[str, Any]
) -> dict[str, Any]:
    """A record of just one turn: earlier ones are not kept.

    Args:
        conversation: Its id.
        models: What took part.
        turn: What `turn_record` made; its `index` is its place in the conversation, not here.
    """
    return {
        "record": RECORD,
        "id": conversation,
        "source": None,
        "models": models,
        "turns": [turn],
        "routing": [],
        "notes": [],
    }
