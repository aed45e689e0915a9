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
from nlp_lstm.values.forms import any_of, form, groups_said
from nlp_lstm.values.numbers import NUMBER_WORDS

_WEEKDAY = rf"(?P<weekday>{any_of(DAYS)})"
_MONTH = rf"(?P<month>{any_of(MONTHS)})\b\.?"
_SUFFIX = r"\s?(?:st|nd|rd|th)\b"
_NUMERIC_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_DAY = rf"(?P<day>{_NUMERIC_DAY}(?:{_SUFFIX})?(?![\d:])|{any_of(ORDINALS)})"
_YEAR = r"(?:\s?,?\s?(?P<year>(?:19|20)\d\d)(?!\d))"
_COUNT = rf"(?P<count>\d{{1,3}}|an?|{any_of(NUMBER_WORDS)})"
_UNIT = r"(?P<unit>days?|weeks?)"
_FIRST = rf"(?:{_WEEKDAY}\s?,?\s)?"

_DIGITAL = (
    r"(?P<year>(?:19|20)\d\d)\s?(?P<mark>[-/.])\s?(?P<month>0?[1-9]|1[0-2])\s?(?P=mark)"
    rf"\s?(?P<day>{_NUMERIC_DAY})",
    r"(?P<first>\d{1,2})\s?(?P<mark>[-/.])\s?(?P<second>\d{1,2})\s?(?P=mark)"
    r"\s?(?P<year>(?:19|20)?\d\d)",
    r"(?P<first>[0-3]?\d)\s?/\s?(?P<second>[0-3]?\d)(?!\s?/)",
    rf"{_FIRST}the\s(?P<day>{_NUMERIC_DAY}{_SUFFIX})(?!\s(?:of|{any_of(MONTHS)})\b)",
)
_IN_MONTH = (
    rf"{_FIRST}(?:the\s)?{_DAY}\s(?:of\s)?{_MONTH}{_YEAR}?",
    rf"{_FIRST}{_MONTH}\s(?:the\s)?{_DAY}{_YEAR}?",
)
_RELATIVE = (
    rf"(?:(?P<which>this\scoming|this|coming|next|last)\s)?{_WEEKDAY}(?:\s(?P<week>next\sweek))?",
    rf"(?P<week>next\sweek)\s(?:on\s)?{_WEEKDAY}",
)
_NAMED = {
    "today": 0,
    "later today": 0,
    "tonight": 0,
    "tomorrow": 1,
    "the day after tomorrow": 2,
    "day after tomorrow": 2,
    "yesterday": -1,
    "the day before yesterday": -2,
    "day before yesterday": -2,
}
_COUNTED = (rf"in\s{_COUNT}\s{_UNIT}", rf"{_COUNT}\s{_UNIT}\s(?P<back>ago|from\s(?:now|today))")
_VAGUE = (r"(?:this|next|last)\s(?:week|weekend|month|year)",)
_READ = (*_DIGITAL, *_IN_MONTH, *_RELATIVE, *_COUNTED)

# Alone in a sentence these abbreviations are words: they sat in the sun.
_SPOKEN_DAYS = sorted(set(DAYS) - {"sat", "sun", "wed"})


FORMS = (
    form("date", _DIGITAL[0], digits=4),
    form("date", _DIGITAL[1], digits=1),
    form("date", _DIGITAL[2], "/", digits=1),
    form("date", _DIGITAL[3], "st", "nd", "rd", "th", digits=1),
    *(form("date", pattern, *MONTHS) for pattern in _IN_MONTH),
    *(
        form("date", pattern.replace(any_of(DAYS), any_of(_SPOKEN_DAYS)), *_SPOKEN_DAYS)
        for pattern in _RELATIVE
    ),
    form("date", any_of(_NAMED), "today", "tonight", "tomorrow", "yesterday"),
    *(form("date", p, "days", "day", "week", "weeks") for p in _COUNTED),
    *(form("date", p, "week", "weekend", "month", "year") for p in _VAGUE),
)


def normalise_date(raw: str, at: datetime | None) -> str | None:
    """The date that a text is, as `YYYY-MM-DD`, or None.

    Args:
        raw: What was said.
        at: When; without it only dates with a year can be read.
    """
    lower = " ".join(lowered(raw).split()).removeprefix("on ").strip(" .,;!?")
    today = at.date() if at is not None else None
    try:
        day = _date(lower, today)
    except OverflowError:  # beyond the year 9999, or before the first
        return None
    return None if day is None else day.isoformat()


def _date(lower: str, today: date | None) -> date | None:
    if lower in _NAMED:
        return None if today is None else today + timedelta(days=_NAMED[lower])
    said = groups_said(_READ, lower)
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
    year = int(said["year"])
    if year < 100:
        year += 1900 if year >= 69 else 2000
    return valid(year, month, day_number)


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
        return _on_weekday(next_day_of_month(today, _day(said["day"])), said)
    which = "next week" if "week" in said else said.get("which", "")
    return weekday_named(today, DAYS[said["weekday"]], which)


def _on_weekday(day: date | None, said: dict[str, str]) -> date | None:
    """The date, unless it was said with a day of the week that it is not."""
    if day is not None and "weekday" in said and day.weekday() != DAYS[said["weekday"]]:
        return None
    return day


def _month(text: str) -> int:
    return MONTHS.get(text) or int(text)


def _day(text: str) -> int:
    return ORDINALS.get(text) or int(re.sub(r"\D", "", text))
