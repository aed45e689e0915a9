"""Rare values whose names hold another value's: labels may mean either.

A database lists `el shaddai`, which labels call `el shaddia guest house`; two labels of a
training split are `after 16:30`. As the longest match wins, such a value would hide the usual one.
"""

from collections.abc import Callable, Sequence

from nlp_lstm.states.schema import FIRST_VALUE, Schema

RARE = 5  # values with fewer labels than this


def inner_values(
    schema: Schema, index: int, words: Sequence[str], said: Callable[[Sequence[str]], list[int]]
) -> list[int]:
    """Values that parts of a rare value's name say, longest parts first, none inside another.

    Only values that labels use more often count, and those that share a slot with it.

    Args:
        schema: Of the values.
        index: The value's place in it.
        words: Of its name, small ones left out.
        said: The values that some words say.
    """
    if schema.values[index].count >= RARE:
        return []
    found: list[int] = []
    taken: set[int] = set()
    for length in range(len(words) - 1, 0, -1):
        for first in range(len(words) - length + 1):
            part = range(first, first + length)
            inner = [n for n in said(words[first : first + length]) if _outweighs(schema, n, index)]
            if inner and taken.isdisjoint(part):
                taken.update(part)
                found += inner
    return found


def _outweighs(schema: Schema, number: int, index: int) -> bool:
    value = schema.values[index]
    if set(schema.takers(number)).isdisjoint(value.slots):
        return False
    is_time = number >= schema.first_time
    return is_time or schema.values[number - FIRST_VALUE].count > value.count
