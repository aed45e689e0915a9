"""Turns that take one of several things back, told into chats that have none."""

import random

from corpora.labels import LabelledConversation
from nlp_lstm.states.described.removals import NAMING_AGAIN, TAKING_BACK, with_removal
from tests.nlp_lstm.states.described.tiny_described import Said, labelled

SEVERAL = frozenset({"meal-dishes"})
ORDER = labelled(
    Said("hi", "soup", {"meal-dishes": "soup"}),
    Said("and?", "fries, up north", {"meal-dishes": ("soup", "fries"), "hotel-area": "north"}),
    Said("ok", "soup!", {"meal-dishes": ("soup", "fries")}, marked={"meal-dishes": "soup"}),
    Said("fine", "bye", {"meal-dishes": ("soup", "fries")}),
)


def held(labelled: LabelledConversation, turn: int) -> set[str] | None:
    state = labelled.labels[turn].state
    return None if state is None else {one.value for one in state if one.slot in SEVERAL}


def test_what_is_taken_back_is_gone_until_somebody_asks_for_it_again() -> None:
    taken, named = 0, 0
    for seed in range(60):
        told = with_removal(ORDER, SEVERAL, random.Random(seed))
        old = [turn.text for turn in ORDER.conversation.turns]
        new = [turn.text for turn in told.conversation.turns]
        (place,) = [at for at in range(len(new)) if new[:at] + new[at + 1 :] == old]
        before, after = held(told, place - 1), held(told, place)
        assert before is not None
        assert after is not None
        assert told.conversation.turns[place].role == "customer"
        (thing,) = {one for one in ("soup", "fries") if one in new[place]}
        if after == before:
            named += 1
            assert new[place] in {said.format(value=thing) for said in NAMING_AGAIN}
            assert told.labels[place + 1 :] == ORDER.labels[place:]
        else:
            taken += 1
            assert new[place] in {said.format(value=thing) for said in TAKING_BACK}
            assert before - after == {thing}
            for later in range(place + 1, len(new)):
                states = held(told, later)
                # Where soup is marked, it is wanted again.
                again = thing == "soup" and "soup!" in new[place : later + 1]
                assert states is None or (thing in states) is again
    assert min(taken, named) > 5


def test_other_labels_stay() -> None:
    for seed in range(20):
        told = with_removal(ORDER, SEVERAL, random.Random(seed))
        areas = [any(one.slot == "hotel-area" for one in each.state or ()) for each in told.labels]
        assert sum(areas) in (1, 2)


def test_chats_that_hold_nothing_of_the_kind_stay_as_they_are() -> None:
    none = labelled(Said("", "Acorn", {"hotel-name": "Acorn"}))

    assert with_removal(none, SEVERAL, random.Random(1)) is none
    assert with_removal(ORDER, frozenset(), random.Random(1)) is ORDER
