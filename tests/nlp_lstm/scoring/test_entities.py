"""Strict span scores, judged by seqeval."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOBES

from corpora.conversation import Conversation, Turn
from corpora.labels import EntitySpan, LabelledConversation, TurnLabels
from nlp_lstm.entities.decode import encode_bioes
from nlp_lstm.scoring.entities import score_entities

WORDS = 4
OFFSETS = [(2 * i, 2 * i + 1) for i in range(WORDS)]


@st.composite
def turn_labels(draw: st.DrawFn) -> TurnLabels:
    cuts = sorted(draw(st.sets(st.integers(0, WORDS))))
    spans = [
        EntitySpan(2 * first, 2 * last - 1, draw(st.sampled_from(["a", "b", "c"])))
        for first, last in pairwise(cuts)
        if draw(st.booleans())
    ]
    return TurnLabels(entities=tuple(spans))


PAIRS = st.lists(st.tuples(turn_labels(), turn_labels()), min_size=1, max_size=8)


def labelled(*labels: TurnLabels) -> LabelledConversation:
    turns = tuple(Turn("a b c d") for _ in labels)
    return LabelledConversation(Conversation("c", turns), labels)


@settings(deadline=None)
@given(PAIRS)
# seqeval warns where a label is never predicted; its figures are the same as ours: 0.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_agrees_with_seqeval(pairs: list[tuple[TurnLabels, TurnLabels]]) -> None:
    scores = score_entities([labelled(*(gold for gold, _ in pairs))], [[p for _, p in pairs]])

    gold = [encode_bioes(truth.entities or (), OFFSETS) for truth, _ in pairs]
    found = [encode_bioes(answer.entities or (), OFFSETS) for _, answer in pairs]
    strict = {"mode": "strict", "scheme": IOBES, "zero_division": 0}
    assert scores.metrics["span_precision"] == pytest.approx(precision_score(gold, found, **strict))
    assert scores.metrics["span_recall"] == pytest.approx(recall_score(gold, found, **strict))
    assert scores.metrics["span_f1"] == pytest.approx(f1_score(gold, found, **strict))


@settings(deadline=None)
@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_conversations_does_not_matter(
    pairs: list[tuple[TurnLabels, TurnLabels]], rng: random.Random
) -> None:
    shuffled = list(pairs)
    rng.shuffle(shuffled)

    def metrics(some: list[tuple[TurnLabels, TurnLabels]]) -> object:
        return score_entities([labelled(gold) for gold, _ in some], [[p] for _, p in some]).metrics

    assert metrics(shuffled) == metrics(pairs)


def test_an_end_one_character_off_is_wrong() -> None:
    gold = labelled(TurnLabels(entities=(EntitySpan(0, 3, "a"),)))

    scores = score_entities([gold], [[TurnLabels(entities=(EntitySpan(0, 2, "a"),))]])

    assert scores.metrics["span_f1"] == 0


def test_confidences_are_held_against_what_was_right() -> None:
    gold = labelled(*[TurnLabels(entities=(EntitySpan(0, 1, "a"),))] * 4)
    found = [TurnLabels(entities=(EntitySpan(0, 1, label, confidence=0.75),)) for label in "aaab"]

    assert score_entities([gold], [found]).metrics["ece"] == pytest.approx(0.375)
    assert score_entities([gold], [[TurnLabels(entities=())] * 4]).metrics["ece"] == 0


def test_turns_that_nobody_labelled_are_not_scored() -> None:
    gold = labelled(TurnLabels(), TurnLabels(entities=()))
    found = TurnLabels(entities=(EntitySpan(0, 1, "a"),))

    scores = score_entities([gold], [[found, found]])

    assert scores.counts == {"conversations": 1, "turns": 1, "spans": 0, "predicted_spans": 1}


def test_tables_break_the_same_spans_down() -> None:
    span = TurnLabels(entities=(EntitySpan(0, 1, "a"),))
    gold = labelled(*[span] * 3)

    scores = score_entities([gold], [[span, TurnLabels(entities=()), span]])

    positions, labels = scores.tables
    assert [row[:2] for row in positions.rows] == [("1 to 2", 2), ("3 to 4", 1)]
    assert labels.rows == (("a", 3, 1.0, 2 / 3, 0.8),)


def test_predictions_for_other_turns_are_refused() -> None:
    gold = labelled(TurnLabels(entities=()))
    with pytest.raises(ValueError, match="0 answers for 1 turns in 'c'"):
        score_entities([gold], [[]])
    with pytest.raises(ValueError, match="0 predictions for 1"):
        score_entities([gold], [])
