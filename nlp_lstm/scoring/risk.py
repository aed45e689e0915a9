"""Thresholds under which the error among accepted answers is bounded, with a probability.

Learn then Test (Angelopoulos et al. 2021, arXiv 2110.01052): that a threshold breaks the promise is
a hypothesis, and the thresholds are tested in an order fixed before, from one that is likely to
hold on to ever looser ones, until one is not rejected. Fixed-sequence testing needs no correction
for how many there are.

The unit is the conversation. For each, with `a` accepted answers of which `e` are wrong,

    margin = weight * (e - risk * a)

has a mean above 0 exactly if more than `risk` of the accepted answers are wrong. Against that
hypothesis one bets, conversation by conversation: a stake of `b` becomes `b * (1 - f * margin)`.
As long as the hypothesis holds no strategy makes money on average, so capital of 1/p out of 1 has
probability p at most (Waudby-Smith and Ramdas 2024, Estimating means of bounded random variables by
betting). Capital is spread over a few sizes of bets and never moved, so it does not matter in
which order conversations come.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp_lstm.scoring.turn_answers import TurnAnswer

# A margin must have a bound known before: a conversation with more answers in a band of contexts
# than this is weighed down to as many. Which of these it is, at least as many as three of four
# conversations have, the conversations say that also choose where testing begins.
MOST_ANSWERS = (1, 2, 3, 4, 6, 8, 12, 16)
# Bets as shares of what may be staked at most; each gets an equal share of the capital.
BETS = (0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99)
# The grid of thresholds, strictest first: even steps of log-odds, and 0, which accepts everything.
GRID: tuple[float, ...] = (
    *(round(float(1 / (1 + np.exp(-odds))), 6) for odds in np.arange(8.0, -4.01, -0.2)),
    0.0,
)

# Of the most evidence.
NEARLY = 0.8

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Tallies:
    """Answers counted by conversation, for every threshold of `GRID`.

    Attributes:
        accepted: Answers that are sure enough. (T, C)
        wrong: Those of them that are wrong. (T, C)
        answers: All of a conversation's. (C,)
    """

    accepted: Floats
    wrong: Floats
    answers: Floats


def tallied(answers: Sequence[TurnAnswer]) -> Tallies:
    """Count answers by conversation; one that is as sure as the threshold is accepted."""
    numbers = sorted({answer.conversation for answer in answers})
    column = {number: index for index, number in enumerate(numbers)}
    place = np.array([column[answer.conversation] for answer in answers], dtype=np.int64)
    sure = np.array([answer.confidence for answer in answers])
    wrong = np.array([not answer.right for answer in answers], dtype=np.float64)
    C = len(numbers)
    rows = [
        (
            np.bincount(place[taken], minlength=C),
            np.bincount(place[taken], weights=wrong[taken], minlength=C),
        )
        for taken in (sure >= threshold for threshold in GRID)
    ]
    accepted, wrongly = (np.array([row[i] for row in rows], dtype=np.float64) for i in (0, 1))
    return Tallies(accepted, wrongly, np.bincount(place, minlength=C).astype(np.float64))


def p_value(margins: Floats, most: float) -> float:
    """How probable such evidence is, at most, where the mean of the margins is 0 or more.

    Args:
        margins: One a conversation, each at most `most`. (C,)
        most: Their bound, above 0, fixed without looking at them.
    """
    return float(min(1.0, np.exp(-log_capital(margins, most))))


def log_capital(margins: Floats, most: float) -> float:
    """The logarithm of what 1 has become by betting that margins are negative.

    Raises:
        ValueError: A margin is above its bound.
    """
    if margins.max(initial=-np.inf) > most * (1 + 1e-9):
        raise ValueError(f"a margin of {margins.max()} above its bound {most}")
    stakes = np.array(BETS)[:, None] / most
    grown = np.log1p(-stakes * margins).sum(axis=1)
    top = grown.max()
    return float(top + np.log(np.exp(grown - top).mean()))


def margins_at(tallies: Tallies, place: int, risk: float, most: float) -> Floats:
    """The margin of each conversation at a threshold of `GRID`: (C,)."""
    weight = np.minimum(1.0, most / np.maximum(tallies.answers, 1))
    margins: Floats = weight * (tallies.wrong[place] - risk * tallies.accepted[place])
    return margins


@dataclass(frozen=True, slots=True)
class Start:
    """Where testing begins.

    Attributes:
        place: In `GRID`.
        most: Answers from which on a conversation is weighed down.
        log_capital: The evidence there, of the conversations that chose it.
    """

    place: int
    most: int
    log_capital: float


def best_start(tallies: Tallies, risk: float) -> Start:
    """Where there is most evidence, by conversations that are not tested on.

    Of places with nearly as much it is the strictest: the most evidence is also the most luck.
    """
    usual = float(np.quantile(tallies.answers, 0.75))
    known = [most for most in MOST_ANSWERS if most >= usual] or [MOST_ANSWERS[-1]]
    starts = [
        Start(place, most, log_capital(margins_at(tallies, place, risk, most), most * (1 - risk)))
        for most in known
        for place in range(len(GRID))
    ]
    most = max(start.log_capital for start in starts)
    return next(
        start
        for start in sorted(starts, key=lambda start: (start.place, -start.log_capital))
        if start.log_capital >= min(most, NEARLY * most)
    )


def loosest_safe(
    tallies: Tallies, start: Start, risk: float, error: float
) -> tuple[int | None, dict[int, float]]:
    """Test thresholds from a start on to ever looser ones, until one is not rejected.

    Args:
        tallies: Of conversations that did not choose the start.
        start: Where to begin.
        risk: The promised share of wrong answers among the accepted ones.
        error: Probability at most that the promise is broken.

    Returns:
        The place of the loosest threshold that keeps the promise, None where none was found to;
        and the p-value of each that was tested.
    """
    bound = start.most * (1 - risk)
    tested: dict[int, float] = {}
    safe = None
    for place in range(start.place, len(GRID)):
        tested[place] = p_value(margins_at(tallies, place, risk, start.most), bound)
        if tested[place] > error:
            break
        safe = place
    return safe, tested
