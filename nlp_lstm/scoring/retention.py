"""Where in a conversation a recurrent model gets worse, and what it forgets.

turn  joint_goal_accuracy    low   high  turns
1                   0.931  0.914  0.946  1,000
2                   0.783  0.757  0.808    998   ← lies below the first: the degradation point
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.component import Task
from nlp_lstm.scoring.ages import DISTANCES, Aged, aged_values, distance_bucket, distance_name
from nlp_lstm.scoring.bootstrap import Interval, shares
from nlp_lstm.scoring.observations import FIGURES, Observation, observations
from nlp_lstm.scoring.scores import Table

# The last bucket has no end.
POSITIONS = (1, 2, 3, 5, 8, 12, 20)
WORDS = (25, 50, 100, 200, 400, 800, 1600)
WORDS_SO_FAR = "words so far"  # what the curve over context grows by


@dataclass(frozen=True, slots=True)
class Curve:
    """A figure over buckets of something that grows through a conversation.

    Attributes:
        by: What grows: `turn`, `words so far`, `turns since it was said`.
        figure: What is measured.
        buckets: Names of the buckets with anything in them, in order.
        intervals: Of each.
        falls: Whether a low figure late would be a degradation; a share of mistakes has none.
    """

    by: str
    figure: str
    buckets: Sequence[str]
    intervals: Sequence[Interval]
    falls: bool = True

    @property
    def degradation(self) -> str | None:
        """The first bucket whose interval lies below the first bucket's; None where none does."""
        if not self.falls:
            return None
        return next(
            (
                name
                for name, interval in zip(self.buckets, self.intervals, strict=True)
                if interval.high < self.intervals[0].low
            ),
            None,
        )

    @property
    def table(self) -> Table:
        """The curve as a table."""
        title = f"{self.figure.replace('_', ' ').capitalize()} by {self.by}"
        if self.falls:
            title += f" (degradation point: {self.degradation or 'none'})"
        rows = tuple(
            (name, one.value, one.low, one.high, round(one.count))
            for name, one in zip(self.buckets, self.intervals, strict=True)
        )
        return Table(title, (self.by, self.figure, "low", "high", "judged"), rows)


def retention_curves(
    task: Task,
    gold: Sequence[LabelledConversation],
    predicted: Sequence[Sequence[TurnLabels]],
) -> list[Curve]:
    """Quality by labelled turn and by words of context; of states also what was forgotten.

    * *recall*: labelled values that the tracker has, by turns since they were said;
    * *retained*: the same over values that it had right when they were said;
    * *drifted*: values that it had right at the labelled turn before, and has no longer, although
      the labels did not change.

    Raises:
        ValueError: Another number of conversations or turns, or no turn is labelled.
    """
    observed = observations(task, gold, predicted)
    if not observed:
        raise ValueError(f"no turn with labels of {task}")
    figure = FIGURES[task]
    positions: dict[int, int] = {}
    numbered: list[tuple[Observation, int]] = []
    for one in observed:
        positions[one.conversation] = positions.get(one.conversation, 0) + 1
        numbered.append((one, positions[one.conversation]))
    curves = [
        _curve(
            "turn",
            figure,
            _named(POSITIONS),
            ((one.conversation, _place(POSITIONS, n), one.part, one.whole) for one, n in numbered),
        ),
        _curve(
            WORDS_SO_FAR,
            figure,
            _named(WORDS),
            ((o.conversation, _place(WORDS, o.words), o.part, o.whole) for o in observed),
        ),
    ]
    if task == "states":
        curves += _forgetting(list(aged_values(gold, predicted)))
    return curves


def overall(observed: Sequence[Observation]) -> Interval:
    """The figure over all observations, at least one, with its interval."""
    counted = ((one.conversation, 0, one.part, one.whole) for one in observed)
    (interval,) = _curve("", "", [""], counted).intervals
    return interval


def _forgetting(values: Sequence[Aged]) -> list[Curve]:
    names = [distance_name(bucket) for bucket in range(len(DISTANCES) + 1)]
    by = "turns since it was said"

    def curve(
        figure: str, judged: Iterable[Aged], right: Callable[[Aged], bool], *, falls: bool = True
    ) -> list[Curve]:
        counted = [
            (one.conversation, distance_bucket(one.age), float(right(one)), 1.0) for one in judged
        ]
        return [_curve(by, figure, names, counted, falls=falls)] if counted else []

    return [
        *curve("recall", values, lambda one: one.right),
        *curve("retained", (v for v in values if v.was_right and v.age), lambda one: one.right),
        *curve("drifted", (v for v in values if v.before), lambda one: not one.right, falls=False),
    ]


def _curve(
    by: str,
    figure: str,
    names: Sequence[str],
    counted: Iterable[tuple[int, int, float, float]],
    *,
    falls: bool = True,
) -> Curve:
    """From conversation, bucket, part and whole of everything judged to a curve."""
    rows = list(counted)
    held = sorted({bucket for _, bucket, _, _ in rows})
    column = {bucket: index for index, bucket in enumerate(held)}
    number = {c: index for index, c in enumerate(sorted({row[0] for row in rows}))}
    parts, wholes = np.zeros((2, len(number), len(held)))
    for conversation, bucket, part, whole in rows:
        place = number[conversation], column[bucket]
        parts[place] += part
        wholes[place] += whole
    return Curve(by, figure, [names[bucket] for bucket in held], shares(parts, wholes), falls)


def _place(edges: Sequence[int], size: int) -> int:
    return next((i for i, most in enumerate(edges) if size <= most), len(edges))


def _named(edges: Sequence[int]) -> list[str]:
    starts = [1, *(edge + 1 for edge in edges)]
    closed = [
        str(most) if start == most else f"{start}-{most}"
        for start, most in zip(starts, edges, strict=False)
    ]
    return [*closed, f"{starts[-1]}+"]
