"""Following conversations through steps: each step's answer is the next one's question."""

from collections.abc import Sequence

import torch
from torch import Tensor

from nlp_lstm.layers.memory import State
from nlp_lstm.states.described.batches import lay_situations, lay_steps, lay_views
from nlp_lstm.states.described.belief import Offer
from nlp_lstm.states.described.concluding import conclude, hear_agent
from nlp_lstm.states.described.cursor import Carried, Cursor, Read
from nlp_lstm.states.described.decode import Judge
from nlp_lstm.states.described.network import DescribedNetwork
from nlp_lstm.states.described.plan import SchemaPlan, spoken
from nlp_lstm.states.described.readings import Described
from nlp_lstm.states.described.schema import Setter
from nlp_lstm.states.described.situation import heard, situate
from nlp_lstm.states.described.weighing import Named, offered, weigh


def start_carried(network: DescribedNetwork, places: int) -> Carried:
    """What is remembered before the first step: empty slots, and sure of it."""
    return Carried(network.turn_memory.start(1), network.slot_memory.start(places), (1.0,) * places)


@torch.no_grad()
def answer(
    network: DescribedNetwork,
    plan: SchemaPlan,
    described: Described,
    busy: Sequence[tuple[Cursor, list[Read]]],
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
    named: dict[int, list[Named]] = {}
    for one in offered(reading, exists):
        named.setdefault(one.row, []).append(one)
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
                cursor.view[one.place]: _offer(read, one, cursor.belief.step)
                for one in named.get(rows.start + place, ())
                if not plan.slots[cursor.view[one.place]].values
            }
            cursor.belief = heard(read.step, read.places, cursor.belief, offers)
        situations = lay_situations(
            [situate(plan, cursor.view, read.step, cursor.belief) for cursor, read in now],
            views,
            range(active),
        )
        before = turns, slots
        turns = network.turn_memory.step(reading.summaries[rows], turns)
        inputs = network.slot_input(reading, turns[0], situations, rows)
        S = inputs.shape[1]
        flat = network.slot_memory.step(
            inputs.flatten(0, 1), (slots[0].flatten(0, 1), slots[1].flatten(0, 1))
        )
        slots = (flat[0].view(active, S, -1), flat[1].view(active, S, -1))
        hidden = network.with_memory(inputs, slots[0])
        candidates = network.candidates(hidden, reading, described, views, situations, rows)
        weighed = weigh(candidates, reading, situations, views, rows)
        for place, (cursor, read) in enumerate(now):
            if read.by == "agent":
                hear_agent(plan, cursor, read, named.get(rows.start + place, ()))
                continue
            judge = Judge(plan, cursor.view, read.step, read.places, cursor.belief)
            verdicts = [judge.verdict(weighed, place, where) for where in weighed.moving[place]]
            wanted = asked[rows.start + place]
            conclude(
                plan,
                cursor,
                verdicts,
                weighed.stays[place],
                [where for where, is_asked in enumerate(wanted) if is_asked],
                read.at,
            )
        turns, slots = _of_customers([read.by for _, read in now], (turns, slots), before)
        for place, (cursor, _) in enumerate(now):
            if len(busy[place][1]) == time + 1:
                own = len(cursor.view)
                cursor.carried = Carried(
                    (turns[0][place : place + 1], turns[1][place : place + 1]),
                    (slots[0][place, :own], slots[1][place, :own]),
                    cursor.answers[-1].confidence,
                )


def _of_customers(
    speakers: Sequence[Setter], after: tuple[State, State], before: tuple[State, State]
) -> tuple[State, State]:
    """The memories after a step: only what customers say to is remembered as a step."""
    if "agent" not in speakers:
        return after
    ours = torch.tensor([speaker == "customer" for speaker in speakers])
    turns, slots = (
        tuple(
            torch.where(ours.view(-1, *[1] * (new.dim() - 1)), new, old)
            for new, old in zip(now, then, strict=True)
        )
        for now, then in zip(after, before, strict=True)
    )
    return (turns[0], turns[1]), (slots[0], slots[1])


def _offer(read: Read, named: Named, step: int) -> Offer:
    raw, evidence = read.places.said(named.first, named.last)
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
