"""Values of JSON, once each replaced by a value of another kind.

Fuzzing bytes seldom puts an object where a word should stand; other people's exports do.
"""

from collections.abc import Iterator
from typing import Any

OTHERS: tuple[Any, ...] = ({}, [], {"id": [1]}, [{"text": {}}], 7, -0.5, None, True, "x", "\ud800")
Place = tuple[str | int, ...]


def changed(value: Any, *, most_items: int | None = None) -> Iterator[Any]:
    """The value with something else in place of each part of it, one after the other.

    Args:
        value: What JSON can hold.
        most_items: Of a list, that are replaced; None for all.
    """
    for at in _places(value, most_items):
        for other in OTHERS:
            yield _exchanged(value, at, other)


def _places(value: Any, most_items: int | None, at: Place = ()) -> Iterator[Place]:
    if at:
        yield at
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, most_items, (*at, key))
    if isinstance(value, list):
        for index, item in enumerate(value[:most_items]):
            yield from _places(item, most_items, (*at, index))


def _exchanged(value: Any, at: Place, other: Any) -> Any:
    if not at:
        return other
    if isinstance(value, dict):
        return {k: _exchanged(v, at[1:], other) if k == at[0] else v for k, v in value.items()}
    return [_exchanged(v, at[1:], other) if i == at[0] else v for i, v in enumerate(value)]
