"""Where the reading of one conversation stands, between its turns and the network's answers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic

from corpora.conversation import Turn
from nlp_lstm.states.carried import A, Thread
from nlp_lstm.states.history import Historian, Said, Update
from nlp_lstm.states.reading import Step, StepReader, is_customer, remember


@dataclass(frozen=True, slots=True)
class Answer:
    """What holds after a step.

    Attributes:
        values: Value numbers, one a slot.
        confidence: Calibrated, one a slot.
        state_confidence: Calibrated, of all slots together.
        requests: Indices of the slots that are asked about.
        copied: Of each slot whether it has its value from another.
    """

    values: list[int]
    confidence: list[float]
    state_confidence: float
    requests: list[int]
    copied: list[bool]


@dataclass(frozen=True, slots=True)
class TurnRead:
    """A turn that was read.

    Attributes:
        steps: How many steps there were up to its end.
        said: The table of what was said up to its end.
    """

    steps: int
    said: tuple[Said, ...]


class Cursor(Generic[A]):
    """Cuts a conversation's turns into steps as they are asked for, and collects the answers."""

    def __init__(
        self, reader: StepReader, historian: Historian, thread: Thread[A], turns: Iterable[Turn]
    ) -> None:
        self.carried = thread.carried
        self.table = thread.table
        self.answers: list[Answer] = []
        self.turns_read: list[TurnRead] = []
        self._thread = thread
        self._pending = thread.pending
        self._history = thread.history
        self._reader = reader
        self._historian = historian
        self._steps = self._cut(turns)

    def take(self, most: int | None = None) -> list[tuple[Step, Update]]:
        """The next steps; fewer than `most` where the conversation ends, all for None."""
        return list(islice(self._steps, most))

    def thread(self, words: int) -> Thread[A]:
        """Where the conversation stands after all of its turns, `words` of them new."""
        return Thread(
            turns=self._thread.turns + len(self.turns_read),
            tokens=self._thread.tokens + words,
            pending=self._pending,
            history=self._history,
            table=self.table,
            carried=self.carried,
        )

    def _cut(self, turns: Iterable[Turn]) -> Iterator[tuple[Step, Update]]:
        count = 0
        for index, turn in enumerate(turns, start=self._thread.turns):
            if is_customer(turn):
                for step in self._reader.steps(self._pending, index, turn.text):
                    update = self._historian.update(
                        self._history, step.mentions, step.user_starts, step.quotes
                    )
                    self._history = update.history
                    count += 1
                    yield step, update
                self._pending = ()
            else:
                self._pending = remember(self._pending, index, turn.text)
            self.turns_read.append(TurnRead(count, self._history.said))


def copied_slots(before: Sequence[int], answers: Sequence[Answer]) -> set[int]:
    """The slots that, when they last changed in a turn, took their value from another.

    Args:
        before: Value numbers before the turn.
        answers: To the turn's steps; all but very long turns have one.
    """
    copied: set[int] = set()
    for answer in answers:
        for slot, (old, new) in enumerate(zip(before, answer.values, strict=True)):
            if old != new:
                copied.discard(slot)
                if answer.copied[slot]:
                    copied.add(slot)
        before = answer.values
    return copied
