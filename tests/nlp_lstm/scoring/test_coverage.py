"""Risk over coverage, and what is gained by answers that stay."""

from collections.abc import Sequence

import pytest

from corpora.conversation import Conversation, Turn
from corpora.labels import LabelledConversation, SlotValue, StateChange, TurnLabels
from nlp_lstm.scoring.answers import Answer
from nlp_lstm.scoring.carried import routed_share, routed_states
from nlp_lstm.scoring.coverage import fall_when_routed, rankings
from nlp_lstm.scoring.promise import bands_of, part_of
from nlp_lstm.scoring.trust import trust
from nlp_lstm.scoring.turn_answers import TurnAnswer

SURE = (0.9, 0.8, 0.8, 0.6, 0.3)
RIGHT = (True, True, False, True, False)
ANSWERS = [
    TurnAnswer(n, 0, 50 - n, sure, right)
    for n, (sure, right) in enumerate(zip(SURE, RIGHT, strict=True))
]


def test_the_area_is_the_one_that_evaluate_prints() -> None:
    same = [Answer("classes", "x", n, 1, a.confidence, a.right) for n, a in enumerate(ANSWERS)]

    assert rankings(ANSWERS)[0].area == pytest.approx(trust(same).aurc)


def test_routing_at_random_leaves_the_error_as_it_is() -> None:
    _, length, random = rankings(ANSWERS)

    assert random.error.tolist() == pytest.approx([0.4] * 5)
    assert length.at(0.2) == 1.0  # the shortest context is the last answer's


def test_what_is_routed_is_right() -> None:
    assert fall_when_routed(ANSWERS, 0.2) == pytest.approx(0.5)
    assert fall_when_routed(ANSWERS, 1.0) == 1.0


def states(*held: str | None) -> list[TurnLabels]:
    """One slot, turn by turn, with the changes that made it so."""
    labels, before = [], None
    for value in held:
        changes = () if value == before else (StateChange("set", "food", value, 0.9),)
        state = () if value is None else (SlotValue("food", value),)
        labels.append(TurnLabels(state=state, changes=changes, requests=()))
        before = value
    return labels


def sure_of(labels: Sequence[TurnLabels], *confidence: float) -> list[TurnLabels]:
    from dataclasses import replace

    return [replace(one, state_confidence=c) for one, c in zip(labels, confidence, strict=True)]


def chat(labels: Sequence[TurnLabels]) -> LabelledConversation:
    turns = tuple(Turn("x", role="customer") for _ in labels)
    return LabelledConversation(Conversation("c", turns), tuple(labels))


def test_an_answer_stays_until_the_tracker_changes_the_slot() -> None:
    gold = [chat(states("thai", "thai", "thai", "thai"))]
    # Wrong from the first turn on, unsure at the second, and changed for the worse at the last.
    said = [sure_of(states("indian", "indian", "indian", "greek"), 0.9, 0.4, 0.39, 0.38)]

    routed = routed_states(gold, said, 0.5)

    assert routed.routed == 0.25  # the second turn alone: nothing was lost since
    assert routed.error == 0.5  # the first, and the last
    assert routed.slots == 2


def test_no_larger_share_is_routed_than_asked_for() -> None:
    gold = [chat(states("thai", "thai"))]
    said = [sure_of(states("indian", "indian"), 0.6, 0.5)]

    assert routed_share(gold, said, 0.2).routed == 0.0
    assert routed_share(gold, said, 0.5).error <= 0.5


def test_bands_have_a_fair_share_of_the_answers_each() -> None:
    short = [TurnAnswer(n, 0, 10, 0.5, True) for n in range(90)]
    longer = [TurnAnswer(n, 1, 50, 0.5, True) for n in range(60)]
    longest = [TurnAnswer(n, 2, 500, 0.5, True) for n in range(2)]

    bands = bands_of([*short, *longer, *longest])

    assert [(band.start, band.stop) for band in bands] == [(0, 33), (33, 2**31)]


def test_every_conversation_falls_into_one_part_and_always_the_same() -> None:
    cut = [part_of(f"chat-{n}") for n in range(2000)]

    assert cut == [part_of(f"chat-{n}") for n in range(2000)]
    assert {name: round(cut.count(name) / 2000, 1) for name in set(cut)} == {
        "choosing": 0.1 if cut.count("choosing") < 300 else 0.2,
        "tested": 0.5,
        "held out": 0.3 if cut.count("held out") < 700 else 0.4,
    }
