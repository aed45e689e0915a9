"""Each part of the loss, written out by hand."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from nlp_lstm.states.described.loss import (
    offer_loss,
    removal_loss,
    request_loss,
    span_loss,
    state_loss,
)
from nlp_lstm.states.described.network import LONGEST_SPAN
from nlp_lstm.states.described.readings import Candidates
from nlp_lstm.states.described.situation import FILLED, SEVERAL
from nlp_lstm.states.described.targets import Targets
from tests.nlp_lstm.states.described.tiny_described import reading

NEVER = -math.inf
# Nothing, don't care, keep; the offer; a value; a copy; two words.
EMPTY = [0.3, -1.0, NEVER, 0.5, 2.0, NEVER, 1.0, -0.5]
HELD = [-0.2, 0.1, 1.5, NEVER, 0.7, 0.4, NEVER, 0.9]


def candidates(*rows: list[list[float]], taken_back: Tensor | None = None) -> Candidates:
    logits = torch.tensor(rows, requires_grad=True)
    zeros = torch.zeros(logits.shape[:2])
    return Candidates(logits, zeros if taken_back is None else taken_back, listed=1)


def targets(right: list[list[set[int]]], weights: list[list[float]] | None = None) -> Targets:
    """What is right for each row and slot: numbers of candidates."""
    N, S = len(right), len(right[0])
    hot = torch.zeros(N, S, len(EMPTY), dtype=torch.bool)
    for row, slots in enumerate(right):
        for place, entries in enumerate(slots):
            hot[row, place, list(entries)] = True
    none = torch.zeros(0, 4, dtype=torch.int64)
    return Targets(
        right=hot,
        weights=torch.ones(N, S) if weights is None else torch.tensor(weights),
        spans=none,
        offers=none,
        offers_known=torch.ones(N, dtype=torch.bool),
        requests=torch.zeros(N, S),
        requests_known=torch.ones(N, dtype=torch.bool),
        taken_back=torch.zeros(N, S),
        removable=torch.zeros(N, S, dtype=torch.bool),
    )


def single(scores: list[float], right: set[int]) -> float:
    weights = [math.exp(score) for score in scores]
    return -math.log(sum(weights[entry] for entry in right) / sum(weights))


def several(scores: list[float], right: set[int], unchanged: int) -> float:
    """Each candidate against no change."""
    total = 0.0
    for entry in range(3, len(scores)):
        chance = 1 / (1 + math.exp(scores[unchanged] - scores[entry]))
        if scores[entry] > NEVER:
            total -= math.log(chance if entry in right else 1 - chance)
    return total


BITS = torch.tensor([[0, SEVERAL], [FILLED, FILLED | SEVERAL]])


def test_the_loss_of_states() -> None:
    """One value: all that give it, together. Several: each alone. The mean over two steps."""
    scores = candidates([EMPTY, EMPTY], [HELD, HELD])

    loss = state_loss(scores, targets([[{4, 6}, {4, 7}], [{2, 7}, {2}]]), BITS)

    by_hand = (
        single(EMPTY, {4, 6})
        + several(EMPTY, {4, 7}, unchanged=0)
        + single(HELD, {2, 7})
        + several(HELD, set(), unchanged=2)
    )
    assert float(loss.detach()) == pytest.approx(by_hand / 2, abs=1e-6)


def test_what_is_missed_or_no_step_teaches_nothing() -> None:
    """Neither a slot of one value nor of several, nor does a row without a step count."""
    scores = candidates([EMPTY, EMPTY], [HELD, HELD], [HELD, HELD])
    bits = torch.cat([BITS, torch.zeros(1, 2, dtype=torch.int64)])
    aim = targets([[{4}, {4}], [{2}, {2}], [set(), set()]], [[1, 0], [0, 1], [0, 0]])

    loss = state_loss(scores, aim, bits)

    assert float(loss.detach()) == pytest.approx(
        (single(EMPTY, {4}) + several(HELD, set(), unchanged=2)) / 2, abs=1e-6
    )


@pytest.mark.parametrize(
    "right", [pytest.param(set(), id="nothing gives it"), pytest.param({3}, id="what is masked")]
)
def test_what_is_out_of_reach_costs_nothing_and_has_a_gradient(right: set[int]) -> None:
    scores = candidates([EMPTY, EMPTY], [HELD, HELD])

    loss = state_loss(scores, targets([[{0}, set()], [right, set()]]), BITS)
    loss.backward()

    assert scores.logits.grad is not None
    assert torch.isfinite(scores.logits.grad).all()
    assert not scores.logits.grad[1, 0].any()


def test_the_loss_of_taking_back_is_that_of_slots_that_may_lose_something() -> None:
    logits = torch.tensor([[0.4, 9.0], [-1.0, 9.0]])
    aim = replace(
        targets([[{0}, {0}], [{0}, {0}]]),
        taken_back=torch.tensor([[1.0, 0.0], [0.0, 0.0]]),
        removable=torch.tensor([[True, False], [True, False]]),
    )
    scores = candidates([EMPTY, EMPTY], [HELD, HELD], taken_back=logits)

    by_hand = math.log(1 + math.exp(-0.4)) + math.log(1 + math.exp(-1.0))
    assert float(removal_loss(scores, aim)) == pytest.approx(by_hand / 2, abs=1e-6)
    assert float(removal_loss(scores, targets([[{0}, {0}]] * 2))) == 0


def test_the_loss_of_ends_is_among_the_words_that_may_follow() -> None:
    """A value starts at word 1 and ends at word 2 of 5; the last is another side's."""
    ends = torch.tensor([[[8.0, 0.5, 1.0, -1.0, NEVER]]], requires_grad=True)

    loss = span_loss(ends, torch.tensor([[0, 0, 1, 2]]))
    loss.backward()

    odds = [math.exp(score) for score in (0.5, 1.0, -1.0)]
    assert float(loss.detach()) == pytest.approx(-math.log(odds[1] / sum(odds)), abs=1e-6)
    assert ends.grad is not None
    assert ends.grad.isfinite().all()
    assert ends.grad[0, 0, 0] == 0


