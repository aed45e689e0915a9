"""Outcomes side by side: a column a cell, seeds as a mean and its range."""

from collections.abc import Callable, Sequence
from typing import Any

from nlp_lstm.comparing.measure import Case
from nlp_lstm.comparing.run import Outcome
from nlp_lstm.layers.cells import Cell
from nlp_lstm.scoring.scores import Table


def comparison_tables(outcomes: Sequence[Outcome]) -> list[Table]:
    """Quality overall, of early and late cases apart, and costs."""
    cells: list[Cell] = list(dict.fromkeys(one.cell for one in outcomes))
    columns = ("", *cells)
    seeds = len({one.seed for one in outcomes})
    named = dict.fromkeys((case.corpus, case.name, case.figure) for case in outcomes[0].cases)
    overall: list[tuple[str | float, ...]] = []
    apart: list[tuple[str | float, ...]] = []
    for corpus, name, figure in named:
        values = [
            _seeds([_case(one, corpus, name, figure).value for one in outcomes if one.cell == cell])
            for cell in cells
        ]
        if name == "all":
            overall.append((f"{corpus} {figure}", *values))
        else:
            counted = next(
                c.count for c in outcomes[0].cases if (c.corpus, c.name) == (corpus, name)
            )
            apart.append((f"{corpus} {figure}, {name} ({counted:,})", *values))

    def row(name: str, told: Callable[[Outcome], str]) -> tuple[str | float, ...]:
        firsts = [next(one for one in outcomes if one.cell == cell) for cell in cells]
        return (name, *map(told, firsts))

    spent = [[one.seconds for one in outcomes if one.cell == cell] for cell in cells]
    spreads = f"mean of {seeds} seeds, lowest to highest" if seeds > 1 else "one seed"
    return [
        Table(f"Quality ({spreads})", columns, tuple(overall)),
        Table(f"Early and late apart ({spreads})", columns, tuple(apart)),
        Table(
            "Costs (first seed; one thread, full precision)",
            columns,
            (
                row("parameters beside vectors of words", lambda one: f"{one.parameters:,}"),
                row("widths", lambda one: "/".join(map(str, one.widths.values()))),
                ("seconds of training", *(f"{sum(s) / len(s):.0f}" for s in spent)),
                row("whole: turns a second", lambda one: f"{one.costs.whole:,.0f}"),
                row("streamed: ms a turn", lambda one: f"{one.costs.streamed:.2f}"),
                *(
                    row(
                        f"bytes kept after {turns} turn{'s' * (turns > 1)}",
                        lambda one, turns=turns: f"{one.costs.memory.get(turns, 0):,}",  # type: ignore[misc]  # a default binds the loop's value
                    )
                    for turns in outcomes[0].costs.memory
                ),
                row("streamed as read whole", _told),
            ),
        ),
    ]


def as_object(recipe: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Everything that was measured, for JSON."""
    from dataclasses import asdict

    return {"recipe": recipe, "outcomes": [_plain(asdict(one)) for one in outcomes]}


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    """Without objects that have data for keys."""
    costs = told["costs"]
    sizes = [{"turns": turns, "bytes": size} for turns, size in costs["memory"].items()]
    widths = [{"name": name, "width": width} for name, width in told["widths"].items()]
    return {**told, "widths": widths, "costs": {**costs, "memory": sizes}}


def _told(one: Outcome) -> str:
    return "yes" if one.costs.same else f"no: {one.costs.apart:.1e} apart"


def _case(one: Outcome, *key: str) -> Case:
    return next(case for case in one.cases if (case.corpus, case.name, case.figure) == key)


def _seeds(values: Sequence[float]) -> str:
    mean = sum(values) / len(values)
    if len(values) == 1:
        return f"{mean:.3f}"
    return f"{mean:.3f} ({min(values):.3f}-{max(values):.3f})"
