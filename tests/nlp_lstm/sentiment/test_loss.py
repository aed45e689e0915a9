"""What the heads are punished for, and how rare labels weigh."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score

from nlp_lstm.sentiment.decode import Threshold, given_labels, several_probabilities
from nlp_lstm.sentiment.fitting import best_thresholds, fit_several, fit_single
from nlp_lstm.sentiment.loss import (
    HEAVIEST,
    several_loss,
    several_weights,
    single_loss,
    single_weights,
)
from tests.nlp_lstm.sentiment.tiny_sentiment import SEVERAL


def test_rare_labels_weigh_more_up_to_a_cap() -> None:
    assert several_weights([0.25, 0.01, 0.0001, 0.0]).tolist() == pytest.approx(
        [2, 10, HEAVIEST, HEAVIEST]
    )


def test_class_weights_leave_the_average_turn_at_one() -> None:
    shares = [0.8, 0.2, 0.0]
    weights = single_weights(shares).tolist()

    assert sum(w * s for w, s in zip(weights, shares, strict=True)) == pytest.approx(1)
    assert weights[1] / weights[0] == pytest.approx(4**0.25)
    assert weights[2] == 0


def test_several_loss_by_hand() -> None:
    found = several_loss(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), torch.tensor([3.0, 1.0]))

    assert float(found) == pytest.approx((3 * math.log(2) + math.log(2)) / 2)


def test_unlabelled_turns_cost_nothing() -> None:
    logits = torch.randn(3, 2, requires_grad=True)
    weights = torch.ones(2)
    some = single_loss(logits, torch.tensor([0, -1, 1]), weights)
    both = single_loss(logits[[0, 2]], torch.tensor([0, 1]), weights)
    none = single_loss(logits, torch.tensor([-1, -1, -1]), weights)

    torch.testing.assert_close(some, both)
    assert none.item() == 0
    none.backward()


def test_each_label_gets_the_threshold_that_suits_it() -> None:
    torch.manual_seed(4)
    gold = torch.rand(2_000, 4) < torch.tensor([0.4, 0.2, 0.6, 0.1])
    gold[:, 2] |= ~gold.any(dim=1)
    # What is said of the first label is much too high, of the last too low.
    logits = torch.randn(2_000, 4) + gold * 3 + torch.tensor([2.0, 0.0, -1.0, -3.0])
    rows = [row.nonzero()[:, 0].tolist() for row in gold]

    def macro_f1(threshold: Threshold) -> float:
        given = given_labels(logits, SEVERAL, threshold)
        return float(f1_score(gold.numpy(), given, average="macro", zero_division=0))

    own = best_thresholds(logits, rows)

    assert own[0] > own[1] > own[3]
    assert macro_f1(own) > max(macro_f1(step / 100) for step in range(10, 96)) + 0.02


def test_a_label_that_hardly_occurs_keeps_near_the_common_threshold() -> None:
    torch.manual_seed(4)
    gold = torch.rand(2_000, 2) < 0.5
    gold[:, 0] |= ~gold.any(dim=1)
    rare = torch.zeros(2_000, 1, dtype=torch.bool)
    rare[0] = True
    gold = torch.cat([gold, rare], dim=1)
    logits = torch.randn(2_000, 3) + gold * 3 - 1.5
    logits[0, 2] = 4.0
    rows = [row.nonzero()[:, 0].tolist() for row in gold]

    own = best_thresholds(logits, rows)

    assert abs(own[2] - 0.5) < 0.2


def test_calibration_takes_off_what_weighing_added() -> None:
    torch.manual_seed(5)
    true = torch.tensor([-2.0, 0.0, 1.0, -1.0])
    gold = torch.rand(4_000, 4) < true.sigmoid()
    bias = torch.tensor([1.2, 0.3, 0.0, 2.0])
    logits = (true * 1.7).expand(4_000, 4) + bias
    rows = [row.nonzero()[:, 0].tolist() for row in gold]
    kept = gold.any(dim=1)

    fitted = fit_several(logits, rows, bias, 0.5)

    found = several_probabilities(logits[:1], fitted)[0]
    np.testing.assert_allclose(found, gold[kept].float().mean(dim=0), atol=0.05)


def test_a_single_head_is_calibrated_on_its_labelled_turns() -> None:
    logits = torch.tensor([[4.0, 0.0]] * 4 + [[0.0, 9.0]])

    fitted = fit_single(logits, [0, 0, 0, 1, -1])

    assert 4 / fitted.temperature == pytest.approx(math.log(3), abs=1e-3)
