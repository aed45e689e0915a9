"""A corrected belief state carried on through the turns after it.

corrected: {area: south}    next turn: set food = thai    →  {area: south, food: thai}
"""

from collections.abc import Collection, Mapping
from typing import Any

from corpora.changes import changes_between
from corpora.labels import SlotValue
from pipelines.records import change_parts

Held = dict[str, list[str]]


def carry_on(turns: list[dict[str, Any]], place: int, fixed: Collection[int]) -> None:
    """Apply what later turns changed to a corrected state, in place.

    Args:
        turns: Of a record; those after `place` are given new states.
        place: The corrected turn's.
        fixed: Indices of turns whose states somebody gave: the first of them ends the carrying,
            and only its changes are told anew.
    """
    held = _held(turns[place]["state"])
    for turn in turns[place + 1 :]:
        if turn["state"] is None:
            continue
        if turn["index"] in fixed:
            turn["changes"] = _retold(held, _held(turn["state"]), turn["changes"] or [])
            return
        after, changes = dict(held), []
        for change in turn["changes"] or ():
            told = _applied(after, change)
            if told is not None:
                changes.append(told)
        turn["changes"], turn["state"] = changes, _parts(after)
        held = after


def _applied(held: Held, change: Mapping[str, Any]) -> dict[str, Any] | None:
    """Apply a change; how it is told now, or None where there is nothing left to do."""
    slot, value, operation = change["slot"], change["value"], change["operation"]
    values = held.get(slot, [])
    if operation in ("delete", "remove"):
        rest = [one for one in values if operation == "remove" and one != value]
        if len(rest) == len(values):
            return None
        if rest:
            held[slot] = rest
        else:
            del held[slot]
        return dict(change)
    if operation == "append":
        if value in values:
            return None
        held[slot] = [*values, value]
        return dict(change)
    if values == [value]:
        return None
    held[slot] = [value]
    if operation in ("set", "replace"):
        operation = "replace" if values else "set"
    return {**change, "operation": operation}


def _retold(before: Held, after: Held, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The changes between two states; one that is already told keeps its evidence."""
    told = {(one["operation"], one["slot"], one["value"]): one for one in changes}
    new = change_parts(changes_between(_values(before), _values(after)))
    return [told.get((one["operation"], one["slot"], one["value"]), one) for one in new]


def _held(state: Any) -> Held:
    held: Held = {}
    for one in state or ():
        held.setdefault(one["slot"], []).append(one["value"])
    return held


def _values(held: Held) -> list[SlotValue]:
    return [SlotValue(slot, value) for slot in sorted(held) for value in held[slot]]


def _parts(held: Held) -> list[dict[str, str]]:
    return [{"slot": one.slot, "value": one.value} for one in _values(held)]
