r"""Whether a slot can hold some words, and as what.

date, said on 2026-03-03:          "march 5th" → 2026-03-05    "31 February" → no such date
identifier of [A-Z]{2}\d{6}:       "ab 123456" → AB123456      "tomorrow" → not of the pattern
"""

import re
from datetime import datetime
from typing import Literal, NamedTuple

from nlp_lstm.states.described.patterns import matches
from nlp_lstm.states.described.slots import DescribedSlot, folded
from nlp_lstm.values.finding import find_values
from nlp_lstm.values.kinds import Kind
from nlp_lstm.values.normalising import LONGEST, normalise

Misfit = Literal[
    "nothing said",
    "too long",
    "not one of the values",
    "not of the kind",
    "not of the pattern",
    "no such date",
    "no such time",
]

# In a leap year, at the beginning of a long month: whatever day there ever is comes after it.
_SOME_DAY = datetime(2024, 1, 1, 12)
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b,? ?", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_TWO_NUMBERS = re.compile(r"(\d{1,2}) ?[-./] ?(\d{1,2})(?: ?[-./] ?(?:\d{2}|\d{4}))?")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}) ?[:.] ?(\d{2})(?!\d)")


class Fit(NamedTuple):
    """A value as a slot holds it, or None and why the slot cannot."""

    value: str | None
    misfit: Misfit | None = None


def fitting(slot: DescribedSlot, raw: str, at: datetime | None = None) -> Fit:
    """What a slot would hold of some words, whoever said them.

    A date or time that cannot be worked out, but may exist, is held as it was said.

    Args:
        slot: Which.
        raw: The words.
        at: When they were said; without it a date of no year cannot be worked out.
    """
    said = " ".join(raw.split())
    if not said:
        return Fit(None, "nothing said")
    if len(said) > LONGEST:
        return Fit(None, "too long")
    if slot.kind == "category":
        return _listed(slot, said)
    value = _normalised(slot.kind, said, at)
    if slot.pattern is not None:
        return _matching(slot.pattern, value, said)
    if value is not None:
        return Fit(value)
    misfit = _misfit(slot.kind, said)
    return Fit(said) if misfit is None else Fit(None, misfit)


def is_same(kind: Kind, value: str, other: str, at: datetime | None = None) -> bool:
    """Whether two values of a kind are one, however they are written."""
    if folded(value) == folded(other):
        return True
    seen_from = at or _SOME_DAY
    read = _normalised(kind, value, seen_from)
    return read is not None and read == _normalised(kind, other, seen_from)


def _listed(slot: DescribedSlot, said: str) -> Fit:
    """The category value of this name or alias."""
    own = folded(said)
    for value in slot.values:
        if own in (folded(name) for name in (value.name, *value.aliases)):
            return Fit(value.name)
    return Fit(None, "not one of the values")


def _matching(pattern: str, value: str | None, said: str) -> Fit:
    """The normalised form, or the words where that has lost what the pattern asks for."""
    for form in (value, said):
        if form is not None and matches(pattern, form):
            return Fit(form)
    return Fit(None, "not of the pattern")


def _normalised(kind: Kind, said: str, at: datetime | None) -> str | None:
    """The value that the words are, or the one value of the kind that stands in them."""
    value = normalise(kind, said, at=at)
    if value is not None:
        return value
    found = [span for span in find_values(said) if span.kind == kind]
    if len(found) != 1:
        return None
    return normalise(kind, said[found[0].start : found[0].end], at=at)


def _misfit(kind: Kind, said: str) -> Misfit | None:
    """Why words that no value can be read from are none; None where they may be one."""
    if kind == "date":
        return None if _may_be_a_date(said) else "no such date"
    if kind == "time":
        return None if _may_be_a_time(said) else "no such time"
    return "not of the kind"


def _may_be_a_date(said: str) -> bool:
    """Whether there can be such a date: `weekend` and `03/04` can be, `31 February` cannot."""
    day = _WEEKDAY.sub("", said)  # which day of the week it is differs from year to year
    if not _DIGIT.search(day) or _normalised("date", day, _SOME_DAY) is not None:
        return True
    # Either number may be the month; where both can, nobody knows which, but there is a date.
    numbers = _TWO_NUMBERS.fullmatch(day)
    return numbers is not None and all(1 <= int(number) <= 12 for number in numbers.groups())


def _may_be_a_time(said: str) -> bool:
    """Whether there can be such a time: `half past five` can be, `25:70` cannot."""
    return all(int(hour) <= 24 and int(minute) < 60 for hour, minute in _CLOCK.findall(said))
