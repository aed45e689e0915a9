"""From raw scores to probabilities that mean something.

Temperature scaling and expected calibration error as in Guo et al. 2017, Platt scaling as in
Platt 1999; bins hold equally many answers, because most confidences crowd near 1.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

_STEPS = 100
Item = TypeVar("Item")


def fit_temperature(logits: Tensor, targets: Tensor) -> float:
    """The temperature T that makes softmax(logits / T) likeliest.

    Args:
        logits: (N, K)
        targets: The right classes. (N,) int64

    Returns:
        T > 0. It never changes which class is likeliest.

    Raises:
        ValueError: There is nothing to fit on.
    """
    if not len(targets):
        raise ValueError("a temperature needs at least one answer, got 0")
    log_temperature = torch.zeros((), requires_grad=True)
    _minimise([log_temperature], lambda: cross_entropy(logits / log_temperature.exp(), targets))
    return float(log_temperature.detach().exp())


def fit_platt(scores: Tensor, right: Tensor) -> tuple[float, float]:
    """The slope and offset that make sigmoid(slope * score + offset) likeliest.

    Args:
        scores: Log-odds of being right, as the model has them. (N,)
        right: Whether it was. (N,) bool

    Returns:
        Slope and offset; (1, 0), which changes nothing, where all answers are right or all wrong.
    """
    if not right.any() or right.all():
        return 1.0, 0.0
    slope = torch.ones((), requires_grad=True)
    offset = torch.zeros((), requires_grad=True)
    _minimise(
        [slope, offset],
        lambda: binary_cross_entropy_with_logits(slope * scores + offset, right.to(scores)),
    )
    return float(slope.detach()), float(offset.detach())


def log_odds(probabilities: Tensor) -> Tensor:
    """The logarithm of p / (1 - p), finite also at 0 and 1."""
    return torch.logit(probabilities, eps=1e-6)


def expected_calibration_error(
    confidences: Sequence[float], right: Sequence[bool], bins: int = 15
) -> float:
    """How far confidence and accuracy lie apart, in bins of equally many answers.

    Args:
        confidences: In [0, 1].
        right: Whether each answer was right.
        bins: How many; fewer where there are fewer answers.

    Returns:
        The mean distance weighted by bin size, in [0, 1]; 0 for no answers.

    Raises:
        ValueError: The two differ in length.
    """
    cut = calibration_bins(confidences, right, bins)
    total = sum(held for _, _, held in cut)
    return sum(abs(sure - share) * held for sure, share, held in cut) / max(1, total)


def calibration_error_by_chance(confidences: Sequence[float], bins: int = 15) -> float:
    """What `expected_calibration_error` would be, on average, if every confidence were true.

    Few answers lie apart from any confidence: the share of right ones among n varies by the square
    root of the sum of c (1 - c), over n. The mean distance of a normal variable from its mean is
    sqrt(2 / pi) of its deviation.

    Args:
        confidences: In [0, 1].
        bins: As there.
    """
    spread = 0.0
    for held in _equal_parts(sorted(confidences), bins):
        spread += math.sqrt(2 / math.pi * sum(c * (1 - c) for c in held))
    return spread / max(1, len(confidences))


def calibration_bins(
    confidences: Sequence[float], right: Sequence[bool], bins: int
) -> list[tuple[float, float, int]]:
    """Answers in bins of equally many, the least sure first.

    Returns:
        Of each bin that holds any: mean confidence, share of right answers, how many answers.

    Raises:
        ValueError: The two differ in length.
    """
    if len(confidences) != len(right):
        raise ValueError(f"{len(confidences)} confidences for {len(right)} answers")
    ordered = sorted(zip(confidences, right, strict=True), key=lambda answer: answer[0])
    return [
        (sum(c for c, _ in held) / len(held), sum(r for _, r in held) / len(held), len(held))
        for held in _equal_parts(ordered, bins)
    ]


def _equal_parts(ordered: Sequence[Item], bins: int) -> Iterator[Sequence[Item]]:
    n = len(ordered)
    edges = [round(i * n / bins) for i in range(bins + 1)]
    return (ordered[start:end] for start, end in pairwise(edges) if start < end)


def _minimise(parameters: list[Tensor], loss: Callable[[], Tensor]) -> None:
    optimiser = torch.optim.LBFGS(parameters, max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> float:
        optimiser.zero_grad()
        value = loss()
        value.backward()
        return float(value.detach())

    with torch.enable_grad():
        optimiser.step(closure)
