"""Thresholds by band of context that keep a promise about the error among accepted answers.

Conversations are cut in three, by hashes of their ids: some choose where each band's testing
begins, and which bands are worth testing; most are tested on; the rest is held out, to judge. That
any of the tested bands breaks the promise has at most the probability asked for (Bonferroni), so
what all of them accept together keeps it too.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from nlp_lstm.scoring.risk import GRID, Start, best_start, loosest_safe, tallied
from nlp_lstm.scoring.turn_answers import TurnAnswer

# Shares of the conversations: those that choose, those that are tested on; the rest judges.
CHOOSING, TESTED = 0.15, 0.5
# Where bands of context end, in words of conversation; one with a smaller share of the answers
# than this is no band of its own.
EDGES = (32, 64, 128, 256)
LEAST_SHARE = 0.05
# A band that the choosing conversations do not even bet on is not tested: each one tested makes
# the others' thresholds stricter.
LEAST_CAPITAL = 0.2
OPEN = 2**31  # the end of the last band: no conversation is as long
# Of conversations to test on: below, no threshold could be found whatever the answers are.
FEWEST = 40


@dataclass(frozen=True, slots=True)
class Point:
    """A threshold of a band as it was tested.

    Attributes:
        threshold: Least confidence.
        coverage: Share of the band's answers that it accepts.
        risk: Share of wrong ones among those.
        p: Of the hypothesis that it breaks the promise; None where it was not tested.
    """

    threshold: float
    coverage: float
    risk: float
    p: float | None


@dataclass(frozen=True, slots=True)
class BandFit:
    """What was found for one band of context.

    Attributes:
        up_to: Words of conversation at which it ends; None for the last.
        threshold: Least confidence; None where nothing is accepted.
        answers: How many it was tested on.
        curve: The grid, as far as it accepts different answers.
    """

    up_to: int | None
    threshold: float | None
    answers: int
    curve: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class TaskFit:
    """Thresholds of all bands, and what they were found on.

    Attributes:
        bands: By context, the shortest first.
        choosing: Conversations that chose.
        tested: Conversations that were tested on.
        longest: Words of the longest of these contexts.
    """

    bands: tuple[BandFit, ...]
    choosing: int
    tested: int
    longest: int

    @property
    def accepts(self) -> bool:
        """Whether any answer at all is accepted."""
        return any(band.threshold is not None for band in self.bands)


def part_of(conversation: str) -> str:
    """`choosing`, `tested` or `held out`: which part a conversation of this id falls into."""
    digest = hashlib.sha256(f"policy/{conversation}".encode("utf-8", "surrogatepass")).digest()
    place = int.from_bytes(digest[:8], "little") / 2**64
    if place < CHOOSING:
        return "choosing"
    return "tested" if place < CHOOSING + TESTED else "held out"


def fit_thresholds(
    choosing: Sequence[TurnAnswer], tested: Sequence[TurnAnswer], risk: float, error: float
) -> TaskFit:
    """Find the loosest thresholds that keep a promise.

    Args:
        choosing: Answers in conversations that choose where to begin.
        tested: Answers in others.
        risk: Share of wrong answers among the accepted ones, at most.
        error: Probability, at most, that more of them are wrong.
    """
    bands = bands_of(choosing)
    starts: list[Start | None] = []
    for band in bands:
        seen = [answer for answer in choosing if answer.words in band]
        start = best_start(tallied(seen), risk) if seen else None
        starts.append(start if start and start.log_capital >= LEAST_CAPITAL else None)
    # Where there is little evidence, more of the error may be spent.
    spent = [0.0 if start is None else 1 / start.log_capital for start in starts]
    fitted = tuple(
        _fitted(
            [one for one in tested if one.words in band],
            band,
            start,
            risk,
            error * part / (sum(spent) or 1.0),
        )
        for band, start, part in zip(bands, starts, spent, strict=True)
    )
    return TaskFit(
        bands=fitted,
        choosing=len({answer.conversation for answer in choosing}),
        tested=len({answer.conversation for answer in tested}),
        longest=max((answer.words for answer in tested), default=0),
    )


def bands_of(answers: Sequence[TurnAnswer]) -> list[range]:
    """Bands of context, in words, each with a fair share of some answers; the last is open."""
    ends: list[int] = []
    for end in EDGES:
        start = ends[-1] if ends else -1
        inside = sum(start < answer.words <= end for answer in answers)
        beyond = sum(answer.words > end for answer in answers)
        if min(inside, beyond) >= LEAST_SHARE * len(answers):
            ends.append(end)
    starts = [0, *(end + 1 for end in ends)]
    return [range(a, b) for a, b in zip(starts, [*starts[1:], OPEN], strict=True)]


def _fitted(
    answers: Sequence[TurnAnswer], band: range, start: Start | None, risk: float, error: float
) -> BandFit:
    up_to = None if band.stop == OPEN else band.stop - 1
    if not answers:
        return BandFit(up_to, None, 0, ())
    tallies = tallied(answers)
    safe, tested = (None, {}) if start is None else loosest_safe(tallies, start, risk, error)
    curve: list[Point] = []
    for place, threshold in enumerate(GRID):
        taken = float(tallies.accepted[place].sum())
        wrong = float(tallies.wrong[place].sum())
        point = Point(threshold, taken / len(answers), wrong / max(1, taken), tested.get(place))
        # Most of the grid accepts what its neighbour does.
        if taken and (point.p is not None or not curve or point.coverage != curve[-1].coverage):
            curve.append(point)
    return BandFit(up_to, None if safe is None else GRID[safe], len(answers), tuple(curve))
