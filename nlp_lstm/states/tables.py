"""A schema as the arrays that the network indexes: it knows numbers, never names."""

from dataclasses import dataclass

import numpy as np

from nlp_lstm.layers.single import Numbers
from nlp_lstm.states.schema import FIRST_VALUE, MINUTES, Schema

OWN_ROW_FROM = 5  # training labels from which a value has a vector of its own

# Rows of the value embedding: the three reserved numbers, then these two, then values' own.
TIME_ROW = 3
RARE_ROW = 4
FIRST_OWN_ROW = 5


@dataclass(frozen=True, slots=True, eq=False)
class SchemaTables:
    """Index tables of a schema.

    Dimensions: S slots, A offered values of the slot with most, P related slots of the slot
    with most, V value numbers.

    Attributes:
        offered: Value numbers, 0 where a slot offers fewer. (S, A) int64
        related: Slot indices, -1 where a slot has fewer. (S, P) int64
        value_rows: Row of the value embedding for each value number. (V,) int64
        value_row_count: Rows of that embedding.
        requests: Slots a customer can ask about.
    """

    offered: Numbers
    related: Numbers
    value_rows: Numbers
    value_row_count: int
    requests: int


def schema_tables(schema: Schema) -> SchemaTables:
    """Build the index tables of a schema."""
    numbers = schema.value_number
    offered = [[numbers[value] for value in slot.offered] for slot in schema.slots]
    related = [[schema.slot_index[name] for name in slot.related] for slot in schema.slots]
    rows = [0, 1, 2]
    next_row = FIRST_OWN_ROW
    for value in schema.values:
        if value.count >= OWN_ROW_FROM:
            rows.append(next_row)
            next_row += 1
        else:
            rows.append(RARE_ROW)
    assert len(rows) == FIRST_VALUE + len(schema.values)
    rows += [TIME_ROW] * MINUTES
    return SchemaTables(
        offered=_padded(offered, 0),
        related=_padded(related, -1),
        value_rows=np.array(rows),
        value_row_count=next_row,
        requests=len(schema.requests),
    )


def _padded(rows: list[list[int]], filler: int) -> Numbers:
    longest = max(1, *(len(row) for row in rows))
    return np.array([row + [filler] * (longest - len(row)) for row in rows])
