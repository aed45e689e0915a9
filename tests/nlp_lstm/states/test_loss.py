import math

import pytest
import torch

from nlp_lstm.states.candidates import Candidates
from nlp_lstm.states.lessons import Lessons
from nlp_lstm.states.loss import lesson_loss, request_loss, state_loss


def brute_force(
    logits: list[list[list[float]]], values: list[list[list[int]]], gold: list[list[int]]
) -> float:
    """The loss written out: every slot's probabilities summed by value, one after the other."""
    total = 0.0
    for step_logits, step_values, step_gold in zip(logits, values, gold, strict=True):
        for scores, numbers, right in zip(step_logits, step_values, step_gold, strict=True):
            weights = [math.exp(score) for score in scores]
            hits = sum(w for w, value in zip(weights, numbers, strict=True) if value == right)
            if hits:
                total -= math.log(hits / sum(weights))
    return total / len(gold)


LOGITS = [[[0.3, -1.0, 2.0], [0.0, 0.5, float("-inf")]], [[1.0, 1.0, 1.0], [-2.0, 0.1, 0.4]]]
VALUES = [[[0, 5, 5], [0, 1, 7]], [[0, 6, 0], [3, 4, 5]]]


@pytest.mark.parametrize(
    "gold",
    [
        pytest.param([[5, 1], [0, 3]], id="entries of one value add up"),
        pytest.param([[9, 1], [0, 3]], id="a value that is no candidate counts nothing"),
        pytest.param([[0, 7], [0, 3]], id="nor does one that is masked"),
    ],
)
def test_the_loss_is_that_of_the_summed_probability(gold: list[list[int]]) -> None:
    candidates = Candidates(torch.tensor(LOGITS), torch.tensor(VALUES))

    loss = state_loss(candidates, torch.tensor(gold), torch.ones(2, 2))

    assert float(loss) == pytest.approx(brute_force(LOGITS, VALUES, gold), abs=1e-6)


def test_weights_scale_slots_and_leave_out_steps_that_are_none() -> None:
    candidates = Candidates(torch.tensor(LOGITS), torch.tensor(VALUES))
    gold = torch.tensor([[5, 1], [0, 3]])
    weights = torch.tensor([[0.2, 1.0], [0.0, 0.0]])

    first = state_loss(candidates, gold, torch.tensor([[1.0, 0.0], [0.0, 0.0]]))
    second = state_loss(candidates, gold, torch.tensor([[0.0, 1.0], [0.0, 0.0]]))

    assert float(state_loss(candidates, gold, weights)) == pytest.approx(
        0.2 * float(first) + float(second)
    )


@pytest.mark.parametrize("focus", [0.3, 1.0])
def test_focus_goes_from_the_likelihood_of_slots_to_the_share_of_whole_states(focus: float) -> None:
    candidates = Candidates(torch.tensor(LOGITS), torch.tensor(VALUES))
    gold = torch.tensor([[5, 1], [0, 3]])
    likely = [
        math.exp(-brute_force([LOGITS[step]], [VALUES[step]], [gold[step].tolist()]))
        for step in range(2)
    ]

    loss = state_loss(candidates, gold, torch.ones(2, 2), focus)

    wanted = sum((1 - chance**focus) / focus for chance in likely) / 2
    assert float(loss) == pytest.approx(wanted, abs=1e-6)
    assert float(state_loss(candidates, gold, torch.ones(2, 2), 1e-5)) == pytest.approx(
        float(state_loss(candidates, gold, torch.ones(2, 2))), abs=1e-3
    )


def test_with_focus_a_hopeless_step_teaches_less_than_an_open_one() -> None:
    logits = torch.tensor([[[0.0, 9.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]], requires_grad=True)
    values = torch.tensor([[[0, 5], [0, 5]], [[0, 5], [0, 5]]])

    state_loss(
        Candidates(logits, values), torch.zeros(2, 2).long(), torch.ones(2, 2), 0.5
    ).backward()

    assert logits.grad is not None
    hopeless, opened = logits.grad[:, 1].abs().sum(dim=1)
    assert hopeless < opened / 10


def test_gradients_are_numbers_where_no_candidate_is_right() -> None:
    logits = torch.tensor(LOGITS, requires_grad=True)

    loss = state_loss(
        Candidates(logits, torch.tensor(VALUES)), torch.tensor([[9, 1], [0, 3]]), torch.ones(2, 2)
    )
    loss.backward()

    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_the_loss_of_a_lesson_is_the_cross_entropy_of_values() -> None:
    """Slot 0 of step 0: 0.7 for value 5, of two entries, 0.3 for 9, which is no candidate; slot 1
    of step 1, at half weight: 0.25 for 3 and 0.75 for 5."""
    lessons = Lessons(
        cells=torch.tensor([0, 0, 3, 3]),
        values=torch.tensor([5, 9, 3, 5]),
        shares=torch.tensor([0.7, 0.3, 0.25, 0.75]),
    )
    weights = torch.tensor([[1.0, 1.0], [1.0, 0.5]])
    candidates = Candidates(torch.tensor(LOGITS), torch.tensor(VALUES))

    loss = lesson_loss(candidates, lessons, weights)

    first = sum(math.exp(score) for score in LOGITS[0][0])
    five = (math.exp(-1.0) + math.exp(2.0)) / first
    last = sum(math.exp(score) for score in LOGITS[1][1])
    by_hand = -0.7 * math.log(five) - 0.5 * (
        0.25 * math.log(math.exp(-2.0) / last) + 0.75 * math.log(math.exp(0.4) / last)
    )
    assert float(loss) == pytest.approx(by_hand / 2)


def test_a_lesson_that_is_sure_of_the_label_is_the_label() -> None:
    gold = torch.tensor([[5, 1], [0, 4]])
    weights = torch.tensor([[1.0, 0.2], [0.0, 0.0]])
    sure = Lessons(torch.arange(4), gold.flatten(), torch.ones(4))
    candidates = Candidates(torch.tensor(LOGITS), torch.tensor(VALUES))

    assert float(lesson_loss(candidates, sure, weights)) == pytest.approx(
        float(state_loss(candidates, gold, weights))
    )


def test_request_loss_leaves_out_steps_that_are_none() -> None:
    logits = torch.tensor([[0.0, 0.0], [50.0, -50.0]])
    asked = torch.tensor([[1.0, 0.0], [0.0, 1.0]])

    loss = request_loss(logits, asked, torch.tensor([True, False]))

    assert float(loss) == pytest.approx(2 * math.log(2))
