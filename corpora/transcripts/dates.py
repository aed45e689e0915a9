"""Which of three numbers is the day: 3/4/24 is the third of April, or the fourth of March."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

Fields = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class DateOrder:
    """The places of day, month and year in a date, and whether they are proved.

    Attributes:
        name: `day first`, `month first` or `year first`.
        day: Index of the day among the three fields.
        month: Index of the month.
        year: Index of the year.
        is_guessed: Whether nothing in the document proves the order.
    """

    name: str
    day: int
    month: int
    year: int
    is_guessed: bool = False

    def read(self, fields: Fields, clock: Fields) -> datetime | None:
        """The moment, without a zone; None where there is no such day or hour."""
        year = fields[self.year]
        try:
            return datetime(
                year if year > 99 else 2000 + year, fields[self.month], fields[self.day], *clock
            )
        except ValueError:
            return None


def choose_order(
    dates: Sequence[Fields],
    clocks: Sequence[Fields],
    *,
    has_half: bool,
    separator: str,
    day_first: bool | None,
) -> DateOrder:
    """The order of the dates of one document.

    In this order: the caller's word; a field over 12 is the day; time never runs backwards;
    the field that changes more often is the day; and at last the custom, which is month first
    for a.m. and p.m. with slashes and day first elsewhere.

    Args:
        dates: Their three fields, in the order of the document.
        clocks: Hour, minute and second of each.
        has_half: Whether the clock counts to twelve.
        separator: What stands between the fields.
        day_first: The caller's word, or None.
    """
    if any(first > 31 for first, _, _ in dates):
        return DateOrder("year first", 2, 1, 0)
    if day_first is not None:
        return _order(is_day_first=day_first)
    is_over = [sum(fields[index] > 12 for fields in dates) for index in (0, 1)]
    if is_over[0] != is_over[1]:
        return _order(is_day_first=is_over[0] > is_over[1])
    runs_back = [
        _runs_back(dates, clocks, _order(is_day_first=is_day_first))
        for is_day_first in (True, False)
    ]
    if runs_back[0] != runs_back[1]:
        return _order(is_day_first=runs_back[1])
    changes = [_changes([fields[index] for fields in dates]) for index in (0, 1)]
    if changes[0] != changes[1]:
        return _order(is_day_first=changes[0] > changes[1], is_guessed=True)
    return _order(is_day_first=not (has_half and separator == "/"), is_guessed=True)


def _order(*, is_day_first: bool, is_guessed: bool = False) -> DateOrder:
    if is_day_first:
        return DateOrder("day first", 0, 1, 2, is_guessed)
    return DateOrder("month first", 1, 0, 2, is_guessed)


def _runs_back(dates: Sequence[Fields], clocks: Sequence[Fields], order: DateOrder) -> bool:
    last = None
    for fields, _ in zip(dates, clocks, strict=True):
        # Days only: clocks are set back once a year, and by travellers.
        day = (fields[order.year], fields[order.month], fields[order.day])
        if last is not None and day < last:
            return True
        last = day
    return False


def _changes(field: Sequence[int]) -> int:
    return sum(now != before for before, now in pairwise(field))
