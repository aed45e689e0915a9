"""What a slot's scores may depend on, and what not."""

import random
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from nlp_lstm.states.described.batches import lay_situations, lay_steps, lay_views, slot_words
from nlp_lstm.states.described.examples import ExampleReader
from nlp_lstm.states.described.gold import Example
from nlp_lstm.states.described.network import DescribedNetwork
from nlp_lstm.states.described.plan import SchemaPlan
from nlp_lstm.states.described.readings import Candidates, Reading
from nlp_lstm.states.described.schema import DescribedSchema
from tests.nlp_lstm.states.described.tiny_described import (
    PLAN,
    SCHEMA,
    Said,
    labelled,
    tiny_network,
)

NETWORK = tiny_network()
# Slot → what it could hold → its score.
Scores = dict[str, dict[str, float]]
ACORN = {"hotel-name": "Acorn"}
SHORT = (Said("hello", "north", {"hotel-area": "north"}),)
LONG = (
    Said("the Acorn or 6 pm?", "the Acorn, up north", ACORN, offered=ACORN),
    Said("", "a taxi from there, soup and fries please", {**ACORN, "taxi-from": "Acorn"}),
    Said(
        "south? soup? " + "and what else " * 20,
        "at 6 pm, no soup, four of us, " * 4,
        {**ACORN, "taxi-from": "Acorn", "taxi-time": "18:00", "meal-dishes": ("soup",)},
        offered={"hotel-name": "what"},
    ),
)


def chat(
    *said: Said, plan: SchemaPlan = PLAN, groups: Sequence[str] | None = None
) -> list[Example]:
    return ExampleReader(plan)(labelled(*said), groups)


@torch.no_grad()
def scored(
    group: Sequence[list[Example]], plan: SchemaPlan = PLAN, network: DescribedNetwork = NETWORK
) -> list[list[Scores]]:
    """For each conversation and step, for each slot: a score for all that it could hold."""
    views_of = [examples[0].view for examples in group]
    slots = sorted({slot for view in views_of for slot in view})
    views = lay_views(plan, views_of, slots)
    table = network.rows.table
    batch = lay_steps([[one.step for one in examples] for examples in group], views_of, table)
    T, C = batch.steps, len(group)
    situations = lay_situations(
        [group[c][t].situation if t < len(group[c]) else None for t in range(T) for c in range(C)],
        views,
        [c for _ in range(T) for c in range(C)],
    )
    described = network.describe(slot_words(plan, slots, table))
    reading = network.read(batch, views, described)
    everything = slice(0, T * C)
    memories = _through_time(network.turn_memory, reading.summaries, T)
    inputs = network.slot_input(reading, memories, situations, everything)
    S = inputs.shape[1]
    by_slot = _through_time(network.slot_memory, inputs.reshape(T * C * S, -1), T)
    hidden = network.with_memory(inputs, by_slot.view(T * C, S, -1))
    found = network.candidates(hidden, reading, described, views, situations, everything)
    return [
        [_scores(plan, example, found, reading, t * C + c) for t, example in enumerate(examples)]
        for c, examples in enumerate(group)
    ]


def _scores(
    plan: SchemaPlan, example: Example, found: Candidates, reading: Reading, row: int
) -> Scores:
    """One step's scores by what they are of; what stands beyond its words and values is never."""
    A, S, words = found.listed, found.logits.shape[1], len(example.step.forms)
    names = [plan.schema.slots[slot].name for slot in example.view]
    scores: Scores = {}
    for place, slot in enumerate(example.view):
        logits, values = found.logits[row, place], plan.slots[slot].values
        starts, ends = logits[4 + A + S :], reading.ends[row, place]
        offers = reading.offers[row, place]
        for beyond in (logits[4 + len(values) : 4 + A], starts[words:], ends[words:]):
            assert torch.isneginf(beyond).all()
        assert torch.isneginf(offers[words:]).all()
        asked, removed = reading.requests[row, place], found.taken_back[row, place]
        scores[names[place]] = {
            **dict(zip(["nothing", "any", "keep", "offer"], logits[:4].tolist(), strict=True)),
            **dict(zip(values, logits[4 : 4 + len(values)].tolist(), strict=True)),
            **{f"copy {name}": float(logits[4 + A + other]) for other, name in enumerate(names)},
            **{f"start {word}": float(starts[word]) for word in range(words)},
            **{f"end {word}": float(ends[word]) for word in range(words)},
            **{f"offer {word}": float(offers[word]) for word in range(words)},
            "request": float(asked),
            "taken back": float(removed),
        }
    return scores


