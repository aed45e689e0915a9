"""Dates: `2026-03-05`, `march 5th`, `the 5th of march`, `friday`, `tomorrow`, `in three days`.

What depends on the day it is said needs that day, and whatever two people would read as two
different days is left alone: `05/06/2026`, `next friday` said on a Tuesday.
"""

import re
from datetime import date, datetime, timedelta

from nlp_lstm.text.lowered import lowered
from nlp_lstm.values.calendar import (
    DAYS,
    MONTHS,
    ORDINALS,
    next_day_of_month,
    next_month_day,
    valid,
    weekday_named,
)
from nlp_lstm.values.date_forms import NAMED, READ
from nlp_lstm.values.forms import groups_said
from nlp_lstm.values.numbers import NUMBER_WORDS

# A date without a year exists if it does in one that has February 29.
_LEAP_YEAR = 2024


def normalise_date(raw: str, at: datetime | None) -> str | None:
    """The date that a text is, as `YYYY-MM-DD`, or None.

    Args:
        raw: What was said.
        at: When; without it only dates with a year can be read.
    """
    lower = _bare(raw)
    today = at.date() if at is not None else None
    try:
        day = _date(lower, today)
    except OverflowError:  # beyond the year 9999, or before the first
        return None
    return None if day is None else day.isoformat()


def is_no_date(raw: str) -> bool:
    """Whether a text is written like a date that no calendar has: `31/02/2026`, `feb 30`."""
    said = groups_said(READ, _bare(raw))
    if said is None:
        return False
    if "first" in said:
        numbers = int(said["first"]), int(said["second"])
        year = _year(said["year"]) if "year" in said else _LEAP_YEAR
        return not any(valid(year, month, day) for month, day in (numbers, numbers[::-1]))
    if "month" not in said:
        return False
    day = valid(int(said.get("year", _LEAP_YEAR)), _month(said["month"]), _day(said["day"]))
    return day is None or ("year" in said and _on_weekday(day, said) is None)


def _bare(raw: str) -> str:
    lower = " ".join(lowered(raw).split()).removeprefix("on ").removeprefix("the ")
    return lower.strip(" .,;!?")


def _date(lower: str, today: date | None) -> date | None:
    if lower in NAMED:
        return None if today is None else today + timedelta(days=NAMED[lower])
    said = groups_said(READ, lower)
    if said is None:
        return None
    if "year" in said or "first" in said:
        return _dated(said, today)
    return None if today is None else _relative(said, today)


def _dated(said: dict[str, str], today: date | None) -> date | None:
    """A date that says its year, or two numbers of which one must be the month."""
    if "first" not in said:
        day = valid(int(said["year"]), _month(said["month"]), _day(said["day"]))
        return _on_weekday(day, said)
    first, second = int(said["first"]), int(said["second"])
    if first <= 12 and second <= 12 and first != second:
        return None  # Americans say the month first, nearly everybody else the day
    day_number, month = max(first, second), min(first, second)
    if "year" not in said:
        return None if today is None else next_month_day(today, month, day_number)
    return valid(_year(said["year"]), month, day_number)


def _relative(said: dict[str, str], today: date) -> date | None:
    if "count" in said:
        count = said["count"]
        days = 1 if count in {"a", "an"} else int(NUMBER_WORDS.get(count, count))
        days *= 7 if said["unit"].startswith("week") else 1
        return today + timedelta(days=-days if said.get("back") == "ago" else days)
    if "month" in said:
        day = next_month_day(today, _month(said["month"]), _day(said["day"]))
        return _on_weekday(day, said)
    if "day" in said:
        number = _day(said["day"])
        is_this_month = "which" in said
        day = valid(today.year, today.month, number) if is_this_month else None
        return _on_weekday(day if is_this_month else next_day_of_month(today, number), said)
    which = said.get("week") or said.get("which", "")
    return weekday_named(today, DAYS[said["weekday"]], which)


def _on_weekday(day: date | None, said: dict[str, str]) -> date | None:
    """The date, unless it was said with a day of the week that it is not."""
    if day is not None and "weekday" in said and day.weekday() != DAYS[said["weekday"]]:
        return None
    return day


def _year(text: str) -> int:
    year = int(text)
    return year if year >= 100 else year + (1900 if year >= 69 else 2000)


def _month(text: str) -> int:
    return MONTHS.get(text) or int(text)


def _day(text: str) -> int:
    return ORDINALS.get(text) or int(re.sub(r"\D", "", text))
