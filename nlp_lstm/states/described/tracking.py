"""Following conversations through steps: each step's answer is the next one's question."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from types import MappingProxyType

import torch
from torch import Tensor

from corpora.conversation import Turn
from nlp_lstm.layers.memory import State
from nlp_lstm.states.described.batches import lay_situations, lay_steps, lay_views
from nlp_lstm.states.described.belief import DONTCARE, Belief, Held, Offer, spoken
from nlp_lstm.states.described.decode import Judge, Proposal, Verdict, offered, weigh
from nlp_lstm.states.described.network import DescribedNetwork
from nlp_lstm.states.described.plan import SchemaPlan, SlotPlan
from nlp_lstm.states.described.reading import Places, Step, StepReader
from nlp_lstm.states.described.readings import Described
from nlp_lstm.states.described.situation import heard, situate
from nlp_lstm.states.reading import Pending, is_customer, remember
from nlp_lstm.values import normalise


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
class _Read:
    """A step to answer."""

    step: Step
    places: Places
    at: datetime | None


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
        self._steps = self._cut(turns)

    def take(self, most: int) -> list[_Read]:
        """The next steps; fewer than `most` where the conversation ends."""
        return list(islice(self._steps, most))

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

    def _cut(self, turns: Iterable[Turn]) -> Iterator[_Read]:
        count = 0
        for index, turn in enumerate(turns, start=self._thread.turns):
            if is_customer(turn):
                for step, places in self._reader.steps(self._pending, index, turn.text):
                    count += 1
                    yield _Read(step, places, turn.time)
                self._pending = ()
            else:
                self._pending = remember(self._pending, index, turn.text)
            self.steps_until.append(count)


def start_carried(network: DescribedNetwork, places: int) -> Carried:
    """What is remembered before the first step: empty slots, and sure of it."""
    return Carried(network.turn_memory.start(1), network.slot_memory.start(places), (1.0,) * places)


@torch.no_grad()
def answer(
    network: DescribedNetwork,
    plan: SchemaPlan,
    described: Described,
    busy: Sequence[tuple[Cursor, list[_Read]]],
) -> None:
    """Let the network answer the next steps of conversations, the longest first.

    Args:
        network: In evaluation mode.
        plan: Of the schema.
        described: All of its slots, in order.
        busy: Who goes on, and with which steps; at least one each.
    """
    C = len(busy)
    views = lay_views(plan, [cursor.view for cursor, _ in busy], range(len(plan.slots)))
    batch = lay_steps(
        [[read.step for read in reads] for _, reads in busy],
        [cursor.view for cursor, _ in busy],
        network.rows.table,
    )
    reading = network.read(batch, views, described)
    exists = views.exists.repeat(batch.steps, 1)
    named: dict[int, list[tuple[int, int, int]]] = {}
    for row, place, first, last in offered(reading, exists):
        named.setdefault(row, []).append((place, first, last))
    asked = (exists & (reading.requests > 0)).tolist()
    turns, slots = _together([cursor.carried for cursor, _ in busy], views.slots.shape[1])
    for time in range(batch.steps):
        active = sum(len(reads) > time for _, reads in busy)
        if active < len(turns[0]):
            views = views.first(active)
            turns, slots = _first(turns, active), _first(slots, active)
        rows = slice(time * C, time * C + active)
        now = [(cursor, reads[time]) for cursor, reads in busy[:active]]
        for place, (cursor, read) in enumerate(now):
            offers = {
                cursor.view[slot]: _offer(read, first, last, cursor.belief.step)
                for slot, first, last in named.get(rows.start + place, ())
                if not plan.slots[cursor.view[slot]].values
            }
            cursor.belief = heard(read.step, read.places, cursor.belief, offers)
        situations = lay_situations(
            [situate(plan, cursor.view, read.step, cursor.belief) for cursor, read in now],
            views,
            range(active),
        )
        turns = network.turn_memory.step(reading.summaries[rows], turns)
        inputs = network.slot_input(reading, turns[0], situations, rows)
        S = inputs.shape[1]
        flat = network.slot_memory.step(
            inputs.flatten(0, 1), (slots[0].flatten(0, 1), slots[1].flatten(0, 1))
        )
        slots = (flat[0].view(active, S, -1), flat[1].view(active, S, -1))
        hidden = network.with_memory(inputs, slots[0])
        candidates = network.candidates(hidden, reading, described, views, situations, rows)
        weighed = weigh(candidates, reading, situations, views.exists, rows)
        for place, (cursor, read) in enumerate(now):
            judge = Judge(plan, cursor.view, read.step, read.places, cursor.belief)
            verdicts = [judge.verdict(weighed, place, where) for where in weighed.moving[place]]
            wanted = asked[rows.start + place]
            _conclude(
                plan,
                cursor,
                verdicts,
                weighed.stays[place],
                [where for where, is_asked in enumerate(wanted) if is_asked],
                read.at,
            )
            if len(busy[place][1]) == time + 1:
                own = len(cursor.view)
                cursor.carried = Carried(
                    (turns[0][place : place + 1], turns[1][place : place + 1]),
                    (slots[0][place, :own], slots[1][place, :own]),
                    cursor.answers[-1].confidence,
                )


def _conclude(
    plan: SchemaPlan,
    cursor: Cursor,
    verdicts: Sequence[Verdict],
    stays: Sequence[float],
    requests: list[int],
    at: datetime | None,
) -> None:
    """Take what the network proposes, and how sure the state is then."""
    belief = cursor.belief
    before = cursor.answers[-1].confidence if cursor.answers else cursor.carried.confidence
    confidence = [sure * stay for sure, stay in zip(before, stays, strict=False)]
    held = dict(belief.held)
    for verdict in verdicts:
        slot = cursor.view[verdict.place]
        confidence[verdict.place] = before[verdict.place] * verdict.stays
        if verdict.taken_back:
            kept = tuple(one for one in held.get(slot, ()) if one.words not in verdict.taken_back)
            held[slot] = kept
            confidence[verdict.place] = 1 - verdict.stays
        for proposal in verdict.proposals:
            values = _revised(plan.slots[slot], held.get(slot, ()), proposal, at)
            if values == held.get(slot, ()):
                continue
            held[slot] = values
            confidence[verdict.place] = proposal.probability
        if not held.get(slot, ()):
            held.pop(slot, None)
    changed = frozenset(
        plan.slots[slot].group
        for slot in {*held, *belief.held}
        if held.get(slot) != belief.held.get(slot)
    )
    cursor.belief = replace(
        belief, step=belief.step + 1, held=MappingProxyType(held), changed=changed
    )
    cursor.answers.append(Answer(cursor.belief, tuple(confidence), requests))


def _offer(read: _Read, first: int, last: int, step: int) -> Offer:
    raw, evidence = read.places.said(first, last)
    return Offer(raw, evidence, step, spoken(raw))


def _together(carried: Sequence[Carried], places: int) -> tuple[State, State]:
    """Several conversations' memories as one: turns (C, G), slots (C, S, m)."""
    hidden, cell = (torch.cat([one.turns[part] for one in carried]) for part in (0, 1))
    slots = [torch.stack([_padded(one.slots[part], places) for one in carried]) for part in (0, 1)]
    return (hidden, cell), (slots[0], slots[1])


def _padded(rows: Tensor, count: int) -> Tensor:
    return torch.nn.functional.pad(rows, (0, 0, 0, count - len(rows)))


def _first(state: State, count: int) -> State:
    return state[0][:count], state[1][:count]


def _revised(
    plan: SlotPlan, held: tuple[Held, ...], proposal: Proposal, at: datetime | None
) -> tuple[Held, ...]:
    """What a slot holds if a proposal is taken."""
    if proposal.value is None:
        return ()
    value = proposal.value
    if not plan.values and value != DONTCARE:
        value = normalise(plan.slot.kind, proposal.raw, at=at) or proposal.raw
    new = Held(value, proposal.raw, proposal.evidence, proposal.source, proposal.words)
    if plan.slot.several:
        return (*held, new) if all(one.words != new.words for one in held) else held
    return (new,)
