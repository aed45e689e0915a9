"""From what every slot holds to the belief state, and to what a turn did to it."""

from collections.abc import Container, Iterable, Sequence
from operator import attrgetter

from corpora.changes import operation
from corpora.labels import SlotValue, StateChange
from nlp_lstm.states.history import Said
from nlp_lstm.states.schema import EMPTY, OTHER, Schema
from nlp_lstm.states.sources import IMPLIED, origin


def belief_state(values: Sequence[int], schema: Schema) -> tuple[SlotValue, ...]:
    """Value numbers of all slots as the filled slots, sorted by name."""
    filled = [
        SlotValue(slot.name, schema.value_names[value])
        for slot, value in zip(schema.slots, values, strict=True)
        if value not in (EMPTY, OTHER)
    ]
    return tuple(sorted(filled))


def state_changes(
    before: Sequence[int],
    after: Sequence[int],
    confidences: Sequence[float],
    copied: Container[int],
    said: Iterable[Said],
    schema: Schema,
) -> tuple[StateChange, ...]:
    """What a turn did to the state, sorted by slot.

    Args:
        before: Value numbers before the turn.
        after: Value numbers after it.
        confidences: Calibrated, one a slot.
        copied: Slots that took their value from another.
        said: What was said up to the turn's end.
        schema: Of the numbers.
    """
    changed = [slot for slot, old in enumerate(before) if old != after[slot]]
    rows = {row.value: row for row in said}
    names = schema.value_names
    changes: list[StateChange] = []
    for slot in changed:
        old, new = names[before[slot]] or None, names[after[slot]] or None
        # That nothing is wanted, or anything, is nobody's words: no table has a row of it.
        source = origin(rows.get(after[slot]), is_copied=slot in copied) if new else IMPLIED
        changes.append(
            StateChange(
                operation(old, new, dontcare=schema.dontcare),
                schema.slots[slot].name,
                new,
                confidences[slot],
                source.evidence,
                source.source,
                source.raw,
            )
        )
    return tuple(sorted(changes, key=attrgetter("slot")))
