"""What a turn did to a belief, as operations with their reasons."""

from collections.abc import Sequence

from corpora.changes import operations, raw_of
from corpora.labels import StateChange
from nlp_lstm.states.described.belief import Belief, Held
from nlp_lstm.states.described.schema import DescribedSchema


def changes_of(
    schema: DescribedSchema,
    before: Belief,
    after: Belief,
    view: Sequence[int],
    confidence: Sequence[float],
) -> tuple[StateChange, ...]:
    """The operations that lead from one belief to another, sorted by slot.

    Args:
        schema: Of the slots.
        before: A belief.
        after: Another.
        view: The slots that are followed.
        confidence: Calibrated, one a slot in view.
    """
    changes: list[StateChange] = []
    for place, slot in enumerate(view):
        old, new = before.held.get(slot, ()), after.held.get(slot, ())
        if old == new:
            continue
        known: dict[str, Held] = {held.value: held for held in (*old, *new)}
        own = schema.slots[slot]
        for operation, value in operations(
            [held.value for held in old], [held.value for held in new], several=own.several
        ):
            held = None if value is None else known[value]
            changes.append(
                StateChange(
                    operation,
                    own.name,
                    value,
                    confidence[place],
                    held.evidence if held else None,
                    held.source if held else None,
                    raw_of(held.raw, held.value) if held and held.raw else None,
                )
            )
    return tuple(sorted(changes, key=lambda change: change.slot))
