"""Curves through conversations: what falls, what is forgotten, and how sure that is."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.conversation import Conversation, Turn
from corpora.labels import (
    Emotion,
    EntitySpan,
    LabelledConversation,
    Sentiment,
    SlotValue,
    TurnLabels,
)
from nlp_lstm.scoring.ages import Aged, aged_values
from nlp_lstm.scoring.bootstrap import shares
from nlp_lstm.scoring.histories import measure_histories, with_history
from nlp_lstm.scoring.observations import Observation, observations
from nlp_lstm.scoring.retention import retention_curves


def state(**slots: str) -> TurnLabels:
    return TurnLabels(state=tuple(SlotValue(*one) for one in sorted(slots.items())))


def chat(*labels: TurnLabels, name: str = "c") -> LabelledConversation:
    turns = tuple(Turn(f"turn {number}", "Ana", "customer") for number in range(len(labels)))
    return LabelledConversation(Conversation(name, turns), labels)


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(1, 5)).map(lambda t: (min(t), t[1])),
        min_size=1,
        max_size=20,
    )
)
def test_a_share_lies_in_its_interval_between_the_extremes(rows: list[tuple[int, int]]) -> None:
    parts, wholes = (np.array(rows, dtype=float)[:, [place]] for place in (0, 1))

    (one,) = shares(parts, wholes)

    assert one.value == pytest.approx(parts.sum() / wholes.sum())
    ratios = parts / wholes
    assert ratios.min() - 1e-9 <= one.low <= one.high <= ratios.max() + 1e-9
    assert one.count == wholes.sum()


def test_more_conversations_make_an_interval_narrower() -> None:
    few = np.array([[1.0], [0.0]] * 5)
    many = np.array([[1.0], [0.0]] * 500)

    (wide,), (narrow,) = (shares(parts, np.ones_like(parts)) for parts in (few, many))

    assert narrow.high - narrow.low < (wide.high - wide.low) / 5
    # The normal approximation of a half over a thousand conversations.
    assert narrow.high - narrow.low == pytest.approx(2 * 1.96 * 0.5 / math.sqrt(1000), rel=0.15)


def test_an_empty_bucket_has_no_interval() -> None:
    with pytest.raises(ValueError, match="a share of nothing"):
        shares(np.zeros((3, 1)), np.zeros((3, 1)))


def test_each_task_is_observed_by_its_own_figure() -> None:
    spans = (EntitySpan(0, 4, "city"), EntitySpan(5, 6, "day"))
    found = (EntitySpan(0, 4, "city"),)
    assert observations(
        "entities", [chat(TurnLabels(entities=spans))], [[TurnLabels(entities=found)]]
    ) == [Observation(0, 0, 2, 2.0, 3.0)]

    angry = TurnLabels(sentiment=Sentiment("negative"))
    felt = TurnLabels(sentiment=Sentiment(None, emotions=(Emotion("anger"),)))
    said = TurnLabels(sentiment=Sentiment("negative", emotions=(Emotion("joy"), Emotion("anger"))))
    assert observations("sentiment", [chat(angry, felt, TurnLabels())], [[said] * 3]) == [
        Observation(0, 0, 2, 1.0, 1.0),
        Observation(0, 1, 4, 0.0, 1.0),
    ]

    right, wrong = state(city="rome"), state(city="oslo")
    assert [
        (one.turn, one.part)
        for one in observations("states", [chat(right, right)], [[right, wrong]])
    ] == [(0, 1.0), (1, 0.0)]


GOLD = chat(
    state(city="rome"),
    state(city="rome", day="monday"),
    state(city="rome", day="monday"),
    state(city="oslo", day="monday"),
)
# The city is forgotten at turn 2; the day is never heard; the new city is.
SAID = [state(city="rome"), state(city="rome"), state(), state(city="oslo")]


def test_values_age_from_the_turn_that_labels_them() -> None:
    ages = list(aged_values([GOLD], [SAID]))

    assert [(one.turn, one.slot, one.age) for one in ages] == [
        (0, "city", 0),
        (1, "city", 1),
        (1, "day", 0),
        (2, "city", 2),
        (2, "day", 1),
        (3, "city", 0),
        (3, "day", 2),
    ]
    assert ages[3] == Aged(0, 2, "city", 2, right=False, was_right=True, before=True)
    assert ages[4] == Aged(0, 2, "day", 1, right=False, was_right=False, before=False)
    assert ages[5] == Aged(0, 3, "city", 0, right=True, was_right=True, before=None)


def test_what_is_forgotten_is_told_apart_from_what_was_never_heard() -> None:
    curves = {curve.figure: curve for curve in retention_curves("states", [GOLD], [SAID])[2:]}

    assert [(one.value, one.count) for one in curves["recall"].intervals] == [(2 / 3, 3), (0.25, 4)]
    assert [(one.value, one.count) for one in curves["retained"].intervals] == [(0.5, 2)]
    assert [(one.value, one.count) for one in curves["drifted"].intervals] == [(0.5, 2)]
    assert curves["retained"].buckets == ["1-2"]


def test_the_degradation_point_is_where_the_interval_first_lies_below() -> None:
    """Forty chats whose answers are right at first, mostly then, and never at the end."""
    right = state(city="rome")
    gold = [chat(right, right, right, name=f"c{number}") for number in range(40)]
    predicted = [[right, right if number % 20 else state(), state()] for number in range(40)]

    by_turn = retention_curves("states", gold, predicted)[0]

    assert [one.value for one in by_turn.intervals] == [1.0, 0.95, 0.0]
    assert by_turn.degradation == "3"
    assert by_turn.table.title == "Joint goal accuracy by turn (degradation point: 3)"
    assert retention_curves("states", gold, [[right] * 3] * 40)[0].degradation is None


def test_labels_of_another_task_judge_nothing() -> None:
    with pytest.raises(ValueError, match="no turn with labels of sentiment"):
        retention_curves("sentiment", [GOLD], [SAID])


def test_histories_differ_in_what_stands_before_a_turn_alone() -> None:
    gold = [replace(GOLD, labels=(TurnLabels(), *GOLD.labels[1:]))]

    none, shuffled, full = (with_history(gold, history) for history in ("none", "shuffled", "full"))

    texts = [[turn.text for turn in one.conversation.turns] for one in full]
    assert texts == [[f"turn {n}" for n in range(last + 1)] for last in (1, 2, 3)]
    assert [[turn.text for turn in one.conversation.turns] for one in none] == [
        [own[-1]] for own in texts
    ]
    for one, own in zip(shuffled, texts, strict=True):
        words = [turn.text for turn in one.conversation.turns]
        assert (sorted(words), words[-1]) == (sorted(own), own[-1])
    for ends in (none, shuffled, full):
        assert [one.labels[-1] for one in ends] == list(gold[0].labels[1:])
        assert all(labels == TurnLabels() for one in ends for labels in one.labels[:-1])


def test_a_model_that_reads_backwards_needs_its_history() -> None:
    """It knows the first turn's city only if it has heard that turn."""
    right = state(city="rome")
    gold = [chat(right, right, name=f"c{number}") for number in range(10)]

    def hears(ends: list[LabelledConversation]) -> list[list[TurnLabels]]:
        return [
            [right if one.conversation.turns[0].text == "turn 0" else state() for _ in one.labels]
            for one in ends
        ]

    table = measure_histories("states", gold, ("full", "none"), lambda ends: hears(list(ends)))

    assert [(row[0], row[1], row[4]) for row in table.rows] == [
        ("none", 0.5, 20),
        ("full", 1.0, 20),
    ]
