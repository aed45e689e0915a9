"""Intervals for figures over conversations, whose turns are not independent of each other.

Percentile bootstrap (Efron 1979) that draws whole conversations.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 1_000
LOWEST, HIGHEST = 2.5, 97.5  # percent


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and where it would lie in 95 of 100 other samples of conversations.

    Attributes:
        value: The figure.
        low: Where the interval begins.
        high: Where it ends.
        count: What the figure is a share of.
    """

    value: float
    low: float
    high: float
    count: float


def shares(
    parts: NDArray[np.float64], wholes: NDArray[np.float64], *, seed: int = 0
) -> list[Interval]:
    """Ratios of sums over conversations, each with its interval.

    Args:
        parts: What counts, of each of C conversations in each of B buckets. (C, B)
        wholes: What it is a share of; no bucket may be empty. (C, B)
        seed: Decides the draws.

    Raises:
        ValueError: The shapes differ, or a bucket is empty.
    """
    if parts.shape != wholes.shape:
        raise ValueError(f"parts of shape {parts.shape} of wholes of shape {wholes.shape}")
    total = wholes.sum(axis=0)
    if not total.all():
        raise ValueError("a share of nothing has no interval")
    C = len(parts)
    weights = np.random.default_rng(seed).multinomial(C, np.full(C, 1 / C), size=DRAWS)
    drawn = weights @ wholes
    # A draw that left a rare bucket empty says nothing about it.
    ratios = np.divide(weights @ parts, drawn, out=np.full_like(drawn, np.nan), where=drawn > 0)
    low, high = np.nanpercentile(ratios, [LOWEST, HIGHEST], axis=0)
    values = parts.sum(axis=0) / total
    return [Interval(*map(float, one)) for one in zip(values, low, high, total, strict=True)]
