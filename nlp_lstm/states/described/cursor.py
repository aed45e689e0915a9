"""Where the reading of one conversation stands, between its turns and the network's answers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from corpora.conversation import Turn
from nlp_lstm.layers.memory import State
from nlp_lstm.states.described.belief import Belief
from nlp_lstm.states.described.reading import Places, Step, StepReader
from nlp_lstm.states.described.schema import Setter
from nlp_lstm.states.reading import Pending, is_customer, remember


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """The network's memory of one conversation that follows S slots.

    Attributes:
        turns: Hidden and cell. (1, G) each
        slots: Hidden and cell. (S, m) each
        confidence: Chained, not calibrated. (S,)
    """

    turns: State
    slots: State
    confidence: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a conversation stands.

    Attributes:
        turns: How many turns were read.
        tokens: How many words.
        view: The slots that are followed.
        pending: What the other side said since the customer last spoke.
        belief: What is believed.
        carried: What the network remembers.
    """

    turns: int
    tokens: int
    view: tuple[int, ...]
    pending: tuple[Pending, ...]
    belief: Belief
    carried: Carried


@dataclass(frozen=True, slots=True)
class Answer:
    """What is believed after a step.

    Attributes:
        belief: After it.
        confidence: Chained, one a slot in view.
        requests: Places of slots that are asked about.
    """

    belief: Belief
    confidence: tuple[float, ...]
    requests: list[int]


@dataclass(frozen=True, slots=True)
class Read:
    """A step to answer.

    Attributes:
        step: The words.
        places: Where they stand.
        at: When the turn was said.
        by: Whose turn it is; an agent's sets what agents may set, and is read again with the
            customer's answer.
    """

    step: Step
    places: Places
    at: datetime | None
    by: Setter


class Cursor:
    """Cuts a conversation's turns into steps as they are asked for, and collects the answers."""

    def __init__(self, reader: StepReader, thread: Thread, turns: Iterable[Turn]) -> None:
        self.belief = thread.belief
        self.carried = thread.carried
        self.view = thread.view
        self.answers: list[Answer] = []
        self.steps_until: list[int] = []  # for each turn the steps up to its end
        self._thread = thread
        self._pending = thread.pending
        self._reader = reader
        self._hears_agents = reader.plan.has_agents_slots
        self._steps = self._cut(turns)

    def take(self, most: int) -> list[Read]:
        """The next steps; fewer than `most` where the conversation ends."""
        return list(islice(self._steps, most))

    @property
    def latest_confidence(self) -> tuple[float, ...]:
        """Chained, one a slot, after the last answer."""
        return self.answers[-1].confidence if self.answers else self.carried.confidence

    def skip(self) -> None:
        """Read all turns without following anything: there is no slot to follow."""
        empty = Answer(self.belief, (), [])
        self.answers += [empty for _ in self._steps]

    def thread(self, words: int) -> Thread:
        """Where the conversation stands after all of its turns, `words` of them new."""
        return replace(
            self._thread,
            turns=self._thread.turns + len(self.steps_until),
            tokens=self._thread.tokens + words,
            pending=self._pending,
            belief=self.belief,
            carried=self.carried,
        )

    def _cut(self, turns: Iterable[Turn]) -> Iterator[Read]:
        count = 0
        for index, turn in enumerate(turns, start=self._thread.turns):
            if is_customer(turn):
                for step, places in self._reader.steps(self._pending, index, turn.text):
                    count += 1
                    yield Read(step, places, turn.time, "customer")
                self._pending = ()
            else:
                if turn.role == "agent" and self._hears_agents:
                    said = remember((), index, turn.text)
                    for step, places in self._reader.steps(said, index, ""):
                        count += 1
                        yield Read(step, places, turn.time, "agent")
                self._pending = remember(self._pending, index, turn.text)
            self.steps_until.append(count)
