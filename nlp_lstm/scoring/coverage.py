"""Error among the answers kept, over how many are kept, whichever is kept first.

Risk against coverage as in Geifman and El-Yaniv 2017. Routing at random keeps the error as it is;
routing by length hands over the latest turns; both are what confidences must beat.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp_lstm.scoring.turn_answers import TurnAnswer


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Answers in an order in which they are kept.

    Attributes:
        by: What orders them: `confidence`, `length`, `random`.
        error: Share of wrong ones among the first k; those ranked alike in every order. (N,)
    """

    by: str
    error: NDArray[np.float64]

    def at(self, coverage: float) -> float:
        """The error at a share of answers kept, above 0 and up to 1."""
        kept = max(1, round(coverage * len(self.error)))
        return float(self.error[kept - 1])

    @property
    def area(self) -> float:
        """The mean over every number of answers kept (AURC)."""
        return float(self.error.mean())


def rankings(answers: Sequence[TurnAnswer]) -> list[Ranking]:
    """The orders that are compared: by confidence, by length of the context, at random.

    Raises:
        ValueError: There are no answers.
    """
    if not answers:
        raise ValueError("a ranking of at least one answer, got 0")
    wrong = np.array([not answer.right for answer in answers], dtype=np.float64)
    sure = np.array([answer.confidence for answer in answers])
    short = -np.array([answer.words for answer in answers], dtype=np.float64)
    orders = {"confidence": sure, "length": short, "random": np.zeros(len(answers))}
    return [Ranking(by, ranked_error(order, wrong)) for by, order in orders.items()]


def ranked_error(order: NDArray[np.float64], wrong: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of wrong ones among the k highest, for every k; wrong ones spread evenly over ties."""
    _, place, count = np.unique(-order, return_inverse=True, return_counts=True)
    even = np.repeat(np.bincount(place, weights=wrong) / count, count)
    error: NDArray[np.float64] = np.cumsum(even) / np.arange(1, len(wrong) + 1)
    return error


def fall_when_routed(answers: Sequence[TurnAnswer], share: float) -> float:
    """By which part the errors become fewer when the least sure answers are answered rightly.

    Args:
        answers: At least one of them wrong.
        share: Of the answers, routed to somebody who is always right.
    """
    by_confidence = rankings(answers)[0]
    N = len(answers)
    kept = N - round(share * N)
    left = by_confidence.error[kept - 1] * kept if kept else 0.0
    return float(1 - left / (by_confidence.error[-1] * N))
