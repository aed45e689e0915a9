"""Pictures of what was measured; matplotlib draws them (extra `plots`)."""

from collections.abc import Sequence
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from corpora.errors import InputError
from nlp_lstm.scoring.answers import Answer
from nlp_lstm.scoring.retention import Curve
from nlp_lstm.scoring.trust import reliability

if TYPE_CHECKING:
    from pipelines.routing.reporting import TaskReport

SUFFIXES = (".png", ".svg", ".pdf")
DOTS_PER_INCH = 144
WIDEST = 3  # panels beside each other
_AS_KEPT = {"confidence": "surest first", "length": "shortest first", "random": "at random"}


def check_drawable(path: Path) -> None:
    """Refuse a picture before anything is measured for it.

    Raises:
        InputError: Its suffix is none that can be drawn, or matplotlib is missing.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            str(path),
            found=f"suffix {path.suffix!r}",
            expected=f"one of {', '.join(SUFFIXES)}",
            remedy="rename the picture",
        )
    if find_spec("matplotlib") is None:
        raise InputError(
            str(path),
            found="no matplotlib to draw it",
            expected="the extra `plots`",
            remedy="pip install 'nlp-lstm[plots]', or go without a picture",
        )


def draw_reliability(
    before: Sequence[Answer], after: Sequence[Answer], path: Path, *, title: str
) -> None:
    """Share of right answers over confidence, a panel a kind of answer.

    Args:
        before: Answers with the confidences that were.
        after: The same answers with new ones.
        path: Picture to be written; its suffix says in which form.
        title: What was measured.

    Raises:
        InputError: It cannot be drawn; see `check_drawable`.
    """
    check_drawable(path)
    from matplotlib.figure import Figure

    panels: dict[str, tuple[list[Answer], list[Answer]]] = {
        kind: (list(held), []) for kind, held in _by_kind(before)
    }
    for kind, held in _by_kind(after):
        panels[kind][1].extend(held)
    figure = Figure(figsize=(4.2 * len(panels), 4.4), layout="constrained")
    figure.suptitle(title)
    for place, (kind, answers) in enumerate(panels.items(), start=1):
        axes = figure.add_subplot(1, len(panels), place, aspect="equal")
        axes.plot([0, 1], [0, 1], color="0.6", linewidth=1, label="confidence = right")
        for name, held, marker in zip(("before", "after"), answers, "so", strict=True):
            points = reliability(held)
            axes.plot(*zip(*points, strict=True), marker=marker, markersize=4, label=name)
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share right", title=kind)
        axes.legend(loc="upper left", frameon=False)
    figure.savefig(path, dpi=DOTS_PER_INCH)


def draw_curves(curves: Sequence[Curve], path: Path, *, title: str) -> None:
    """Figures over buckets, with the intervals that 95 of 100 samples would give.

    Args:
        curves: A panel each.
        path: Picture to be written; its suffix says in which form.
        title: What was measured.

    Raises:
        InputError: It cannot be drawn; see `check_drawable`.
    """
    check_drawable(path)
    from matplotlib.figure import Figure

    columns = min(WIDEST, len(curves))
    lines = -(-len(curves) // columns)
    figure = Figure(figsize=(4.2 * columns, 3.4 * lines), layout="constrained")
    figure.suptitle(title)
    for place, curve in enumerate(curves, start=1):
        axes = figure.add_subplot(lines, columns, place)
        places = range(len(curve.buckets))
        axes.fill_between(
            places,
            [one.low for one in curve.intervals],
            [one.high for one in curve.intervals],
            alpha=0.25,
            linewidth=0,
        )
        axes.plot(places, [one.value for one in curve.intervals], marker="o", markersize=4)
        if curve.degradation is not None:
            where = list(curve.buckets).index(curve.degradation)
            axes.axvline(where, color="0.4", linestyle=":", label="degradation point")
            axes.legend(loc="upper right", frameon=False)
        axes.set_xticks(places, curve.buckets, rotation=45, ha="right")
        axes.set(xlabel=curve.by, ylabel=curve.figure, ylim=(0, 1.03 if curve.falls else None))
    figure.savefig(path, dpi=DOTS_PER_INCH)


def draw_coverage(panels: "Sequence[TaskReport]", path: Path, *, title: str) -> None:
    """Error among the answers kept over how many are kept, a panel a task.

    Args:
        panels: What a policy is worth.
        path: Picture to be written; its suffix says in which form.
        title: What was measured.

    Raises:
        InputError: It cannot be drawn; see `check_drawable`.
    """
    check_drawable(path)
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.8 * len(panels), 4.2), layout="constrained")
    figure.suptitle(title)
    for place, panel in enumerate(panels, start=1):
        axes = figure.add_subplot(1, len(panels), place)
        for ranking in panel.rankings:
            N = len(ranking.error)
            axes.plot([(k + 1) / N for k in range(N)], ranking.error, label=_AS_KEPT[ranking.by])
        axes.axhline(panel.fit.risk, color="0.5", linestyle=":", label="promised")
        axes.set(xlim=(0, 1), ylim=(0, None), xlabel="kept", ylabel="wrong", title=panel.task)
        axes.legend(loc="upper left", frameon=False)
    figure.savefig(path, dpi=DOTS_PER_INCH)


def _by_kind(answers: Sequence[Answer]) -> list[tuple[str, list[Answer]]]:
    ordered = sorted(answers, key=lambda answer: answer.kind)
    return [(kind, list(held)) for kind, held in groupby(ordered, lambda answer: answer.kind)]
