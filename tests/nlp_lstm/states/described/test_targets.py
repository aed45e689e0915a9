"""What training sees of labelled conversations when the tracker is made to miss some of it."""

import random

import pytest
import torch

from nlp_lstm.states.described.gold import Entry, Example
from nlp_lstm.states.described.situation import (
    ANY,
    FILLED,
    HELD_SAID,
    OF_HELD,
    OFFER_HELD,
    OFFERED_BEFORE,
    OFFERED_NOW,
    SEVERAL,
    VALUE_HELD,
)
from nlp_lstm.states.described.targets import Noise, Seen, Targets, lay_targets, see
from tests.nlp_lstm.states.described.tiny_described import PLAN, SCHEMA, SLOT, Said, examples

ACORN = {"hotel-name": "Acorn"}
NAME, AREA, DISHES = SLOT["hotel-name"], SLOT["hotel-area"], SLOT["meal-dishes"]
S, A, L = len(PLAN.slots), max(len(own.values) for own in PLAN.slots), 12


class Scripted(random.Random):
    """Chances in a given order, and none after them."""

    def __init__(self, *chances: float) -> None:
        super().__init__(0)
        self.chances = list(chances)

    def random(self) -> float:
        return self.chances.pop(0) if self.chances else 1.0


def forgetting(*chances: float) -> Noise:
    return Noise(forgotten=0.5, unheard=0.0, rng=Scripted(*chances))


def laid(chat: list[Example], seen: list[Seen]) -> Targets:
    return lay_targets([chat], [seen], (len(chat), S, A, L))


HELD = [
    Said("", "Acorn", ACORN),
    Said("", "so?", ACORN),
    Said("", "hm", ACORN),
    Said("", "Acorn I said", ACORN),
    Said("", "Ritz", {"hotel-name": "Ritz"}),
    Said("", "ok", {"hotel-name": "Ritz"}),
]


def test_without_noise_everything_is_seen_as_labelled() -> None:
    chat = examples(*HELD)
    seen = see(chat, None)

    assert [one.situation for one in seen] == [example.situation for example in chat]
    assert [one.right for one in seen] == [dict(example.right) for example in chat]
    assert all(not one.lost for one in seen)
    taught = [float("customer" in slot.set_by) for slot in SCHEMA.slots]
    assert laid(chat, seen).weights.tolist() == [taught] * len(chat)


def test_a_missed_slot_is_empty_and_teaches_nothing_until_its_value_is_said_again() -> None:
    """It is forgotten at the second step. At the fourth, the customer says it once more."""
    chat = examples(*HELD)
    seen = see(chat, forgetting(0.1))

    filled = [bool(one.situation.slots[NAME] & OF_HELD) for one in seen]
    assert filled == [False, False, False, False, True, True]
    assert [NAME in one.lost for one in seen] == [False, True, True, False, False, False]
    assert seen[3].right[NAME] == [(Entry.START, chat[3].step.user_starts + 1)]

    targets = laid(chat, seen)
    assert targets.weights[:, NAME].tolist() == [1, 0, 0, 1, 1, 1]
    assert targets.weights[:, AREA].tolist() == [1] * 6


@pytest.mark.parametrize(
    ("change", "right", "is_lost"),
    [
        pytest.param({}, [(Entry.PLAIN, 0)], False, id="deleted: empty is right again"),
        pytest.param({"hotel-name": "dontcare"}, [(Entry.PLAIN, 1)], False, id="any will do"),
        pytest.param({"hotel-name": "Hilton"}, [], True, id="changed beyond reach: missed still"),
    ],
)
def test_what_ends_forgetting(
    change: dict[str, str], right: list[tuple[Entry, int]], is_lost: bool
) -> None:
    chat = examples(Said("", "Acorn", ACORN), Said("", "x", ACORN), Said("", "y", change))
    seen = see([*chat, *examples(Said("", "z", change))], forgetting(0.1))

    assert seen[2].right[NAME] == right
    assert (NAME in seen[2].lost) is is_lost
    assert (seen[3].right.get(NAME) == []) is is_lost


def test_a_missed_value_of_a_list_is_neither_marked_nor_copied() -> None:
    north = {"hotel-area": "north"}
    chat = examples(
        Said("", "north", north), Said("", "taxi there", {**north, "taxi-area": "north"})
    )
    before, after = see(chat, None)[1], see(chat, forgetting(0.1))[1]

    assert before.situation.values[AREA, 0] & VALUE_HELD
    assert not after.situation.values[AREA, 0] & VALUE_HELD
    assert (SLOT["taxi-area"], AREA) in before.situation.copies
    assert (SLOT["taxi-area"], AREA) not in after.situation.copies


