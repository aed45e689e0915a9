"""Values that several categories have in common, listed once.

[[slot]]
name = "return day"
kind = "category"
values_from = ["departure day"]
"""

from typing import Any

from corpora.errors import quoted
from nlp_lstm.states.described.slots import MisfitError, check_count, folded


def with_shared_values(tables: list[Any]) -> list[Any]:
    """The slots with `values_from` replaced by the values of the slots it names.

    A slot's own values come first, and one that is shared under the same name is not repeated.

    Args:
        tables: The slots as their file has them; whatever else is wrong with them is left alone.

    Raises:
        MisfitError: `values_from` is no list of other slots, or following it leads back.
    """
    places: dict[str, int] = {}
    for place, table in enumerate(tables):
        if isinstance(table, dict) and isinstance(table.get("name"), str):
            places.setdefault(table["name"], place)
    sources = {
        place: [places[name] for name in _named(table["values_from"], place, places)]
        for place, table in enumerate(tables)
        if isinstance(table, dict) and "values_from" in table
    }
    _refuse_circles(sources, {place: name for name, place in places.items()})
    gathered: dict[int, list[Any]] = {}
    for place in range(len(tables)):
        _gather(place, tables, sources, gathered)
    result = []
    for place, table in enumerate(tables):
        if place in sources:
            rest = {key: value for key, value in table.items() if key != "values_from"}
            result.append({**rest, "values": gathered[place]})
        else:
            result.append(table)
    return result


def _named(names: Any, place: int, places: dict[str, int]) -> list[str]:
    if not isinstance(names, list) or not names:
        raise MisfitError(
            place,
            "values_from",
            found=quoted(str(names)),
            expected="a list of slot names",
            remedy='write values_from = ["other slot"]',
        )
    for name in names:
        if not isinstance(name, str) or name not in places:
            raise MisfitError(
                place,
                "values_from",
                found=f"values from {quoted(str(name))}, which is no slot",
                expected="the name of another slot of this file",
                remedy="name a category whose values to share",
            )
    return list(names)


def _refuse_circles(sources: dict[int, list[int]], names: dict[int, str]) -> None:
    """Follow every reference once, depth first, without recursion: a file may chain thousands."""
    done: set[int] = set()
    for first, named in sources.items():
        path = [first]
        pending = [iter(named)]
        while path:
            after = next(pending[-1], None)
            if after is None:
                done.add(path.pop())
                pending.pop()
            elif after in path:
                circle = [*path[path.index(after) :], after]
                raise MisfitError(
                    after,
                    "values_from",
                    found="values in a circle: " + quoted(" -> ".join(names[p] for p in circle)),
                    expected="a slot that lists its values at the end",
                    remedy="list the values in one of these slots",
                )
            elif after not in done:
                path.append(after)
                pending.append(iter(sources.get(after, ())))


def _gather(
    place: int, tables: list[Any], sources: dict[int, list[int]], gathered: dict[int, list[Any]]
) -> None:
    pending = [place]
    while pending:
        current = pending[-1]
        missing = [source for source in sources.get(current, ()) if source not in gathered]
        if missing:
            pending.extend(missing)
            continue
        pending.pop()
        own = tables[current].get("values", []) if isinstance(tables[current], dict) else []
        if not isinstance(own, list):
            own = []
        if current not in gathered:
            shared = [value for source in sources.get(current, ()) for value in gathered[source]]
            gathered[current] = _without_repeats(own, shared)
            if shared:  # here, since a chain of slots that each add some would grow for ever
                check_count(len(gathered[current]), current, "values_from")


def _without_repeats(own: list[Any], shared: list[Any]) -> list[Any]:
    names = {_name(value) for value in own}
    kept = list(own)
    for value in shared:
        if _name(value) not in names:
            names.add(_name(value))
            kept.append(value)
    return kept


def _name(value: Any) -> str:
    name = value.get("name") if isinstance(value, dict) else value
    return folded(str(name))