def _through_time(memory: torch.nn.Module, rows: Tensor, times: int) -> Tensor:
    read: Tensor = memory(rows.view(times, -1, rows.shape[1]).transpose(0, 1))
    return read.transpose(0, 1).reshape(rows.shape[0], -1)


def assert_same(found: list[Scores], expected: list[Scores]) -> None:
    assert len(found) == len(expected)
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.keys() == theirs.keys()
        for slot, entries in mine.items():
            assert entries == pytest.approx(theirs[slot], abs=1e-4), slot


def test_padding_and_others_in_the_batch_change_nothing() -> None:
    """Neither longer turns, nor more steps, nor more of them, nor in which order they stand."""
    (short,), (long,) = scored([chat(*SHORT)]), scored([chat(*LONG)])

    one, two = scored([chat(*SHORT), chat(*LONG)])
    assert_same(one, short)
    assert_same(two, long)
    *_, last = scored([chat(*LONG), *[chat(*LONG[:2])] * 44, chat(*SHORT)])
    assert_same(last, short)


def test_other_conversations_slots_change_nothing() -> None:
    """Slots stand at other places, and categories list more values, for those of other groups."""
    alone = [scored([chat(*LONG, groups=[group])])[0] for group in ("hotel", "taxi", "meal")]

    together = scored([chat(*LONG, groups=[group]) for group in ("hotel", "taxi", "meal")])

    for found, expected in zip(together, alone, strict=True):
        assert_same(found, expected)


def test_the_order_of_a_schema_says_nothing() -> None:
    slots = list(SCHEMA.slots)
    random.Random(1).shuffle(slots)
    shuffled = SchemaPlan(DescribedSchema(name="shuffled", slots=tuple(slots)))

    (found,) = scored([chat(*LONG, plan=shuffled)], shuffled)

    assert_same(found, scored([chat(*LONG)])[0])


def test_the_order_of_listed_values_says_nothing() -> None:
    slots = tuple(slot.model_copy(update={"values": slot.values[::-1]}) for slot in SCHEMA.slots)
    turned = SchemaPlan(DescribedSchema(name="turned", slots=slots))

    (found,) = scored([chat(*LONG, plan=turned)], turned)

    assert_same(found, scored([chat(*LONG)])[0])


def test_slots_are_what_their_names_and_descriptions_say() -> None:
    """Two slots of one name (their groups' apart), kind and description are one to the network."""
    twins = tuple(
        SCHEMA.slots[1].model_copy(update={"name": f"{group}-name", "group": group})
        for group in ("hotel", "hostel")
    )
    plan = SchemaPlan(DescribedSchema(name="twins", slots=twins))
    said = Said("", "the Acorn", {"hotel-name": "Acorn", "hostel-name": "Acorn"})

    (told,) = scored([chat(said, plan=plan)], plan)

    assert told[0]["hotel-name"]["start 3"] == pytest.approx(told[0]["hostel-name"]["start 3"])
    other = SchemaPlan(
        DescribedSchema(name="x", slots=(twins[0].model_copy(update={"description": "a taxi"}),))
    )
    (changed,) = scored([chat(said, plan=other)], other)
    assert abs(changed[0]["hotel-name"]["start 3"] - told[0]["hotel-name"]["start 3"]) > 1e-3


def test_what_cannot_be_is_ruled_out() -> None:
    (steps,) = scored([chat(*LONG)])
    first, second, third = steps
    never = -float("inf")

    name = first["hotel-name"]
    assert (name["keep"], name["copy taxi-from"]) == (never, never)
    assert name["offer"] > never
    assert first["taxi-from"]["offer"] == never
    assert second["hotel-name"]["keep"] > never
    assert second["taxi-from"]["copy hotel-name"] > never
    assert third["hotel-name"]["copy hotel-name"] == never
    # What the customer says is not for the agent's slots.
    assert {score for entry, score in first["meal-clerk"].items() if entry.startswith("start")} == {
        never
    }
    # <sys> the Acorn or 6 pm ? <usr> the Acorn , up north
    starts = [word for word in range(13) if name[f"start {word}"] > never]
    offers = [word for word in range(13) if name[f"offer {word}"] > never]
    ends = [word for word in range(13) if name[f"end {word}"] > never]
    assert starts == [8, 9, 10, 11, 12]
    assert offers == [1, 2, 3, 4, 5, 6]
    assert ends == [*offers, *starts]