@pytest.mark.parametrize(
    "spans",
    [
        pytest.param(torch.zeros(0, 4, dtype=torch.int64), id="none"),
        pytest.param(torch.tensor([[0, 0, 0, LONGEST_SPAN]]), id="too long to be found"),
    ],
)
def test_without_a_span_the_loss_of_ends_is_nothing(spans: Tensor) -> None:
    ends = torch.zeros(1, 1, LONGEST_SPAN + 2).index_fill(2, torch.tensor([0]), NEVER)

    assert float(span_loss(ends, spans)) == 0


def test_the_loss_of_offers_leaves_out_what_nobody_labelled() -> None:
    """Two steps, two words each, of which one can be an offer; the second step is unlabelled."""
    offers = torch.tensor([[[NEVER, 0.7], [NEVER, -0.3]], [[NEVER, 5.0], [NEVER, 5.0]]])
    aim = replace(
        targets([[{0}, {0}], [{0}, {0}]]),
        offers=torch.tensor([[0, 1, 1, 1]]),
        offers_known=torch.tensor([True, False]),
    )

    by_hand = math.log(1 + math.exp(0.7)) + math.log(1 + math.exp(0.3))
    assert float(offer_loss(offers, aim)) == pytest.approx(by_hand, abs=1e-6)


def test_the_loss_of_requests_leaves_out_what_is_not_there() -> None:
    logits = torch.tensor([[0.5, 7.0], [-0.5, 7.0], [7.0, 7.0]])
    aim = replace(
        targets([[{0}, {0}]] * 3),
        requests=torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]),
        requests_known=torch.tensor([True, True, False]),
    )
    exists = torch.tensor([[True, False]] * 3)

    by_hand = 2 * math.log(1 + math.exp(-0.5))
    assert float(request_loss(reading(requests=logits), aim, exists)) == pytest.approx(
        by_hand / 2, abs=1e-6
    )
