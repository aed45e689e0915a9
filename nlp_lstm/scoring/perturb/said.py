"""Where a turn's own words say a value that its state newly holds.

hotel-book people = 4    "a room for four people"  →  [11, 15)
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from corpora.labels import SlotValue

_COUNTED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBER_WORDS = {str(number): word for number, word in enumerate(_COUNTED, start=1)}


class SaidValue(NamedTuple):
    """A value and where it is said: [start, end) in code points of the turn."""

    slot: str
    value: str
    start: int
    end: int


def newly_held(
    before: Sequence[SlotValue] | None, after: Sequence[SlotValue] | None
) -> list[SlotValue]:
    """What a slot holds after a turn and did not hold before."""
    known = set(before or ())
    return [one for one in after or () if one not in known]


def said_values(text: str, held: Sequence[SlotValue]) -> Iterator[SaidValue]:
    """Yield each value whose words stand in the text once and belong to no other slot.

    Args:
        text: A turn's.
        held: What it newly sets.
    """
    places = ((one, place) for one in held for place in _places(text, one))
    found = list(dict.fromkeys(SaidValue(one.slot, one.value, *place) for one, place in places))
    for one in found:
        overlapping = [other for other in found if other.start < one.end and one.start < other.end]
        if len(overlapping) == 1 and sum(other.slot == one.slot for other in found) == 1:
            yield one


def _places(text: str, one: SlotValue) -> Iterator[tuple[int, int]]:
    for spelling in {one.value, *one.also, NUMBER_WORDS.get(one.value, one.value)}:
        for match in _pattern(spelling).finditer(text):
            yield match.span()


@lru_cache(maxsize=20_000)
def _pattern(spelling: str) -> re.Pattern[str]:
    words = r"\s+".join(map(re.escape, spelling.split()))
    # Not within a word, a number or a time: `4` is not in `14:30`, `4.50` or `4-star`.
    return re.compile(rf"(?<![\w:.-]){words}(?![\w-]|[:.]\d)", re.IGNORECASE)
