"""Belief states as the operations that lead from one to the next, and back.

    {area: north}  →  replace area = south, set food = thai  →  {area: south, food: thai}

A slot that holds several values has one `SlotValue` for each: its operations are `append` and
`remove`. `dontcare` is no value among others: it stands alone, and any value takes its place.
"""

from collections.abc import Container, Iterable, Iterator, Sequence

from corpora.labels import Operation, SlotValue, StateChange

DONTCARE = "dontcare"  # how most corpora spell that any value will do

State = tuple[SlotValue, ...]


def operation(before: str | None, after: str | None, *, dontcare: str = DONTCARE) -> Operation:
    """What leads a slot of one value from `before` to `after`; None is an empty slot.

    Args:
        before: What it held.
        after: What it holds, not the same.
        dontcare: How the corpus says that any value will do.
    """
    if after is None:
        return "delete"
    if after == dontcare:
        return "dontcare"
    return "set" if before is None else "replace"


def operations(
    before: Sequence[str], after: Sequence[str], *, several: bool, dontcare: str = DONTCARE
) -> list[tuple[Operation, str | None]]:
    """What leads a slot from some values to others, in the order in which to do it.

    Args:
        before: What it held.
        after: What it holds.
        several: Whether the slot may hold several values; one that does, does so in any case.
        dontcare: How the corpus says that any value will do.

    Returns:
        Operations and their values, None after `delete`; none where nothing changed.
    """
    if sorted(before) == sorted(after):
        return []
    several = several or len(before) > 1 or len(after) > 1
    if not several or not after or list(after) == [dontcare]:
        old, new = next(iter(before), None), next(iter(after), None)
        return [(operation(old, new, dontcare=dontcare), new)]
    if list(before) == [dontcare]:
        first, *others = sorted(after)
        return [("replace", first), *(("append", value) for value in others)]
    removed, added = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    return [*(("remove", value) for value in removed), *(("append", value) for value in added)]


def changes_between(
    before: Iterable[SlotValue],
    after: Iterable[SlotValue],
    *,
    several: Container[str] = (),
    dontcare: str = DONTCARE,
) -> tuple[StateChange, ...]:
    """The changes that lead from one state to another, sorted by slot; `apply` undoes it.

    Args:
        before: A state.
        after: Another.
        several: Slots that may hold several values; one that does, does so in any case.
        dontcare: How the corpus says that any value will do.
    """
    old, new = _by_slot(before), _by_slot(after)
    return tuple(
        StateChange(done, slot, value)
        for slot in sorted(old.keys() | new.keys())
        for done, value in operations(
            old.get(slot, []), new.get(slot, []), several=slot in several, dontcare=dontcare
        )
    )


def apply(state: Iterable[SlotValue], changes: Iterable[StateChange]) -> State:
    """The state after some changes, sorted.

    Args:
        state: Before them.
        changes: In the order in which they happen.

    Raises:
        ValueError: A change does not fit the state: it sets what is filled, or removes or deletes
            what is not there.
    """
    held = _by_slot(state)
    for change in changes:
        held[change.slot] = _changed(held.get(change.slot, []), change)
    return tuple(
        sorted(SlotValue(slot, value) for slot, values in held.items() for value in values)
    )


def replay(turns: Iterable[Iterable[StateChange] | None]) -> Iterator[State]:
    """Yield the state after each turn of a conversation, from the changes that each made.

    Args:
        turns: What each turn changed, in order; None where nobody looked, and nothing changes.

    Raises:
        ValueError: A change does not fit the state before it.
    """
    state: State = ()
    for changes in turns:
        state = apply(state, changes or ())
        yield state


def raw_of(said: str, value: str) -> str | None:
    """The words that said a value, where they are not the value itself.

    Args:
        said: The stretch of the turn that says it.
        value: What the slot holds; case and runs of blanks tell no difference.
    """
    return None if _folded(said) == _folded(value) else said


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _changed(values: list[str], change: StateChange) -> list[str]:
    """The values of a slot after a change of it."""
    match change.operation, change.value:
        case "set", str(value) if not values:
            return [value]
        case "replace", str(value) if values:
            return [value]
        case "dontcare", str(value):
            return [value]
        case "append", str(value) if value not in values:
            return [*values, value]
        case "remove", str(value) if value in values:
            return [other for other in values if other != value]
        case "delete", None if values:
            return []
    held = ", ".join(map(repr, values)) or "nothing"
    raise ValueError(
        f"{change.operation} of {change.value!r} does not fit {change.slot!r}, which holds {held}"
    )


def _by_slot(state: Iterable[SlotValue]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for held in state:
        values.setdefault(held.slot, []).append(held.value)
    return values
