"""Whether confidences mean what they say, and whether they tell right answers from wrong ones.

Brier 1950 for the score of that name; risk against coverage, and the area under it, as in
Geifman and El-Yaniv 2017 (Selective classification for deep neural networks).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from nlp_lstm.scoring.answers import Answer
from nlp_lstm.scoring.calibration import (
    calibration_bins,
    calibration_error_by_chance,
    expected_calibration_error,
)
from nlp_lstm.scoring.scores import Table

SUREST = 1e-6  # a confidence of 1 that is wrong costs this one's logarithm, not infinity
POSITIONS = ((1, 2), (3, 5), (6, 10), (11, 20), (21, None))
FEWEST = 30  # answers that a row, and a bin, of its own needs: fewer look miscalibrated by chance
MOST_BINS = 15
COLUMNS = ("answers", "right", "confidence", "ece", "chance", "brier", "log_loss", "auroc", "aurc")


@dataclass(frozen=True, slots=True)
class Trust:
    """What answers' confidences are worth.

    Attributes:
        answers: How many.
        right: Share of them that is right.
        confidence: Their mean.
        ece: Expected calibration error, in up to 15 bins of equally many answers, at least 30.
        chance: What `ece` would be, on average, if every confidence were true: in few answers
            right ones are more or fewer by chance.
        brier: Mean square of confidence minus outcome.
        log_loss: Mean negative logarithm of the probability given to the outcome.
        auroc: Probability that a right answer is surer than a wrong one; nan without both.
        aurc: Share of wrong answers among the surest, averaged over every number of the surest;
            equal confidences in every order. Routing at random has `1 - right`.
    """

    answers: int
    right: float
    confidence: float
    ece: float
    chance: float
    brier: float
    log_loss: float
    auroc: float
    aurc: float

    @property
    def row(self) -> tuple[int | float, ...]:
        """The figures, as `COLUMNS` has them."""
        return tuple(getattr(self, name) for name in COLUMNS)


def trust(answers: Sequence[Answer]) -> Trust:
    """Measure the confidences of answers.

    Raises:
        ValueError: There are none.
    """
    if not answers:
        raise ValueError("trust is measured on at least one answer, got 0")
    confidences = np.array([answer.confidence for answer in answers])
    right = np.array([answer.right for answer in answers])
    held = np.clip(confidences, SUREST, 1 - SUREST)
    return Trust(
        answers=len(answers),
        right=float(right.mean()),
        confidence=float(confidences.mean()),
        ece=expected_calibration_error(confidences.tolist(), right.tolist(), _bins(answers)),
        chance=calibration_error_by_chance(confidences.tolist(), _bins(answers)),
        brier=float(np.square(confidences - right).mean()),
        log_loss=float(-np.log(np.where(right, held, 1 - held)).mean()),
        auroc=_auroc(confidences, right),
        aurc=_aurc(confidences, right),
    )


def reliability(answers: Sequence[Answer]) -> list[tuple[float, float]]:
    """Mean confidence and share of right answers, bin by bin, the least sure first."""
    cut = calibration_bins(
        [answer.confidence for answer in answers],
        [answer.right for answer in answers],
        _bins(answers),
    )
    return [(sure, share) for sure, share, _ in cut]


def _bins(answers: Sequence[Answer]) -> int:
    return max(1, min(MOST_BINS, len(answers) // FEWEST))


def trust_tables(answers: Sequence[Answer]) -> tuple[Table, ...]:
    """Of each kind of answer: all of it, by turn position and by label."""
    by_kind = groupby(sorted(answers, key=lambda answer: answer.kind), lambda answer: answer.kind)
    return tuple(_table(kind, list(held)) for kind, held in by_kind)


def _table(kind: str, answers: Sequence[Answer]) -> Table:
    positions = {
        f"turns {first}-{last}" if last else f"turns {first}+": [
            answer
            for answer in answers
            if first <= answer.position and (last is None or answer.position <= last)
        ]
        for first, last in POSITIONS
    }
    labels = _apart(answers, lambda answer: answer.label)
    parts = {"all": list(answers), **positions, **(labels if len(labels) > 1 else {})}
    rows = tuple(
        (name, *trust(held).row)
        for name, held in parts.items()
        if name == "all" or len(held) >= FEWEST
    )
    return Table(f"Confidence of {kind}", ("answers to", *COLUMNS), rows)


def _apart(answers: Sequence[Answer], key: Callable[[Answer], str]) -> dict[str, list[Answer]]:
    return {name: list(held) for name, held in groupby(sorted(answers, key=key), key)}


def _auroc(confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """By ranks, equal confidences sharing theirs (Mann and Whitney 1947)."""
    hits = int(right.sum())
    misses = len(right) - hits
    if not hits or not misses:
        return float("nan")
    _, place, count = np.unique(confidences, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((ranks[right].sum() - hits * (hits + 1) / 2) / (hits * misses))


def _aurc(confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean risk of the k surest answers, over all k; risk grows evenly inside equal confidences."""
    _, place, count = np.unique(-confidences, return_inverse=True, return_counts=True)
    wrong = np.bincount(place, weights=~right)
    even = np.repeat(wrong / count, count)
    coverage = np.arange(1, len(right) + 1)
    return float((np.cumsum(even) / coverage).mean())
