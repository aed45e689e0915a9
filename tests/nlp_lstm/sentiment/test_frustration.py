"""Frustration and satisfaction: from what a head says of a customer, and of nobody else."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from corpora.conversation import Conversation, Role, Turn
from nlp_lstm.component import Identity
from nlp_lstm.sentiment.component import SentimentTagger
from nlp_lstm.sentiment.config import Scheme
from nlp_lstm.sentiment.fitting import fit_frustration, fit_single
from nlp_lstm.sentiment.frustration import (
    Frustration,
    frustrating_labels,
    rates_satisfaction,
    raw_log_odds,
    satisfaction,
)
from tests.nlp_lstm.sentiment.tiny_sentiment import tiny_tagger

COMMENTS = Scheme(name="comments", labels=("anger", "disgust", "joy"), several=True)
RATED = Scheme(name="rated", labels=("1", "2", "3", "4", "5"), several=False)
PLAIN = Frustration(scheme="comments", labels=("anger", "disgust"), slope=1.0, offset=0.0)


def test_any_of_several_emotions_is_enough() -> None:
    assert PLAIN.probability([0.5, 0.5, 0.9], COMMENTS) == pytest.approx(0.75)
    assert PLAIN.probability([0.0, 0.0, 1.0], COMMENTS) == pytest.approx(0.0, abs=1e-5)


def test_of_ratings_the_lowest_two_count_together() -> None:
    labels = frustrating_labels(RATED)

    assert labels == ("1", "2")
    asked = Frustration(scheme="rated", labels=labels, slope=1.0, offset=0.0)
    assert asked.probability([0.1, 0.3, 0.4, 0.1, 0.1], RATED) == pytest.approx(0.4)


def test_labels_that_mean_no_frustration_give_none() -> None:
    pleasant = Scheme(name="pleasant", labels=("joy", "pride"), several=True)

    assert frustrating_labels(pleasant) == ()
    assert fit_frustration([[0.5, 0.5]], [(0,)], pleasant) is None


def test_only_ratings_are_satisfaction() -> None:
    assert rates_satisfaction(RATED)
    assert rates_satisfaction(Scheme(name="few", labels=("2", "3"), several=False))
    assert not rates_satisfaction(COMMENTS)
    assert not rates_satisfaction(RATED.model_copy(update={"several": True}))


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5).filter(lambda shares: sum(shares) > 0.1))
def test_satisfaction_lies_between_the_worst_and_the_best_rating(shares: list[float]) -> None:
    total = sum(shares)

    assert satisfaction([share / total for share in shares], RATED) + 1e-9 >= 1
    assert satisfaction([share / total for share in shares], RATED) <= 5 + 1e-9


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.floats(-50, 50), st.floats(-50, 50))
def test_frustration_is_a_probability_whatever_the_head_says(
    shares: list[float], slope: float, offset: float
) -> None:
    asked = PLAIN.model_copy(update={"slope": slope, "offset": offset})

    assert 0 <= asked.probability(shares, COMMENTS) <= 1


def test_the_calibration_makes_shares_of_turns_come_true() -> None:
    # The head says 0.5 of every turn; one turn in four is angry.
    rows = [(0,), (2,), (2,), (2,)] * 50 + [()]
    shares = [[0.5, 0.0, 0.5]] * 201

    fitted = fit_frustration(shares, rows, COMMENTS)

    assert fitted is not None
    assert fitted.labels == ("anger", "disgust")
    assert fitted.probability([0.5, 0.0, 0.5], COMMENTS) == pytest.approx(0.25, abs=0.01)


def test_weights_of_training_are_taken_off_and_classes_never_seen_weigh_nothing() -> None:
    weights = torch.tensor([4.0, 1.0, 0.0])

    fitted = fit_single(torch.zeros(3, 3), [0, 1, -1], weights)

    assert fitted.bias == pytest.approx((torch.tensor(4.0).log().item(), 0.0, 0.0))
    assert fit_single(torch.zeros(2, 3), [-1, -1]).temperature == 1.0


@pytest.mark.parametrize(
    ("role", "asked"),
    [("customer", True), (None, True), ("agent", False), ("system", False), ("tool", False)],
)
def test_only_who_may_be_a_customer_is_asked(role: Role | None, asked: bool) -> None:
    [[labels]] = tiny_tagger().annotate([Conversation("c", (Turn("no", role=role),))])

    assert labels.sentiment is not None
    assert (labels.sentiment.frustration is not None) == asked
    assert labels.sentiment.satisfaction is None


def test_a_model_without_the_calibration_says_nothing_of_frustration() -> None:
    asked = tiny_tagger()
    tagger = SentimentTagger(
        asked.config,
        asked.network,
        asked.calibration,
        identity=Identity("older", "f0", 50),
    )

    [[labels]] = tagger.annotate([Conversation("c", (Turn("no"),))])

    assert labels.sentiment is not None
    assert labels.sentiment.frustration is None


def test_log_odds_stay_finite() -> None:
    assert abs(raw_log_odds([1.0, 1.0, 0.0], COMMENTS, COMMENTS.labels[:2])) < 20
    assert abs(raw_log_odds([0.0, 0.0, 0.0], COMMENTS, COMMENTS.labels[:2])) < 20
