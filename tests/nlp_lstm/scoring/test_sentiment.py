"""Scores of emotions and sentiments, judged by scikit-learn."""

import warnings
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from corpora.conversation import Conversation, Turn
from corpora.labels import Emotion, LabelledConversation, Sentiment, SentimentLabel, TurnLabels
from nlp_lstm.scoring.sentiment import count_labels, label_metrics, score_sentiment

LABELS = ("anger", "fear", "joy", "neutral")
SETS = st.sets(st.sampled_from(LABELS), max_size=3)
SEVERAL = st.lists(st.tuples(SETS, SETS), min_size=1, max_size=25)
SINGLE = st.lists(
    st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=25
)
MEANS = ("macro", "weighted", "micro")


@settings(deadline=None, max_examples=40)
@given(SEVERAL)
def test_several_labels_as_scikit_learn_counts_them(turns: list[tuple[set[str], set[str]]]) -> None:
    gold, said = (
        np.array([[label in turn[side] for label in LABELS] for turn in turns]) for side in (0, 1)
    )

    found = label_metrics([g for g, _ in turns], [s for _, s in turns], LABELS)

    for mean in MEANS:
        expected = f1_score(gold, said, average=mean, zero_division=0)
        assert found[f"{mean}_f1"] == pytest.approx(expected)
    assert found["accuracy"] == pytest.approx(accuracy_score(gold, said))


@settings(deadline=None, max_examples=40)
@given(SINGLE)
def test_single_labels_as_scikit_learn_counts_them(turns: list[tuple[str, str]]) -> None:
    gold, said = [g for g, _ in turns], [s for _, s in turns]

    found = label_metrics([{g} for g in gold], [{s} for s in said], LABELS)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for mean in MEANS:
            expected = f1_score(gold, said, labels=LABELS, average=mean, zero_division=0)
            assert found[f"{mean}_f1"] == pytest.approx(expected)
    assert found["accuracy"] == pytest.approx(accuracy_score(gold, said))
    assert found["micro_f1"] == pytest.approx(found["accuracy"])


@pytest.mark.parametrize(
    ("gold", "said", "precision", "recall", "f1"),
    [
        pytest.param([{"joy"}], [{"joy"}], 1.0, 1.0, 1.0, id="right"),
        pytest.param([{"joy"}], [{"fear"}], 0.0, 0.0, 0.0, id="missed"),
        pytest.param([{"fear"}], [{"fear"}], 0.0, 0.0, 0.0, id="neither there nor said"),
        pytest.param([{"joy"}, {"joy"}], [{"joy"}, set()], 1.0, 0.5, 2 / 3, id="half of them"),
    ],
)
def test_a_label_by_hand(
    gold: list[set[str]], said: list[set[str]], precision: float, recall: float, f1: float
) -> None:
    joy = count_labels(gold, said, LABELS)[LABELS.index("joy")]

    assert (joy.precision, joy.recall, joy.f1) == pytest.approx((precision, recall, f1))


def test_an_unknown_label_is_named() -> None:
    with pytest.raises(ValueError, match=r"labels \['mad'\] are none of"):
        label_metrics([{"mad"}], [{"joy"}], LABELS)


Answer = tuple[SentimentLabel | None, float, list[str]]


def labelled(name: str, *answers: Answer | None) -> LabelledConversation:
    turns = tuple(Turn(f"turn {index}") for index in range(len(answers)))
    return LabelledConversation(Conversation(name, turns), tuple(labels(answers)))


def labels(answers: Sequence[Answer | None]) -> list[TurnLabels]:
    return [
        TurnLabels()
        if answer is None
        else TurnLabels(
            sentiment=Sentiment(
                answer[0],
                confidence=answer[1],
                emotions=tuple(Emotion(label, answer[1]) for label in answer[2]),
            )
        )
        for answer in answers
    ]


GOLD = [
    labelled("a", ("positive", 1, ["joy"]), None, ("negative", 1, ["anger", "fear"])),
    labelled("b", (None, 1, ["fear"]), ("positive", 1, [])),
]
SAID = [
    labels([("positive", 0.9, ["joy"]), ("neutral", 0.9, ["neutral"]), ("neutral", 0.6, ["fear"])]),
    labels([("positive", 0.5, ["joy"]), ("positive", 0.8, ["joy"])]),
]


def test_only_labelled_turns_count() -> None:
    scores = score_sentiment(GOLD, SAID, labels=LABELS, decision="threshold 0.6")

    assert scores.counts == {"turns": 3, "conversations": 2, "three_way_turns": 3}
    assert scores.metrics["accuracy"] == pytest.approx(1 / 3)
    # joy 2/3, fear 2/3, anger 0, neutral 0
    assert scores.metrics["macro_f1"] == pytest.approx(1 / 3)
    assert scores.metrics["three_way_accuracy"] == pytest.approx(2 / 3)
    assert "4 labels, threshold 0.6" in scores.protocol


def test_the_order_of_conversations_does_not_matter() -> None:
    forwards = score_sentiment(GOLD, SAID, labels=LABELS)
    backwards = score_sentiment(GOLD[::-1], SAID[::-1], labels=LABELS)

    assert forwards.metrics == pytest.approx(backwards.metrics)


def test_a_corpus_whose_labels_the_model_does_not_know_is_judged_three_way_only() -> None:
    scores = score_sentiment(GOLD, SAID)

    assert all(name.startswith("three_way") for name in scores.metrics)


def test_a_missing_conversation_is_an_error() -> None:
    with pytest.raises(ValueError, match="1 predictions for 2 conversations"):
        score_sentiment(GOLD, SAID[:1], labels=LABELS)


@settings(deadline=None, max_examples=40)
@given(SINGLE)
def test_micro_f1_without_neutral_as_scikit_learn_counts_it(turns: list[tuple[str, str]]) -> None:
    gold, said = [g for g, _ in turns], [s for _, s in turns]

    found = label_metrics([{g} for g in gold], [{s} for s in said], LABELS)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = f1_score(
            gold, said, labels=["anger", "fear", "joy"], average="micro", zero_division=0
        )
    assert found["micro_f1_without_neutral"] == pytest.approx(expected)
    assert "micro_f1_without_neutral" not in label_metrics([{"4"}], [{"4"}], ("3", "4"))


def test_a_turn_is_of_every_group_that_its_labels_are_of() -> None:
    def felt(*labels: str) -> TurnLabels:
        return TurnLabels(sentiment=Sentiment(None, emotions=tuple(map(Emotion, labels))))

    conversation = Conversation("c", (Turn("one"), Turn("two")))
    gold = LabelledConversation(conversation, (felt("anger", "joy"), felt("neutral")))
    groups = {"anger": "bad", "fear": "bad", "joy": "good", "neutral": "neutral"}

    scores = score_sentiment(
        [gold], [[felt("fear", "joy"), felt("fear")]], labels=LABELS, groups=groups
    )

    # bad: one of two said and one there; good: right; neutral: missed.
    assert scores.metrics["group_macro_f1"] == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert "3 groups" in scores.protocol
