"""Measures of trust against independent judges, and the answers they are taken over."""

import math
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from corpora.conversation import Conversation, Turn
from corpora.labels import (
    Emotion,
    EntitySpan,
    LabelledConversation,
    Sentiment,
    SlotValue,
    StateChange,
    TurnLabels,
)
from nlp_lstm.scoring.answers import Answer, judged_answers
from nlp_lstm.scoring.trust import FEWEST, trust, trust_tables


def answer(confidence: float, right: bool, *, label: str = "a", position: int = 1) -> Answer:
    return Answer("spans", label, 0, position, confidence, right)


# Few different confidences, so that ties are the rule.
JUDGED = st.lists(
    st.builds(answer, st.sampled_from([0.1, 0.4, 0.5, 0.9]), st.booleans()), min_size=1, max_size=40
)


@given(JUDGED)
def test_figures_are_those_of_another_library(answers: list[Answer]) -> None:
    measured = trust(answers)
    sure = [one.confidence for one in answers]
    right = [one.right for one in answers]

    assert measured.brier == pytest.approx(brier_score_loss(right, sure))
    assert measured.log_loss == pytest.approx(log_loss(right, sure, labels=[False, True]))
    if len(set(right)) == 1:
        assert math.isnan(measured.auroc)
    else:
        assert measured.auroc == pytest.approx(roc_auc_score(right, sure))


@given(
    st.lists(
        st.builds(answer, st.sampled_from([0.1, 0.4, 0.9]), st.booleans()), min_size=1, max_size=6
    )
)
def test_risk_is_the_mean_over_every_order_of_equal_confidences(answers: list[Answer]) -> None:
    orders = [
        order
        for order in permutations(answers)
        if all(a.confidence >= b.confidence for a, b in pairwise(order))
    ]
    areas = [
        sum(sum(not one.right for one in order[:k]) / k for k in range(1, len(order) + 1))
        / len(order)
        for order in orders
    ]

    assert trust(answers).aurc == pytest.approx(sum(areas) / len(areas))


def test_a_confidence_that_sorts_answers_well_has_less_risk_than_chance() -> None:
    sorted_well = [answer(0.9, True)] * 8 + [answer(0.2, False)] * 2
    measured = trust(sorted_well)

    assert measured.auroc == 1
    assert measured.aurc < 1 - measured.right == pytest.approx(0.2)


def test_a_confident_mistake_costs_much_but_not_everything() -> None:
    assert trust([answer(1.0, False)]).log_loss == pytest.approx(-math.log(1e-6))


def test_no_answers_have_no_trust() -> None:
    with pytest.raises(ValueError, match="at least one answer"):
        trust([])


def test_tables_leave_out_rows_of_too_few_answers() -> None:
    many = [answer(0.8, True, label="city", position=4)] * FEWEST
    few = [answer(0.8, True, label="name", position=30)] * (FEWEST - 1)

    (table,) = trust_tables([*many, *few])

    assert [row[0] for row in table.rows] == ["all", "turns 3-5", "city"]
    assert table.rows[0][1] == 2 * FEWEST - 1


def labelled(*labels: TurnLabels) -> LabelledConversation:
    turns = tuple(Turn("we go to Rome", "Ana", "customer") for _ in labels)
    return LabelledConversation(Conversation("c", turns), labels)


def test_a_span_is_right_where_place_and_label_are() -> None:
    gold = [labelled(TurnLabels(entities=(EntitySpan(9, 13, "city"),)), TurnLabels())]
    said = (EntitySpan(9, 13, "city", 0.9), EntitySpan(9, 13, "name", 0.3))
    predicted = [[TurnLabels(entities=said), TurnLabels(entities=said)]]

    answers = judged_answers("entities", gold, predicted)

    assert answers == [
        Answer("spans", "city", 0, 1, 0.9, True),
        Answer("spans", "name", 0, 1, 0.3, False),
    ]


def test_changes_and_whole_states_are_answers() -> None:
    state = (SlotValue("city", "rome"), SlotValue("day", "monday"))
    changes = (
        StateChange("set", "city", "rome", 0.9),
        StateChange("set", "day", "sunday", 0.4),
    )
    said = TurnLabels(
        state=(SlotValue("city", "rome"), SlotValue("day", "sunday")),
        changes=changes,
        state_confidence=0.5,
    )

    answers = judged_answers("states", [labelled(TurnLabels(state=state))], [[said]])

    assert [(one.kind, one.label, one.right) for one in answers] == [
        ("changes", "city", True),
        ("changes", "day", False),
        ("whole states", "whole state", False),
    ]


def test_classes_and_emotions_are_answers_where_somebody_labelled_them() -> None:
    gold = labelled(
        TurnLabels(sentiment=Sentiment("negative", emotions=(Emotion("anger"),))),
        TurnLabels(sentiment=Sentiment("positive")),
        TurnLabels(),
    )
    feeling = Sentiment(
        "negative", confidence=0.7, emotions=(Emotion("anger", 0.6), Emotion("joy", 0.2))
    )
    said = TurnLabels(sentiment=feeling)

    answers = judged_answers("sentiment", [gold], [[said, said, said]])

    assert [(one.kind, one.label, one.position, one.right) for one in answers] == [
        ("classes", "negative", 1, True),
        ("emotions", "anger", 1, True),
        ("emotions", "joy", 1, False),
        ("classes", "negative", 2, False),
    ]
