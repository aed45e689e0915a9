"""Outcomes side by side: a column a cell, seeds as a mean and its range."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from nlp_lstm.comparing.measure import Case, Costs
from nlp_lstm.comparing.run import Compared, Outcome
from nlp_lstm.layers.cells import Cell
from nlp_lstm.scoring.scores import Table


def comparison_tables(compared: Compared) -> list[Table]:
    """Quality overall, of early and late cases apart, and costs."""
    outcomes, costs = compared.outcomes, compared.costs
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

    def cost(name: str, told: Callable[[Costs], str]) -> tuple[str | float, ...]:
        return (name, *(told(costs[cell]) for cell in cells))

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
                cost("whole: turns a second", lambda one: f"{one.whole:,.0f}"),
                cost("streamed: ms a turn", lambda one: f"{one.streamed:.2f}"),
                *(
                    _kept(turns, [costs[cell] for cell in cells])
                    for turns in costs[cells[0]].memory
                ),
                cost("streamed as read whole", _told),
            ),
        ),
    ]


def as_object(recipe: str, compared: Compared) -> dict[str, Any]:
    """Everything that was measured, for JSON: no object has data for keys."""
    outcomes = [asdict(one) for one in compared.outcomes]
    for one in outcomes:
        one["widths"] = [{"name": name, "width": width} for name, width in one["widths"].items()]
    costs: list[dict[str, Any]] = []
    for cell, cost in compared.costs.items():
        sizes = [{"turns": turns, "bytes": size} for turns, size in cost.memory.items()]
        costs.append({"cell": cell, **asdict(cost), "memory": sizes})
    return {"recipe": recipe, "outcomes": outcomes, "costs": costs}


def _kept(turns: int, costs: Sequence[Costs]) -> tuple[str, ...]:
    plural = "s" if turns > 1 else ""
    return f"bytes kept after {turns} turn{plural}", *(f"{one.memory[turns]:,}" for one in costs)


def _told(one: Costs) -> str:
    return "yes" if one.same else f"no: {one.apart:.1e} apart"


def _case(one: Outcome, *key: str) -> Case:
    return next(case for case in one.cases if (case.corpus, case.name, case.figure) == key)


def _seeds(values: Sequence[float]) -> str:
    mean = sum(values) / len(values)
    if len(values) == 1:
        return f"{mean:.3f}"
    return f"{mean:.3f} ({min(values):.3f}-{max(values):.3f})"
