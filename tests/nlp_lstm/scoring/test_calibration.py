"""Calibration against independent judges: a grid search and scikit-learn."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from torch.nn.functional import cross_entropy

from nlp_lstm.scoring.calibration import (
    calibration_error_by_chance,
    expected_calibration_error,
    fit_platt,
    fit_temperature,
    log_odds,
)


def test_the_temperature_is_the_likeliest_on_a_grid() -> None:
    torch.manual_seed(0)
    logits = 3 * torch.randn(400, 5)
    targets = torch.distributions.Categorical(logits=logits / 2.5).sample()
    grid = torch.linspace(0.5, 5, 451)
    losses = [float(cross_entropy(logits / temperature, targets)) for temperature in grid]

    fitted = fit_temperature(logits, targets)

    assert fitted == pytest.approx(float(grid[losses.index(min(losses))]), abs=0.02)


def test_a_temperature_needs_answers() -> None:
    with pytest.raises(ValueError, match="at least one answer"):
        fit_temperature(torch.zeros(0, 3), torch.zeros(0, dtype=torch.int64))


def test_platt_scaling_is_logistic_regression() -> None:
    torch.manual_seed(0)
    scores = 2 * torch.randn(500)
    right = torch.rand(500) < torch.sigmoid(0.6 * scores + 0.4)
    judge = LogisticRegression(C=1e6).fit(scores[:, None].numpy(), right.numpy())

    slope, offset = fit_platt(scores, right)

    assert slope == pytest.approx(float(judge.coef_[0, 0]), abs=1e-2)
    assert offset == pytest.approx(float(judge.intercept_[0]), abs=1e-2)


def test_platt_scaling_changes_nothing_where_there_is_nothing_to_learn() -> None:
    assert fit_platt(torch.randn(5), torch.ones(5, dtype=torch.bool)) == (1.0, 0.0)


def test_log_odds_stay_finite() -> None:
    assert torch.isfinite(log_odds(torch.tensor([0.0, 0.5, 1.0]))).all()


@pytest.mark.parametrize(
    ("confidences", "right", "error"),
    [
        pytest.param([], [], 0.0, id="no answers"),
        pytest.param([1.0, 1.0], [True, True], 0.0, id="sure and right"),
        pytest.param([1.0, 1.0], [False, False], 1.0, id="sure and wrong"),
        pytest.param([0.75] * 4, [True, True, True, False], 0.0, id="right as often as said"),
        pytest.param([0.2, 0.2, 0.9, 0.9], [True, False, True, True], 0.2, id="two bins"),
    ],
)
def test_calibration_error(confidences: list[float], right: list[bool], error: float) -> None:
    bins = 2 if len(set(confidences)) == 2 else 1

    assert expected_calibration_error(confidences, right, bins) == pytest.approx(error)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40))
def test_calibration_error_is_a_distance(answers: list[tuple[float, bool]]) -> None:
    error = expected_calibration_error([c for c, _ in answers], [r for _, r in answers])

    assert 0 <= error <= 1


def test_calibration_error_needs_as_many_answers_as_confidences() -> None:
    with pytest.raises(ValueError, match="1 confidences for 2 answers"):
        expected_calibration_error([0.5], [True, False])


@pytest.mark.parametrize("count", [60, 500, 4_000])
def test_by_chance_true_confidences_lie_apart_as_much_as_is_told(count: int) -> None:
    generator = np.random.default_rng(1)
    sure = generator.uniform(0.3, 1.0, count)
    errors = [
        expected_calibration_error(sure.tolist(), (generator.random(count) < sure).tolist(), 15)
        for _ in range(200)
    ]

    assert calibration_error_by_chance(sure.tolist(), 15) == pytest.approx(
        np.mean(errors), rel=0.08
    )
    assert calibration_error_by_chance([1.0] * count) == 0
    assert calibration_error_by_chance([]) == 0
