"""The figures of one scoring, with the protocol they were reached by."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Table:
    """Figures by something: by turn position, by label, by domain."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float, ...], ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """What a scoring found.

    Attributes:
        metrics: By the names that the command line prints: `span_f1`, `joint_goal_accuracy`.
        counts: What was scored: `turns`, `conversations`, `spans`.
        protocol: In words, what counts as right; printed beside every figure.
        tables: The same, broken down.
    """

    metrics: Mapping[str, float]
    counts: Mapping[str, int]
    protocol: str
    tables: tuple[Table, ...] = field(default=())