def test_an_unheard_offer_cannot_be_accepted_until_it_is_made_again() -> None:
    offer = Said("the Acorn?", "hm", {}, offered=ACORN)
    accepted = Said("or not?", "yes", ACORN, offered={})
    chat = examples(offer, accepted, Said("so the Acorn", "yes, Acorn", ACORN, offered=ACORN))
    missed = see(chat, Noise(0.0, 0.5, Scripted(0.1)))

    assert chat[1].right[NAME] == [(Entry.OFFER, 0)]
    offered = OFFERED_NOW | OFFERED_BEFORE
    assert [bool(one.situation.slots[NAME] & offered) for one in missed] == [False, False, True]
    assert missed[1].right[NAME] == []
    assert laid(chat, missed).weights[:, NAME].tolist() == [1, 0, 1]
    assert (Entry.OFFER, 0) in missed[2].right[NAME]


def test_an_unheard_offer_is_not_known_to_be_the_present_value() -> None:
    chat = examples(
        Said("hello", "Acorn", ACORN, offered={}), Said("the Acorn?", "yes", ACORN, offered=ACORN)
    )
    (_, heard), (_, missed) = see(chat, None), see(chat, Noise(0.0, 0.5, Scripted(1.0, 0.1)))

    assert heard.situation.slots[NAME] & OFFER_HELD
    assert missed.situation.slots[NAME] & (FILLED | OFFER_HELD) == FILLED


def test_nothing_can_be_taken_back_from_a_slot_that_was_missed() -> None:
    both = {"meal-dishes": ("green salad", "soup")}
    chat = examples(
        Said("", "salad and soup", both),
        Said("", "no soup", {"meal-dishes": "green salad"}),
        Said("", "the salad and fries", {"meal-dishes": ("green salad", "large fries")}),
    )
    known, missed = laid(chat, see(chat, None)), laid(chat, see(chat, forgetting(0.1)))

    assert known.removable[:, DISHES].tolist() == [False, True, True]
    assert known.taken_back[:, DISHES].tolist() == [0, 1, 0]
    assert not missed.removable.any()
    assert see(chat, forgetting(0.1))[1].situation.slots[DISHES] & HELD_SAID == 0


def test_where_targets_stand() -> None:
    """Nothing, don't care, keep; the offer; A listed values; S slots; L words."""
    chat = examples(
        Said("the Acorn?", "yes, north", {**ACORN, "hotel-area": "north"}, offered=ACORN),
        Said("", "Ritz", {"hotel-name": "Ritz", "taxi-area": "north"}, requests=("taxi-time",)),
    )
    targets = laid(chat, see(chat, None))

    def right(row: int, place: int) -> list[int]:
        return [int(one) for one in targets.right[row, place].nonzero()[:, 0]]

    first_word = 4 + A + S
    assert right(0, NAME) == [3]
    assert right(0, AREA) == [4]
    assert right(0, DISHES) == [0]
    assert right(1, NAME) == [first_word + chat[1].step.user_starts + 1]
    assert right(1, AREA) == [0]
    assert targets.requests[:, SLOT["taxi-time"]].tolist() == [0, 1]
    assert targets.offers.tolist() == [[0, NAME, 2, 2]]
    assert targets.spans.tolist() == [[1, NAME, 2, 2]]
    assert right(1, SLOT["taxi-area"]) == [4, 4 + A + AREA]


def test_conversations_are_laid_out_by_time() -> None:
    """Step t of conversation c is row t * C + c; what is shorter leaves rows that teach nothing."""
    short, long = examples(HELD[0]), examples(*HELD[:3])
    targets = lay_targets([short, long], [see(short, None), see(long, None)], (3, S, A, L))

    assert targets.weights.any(dim=1).tolist() == [True, True, False, True, False, True]
    word = 4 + A + S + long[0].step.user_starts + 1
    assert targets.right[:2, NAME, word].tolist() == [True, True]
    assert torch.equal(targets.right.any(dim=2).any(dim=1), targets.weights.any(dim=1))


def test_how_often_slots_are_missed() -> None:
    chat = examples(*HELD) * 50
    seen = see(chat, Noise(0.1, 0.0, random.Random(4)))

    filled = [bool(example.situation.slots[NAME] & (FILLED | ANY)) for example in chat]
    missed = [
        bool(example.situation.slots[NAME] & FILLED and not one.situation.slots[NAME] & FILLED)
        for example, one in zip(chat, seen, strict=True)
    ]
    assert 0.1 * sum(filled) < sum(missed) < 0.4 * sum(filled)
    assert all(one.situation.slots[DISHES] == SEVERAL for one in seen)
