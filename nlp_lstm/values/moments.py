"""Dates and times said together, and ones that are no single day: as ISO 8601 has them.

    tomorrow at 5 pm → 2026-03-06T17:00      in two hours → 2026-03-05T12:00
    next month → 2026-04      march 2027 → 2027-03      last week → 2026-W09

What depends on the day it is said needs that day; `tomorrow at 5` is tomorrow, at an hour that
nobody can tell.
"""

import re
from datetime import date, datetime, timedelta

from nlp_lstm.text.lowered import lowered
from nlp_lstm.values.calendar import MONTHS
from nlp_lstm.values.dates import normalise_date
from nlp_lstm.values.finding import find_values
from nlp_lstm.values.forms import any_of
from nlp_lstm.values.numbers import NUMBER_WORDS
from nlp_lstm.values.times import normalise_time

# What may stand between a date and a time, before and behind them.
_BETWEEN = re.compile(r"(?:\s|[,.;@-]|\b(?:at|on|the|in|by|from|around|about|before|after|for)\b)*")
_PART_OF_DAY = re.compile(r"\b(?:morning|afternoon|evening|night|tonight)\b")
_COUNT = rf"(?P<count>\d{{1,4}}|an?|half\san|{any_of(NUMBER_WORDS)})"
_UNIT = r"(?P<unit>minutes?|mins?|hours?|hrs?)"
_FROM_NOW = re.compile(rf"(?:in\s{_COUNT}\s{_UNIT}|{_COUNT.replace('count', 'said')}\s"
                       rf"{_UNIT.replace('unit', 'of')}\s(?P<way>ago|from\snow))")  # fmt: skip
_VAGUE = re.compile(r"(?P<which>this|next|last)\s(?P<what>week|month|year)")
_MONTH = re.compile(rf"(?P<month>{any_of(MONTHS)})\.?\s?,?\s?(?P<year>(?:19|20)\d\d)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?"
)
_STEPS = {"this": 0, "next": 1, "last": -1}


def normalise_moment(raw: str, at: datetime | None) -> str | None:
    """The date, the date with its time, or the month, week or year that a text is, or None.

    Args:
        raw: What was said.
        at: When; without it only what says its year can be read.
    """
    if (written := _ISO.fullmatch(raw.strip(" .,;!?"))) is not None:
        return _written(*written.groups())
    day = normalise_date(raw, at)
    if day is not None:
        return day
    lower = " ".join(lowered(raw).split()).strip(" .,;!?")
    try:
        return _vague(lower, at) or _from_now(lower, at) or _dated_time(lower, at)
    except OverflowError:  # beyond the year 9999, or before the first
        return None


def _written(day: str, time: str) -> str | None:
    try:
        return datetime.fromisoformat(f"{day}T{time}").isoformat(timespec="minutes")
    except ValueError:
        return None


def _dated_time(lower: str, at: datetime | None) -> str | None:
    found = find_values(lower)
    dates = [one for one in found if one.kind == "date"]
    if len(dates) != 1:
        return None
    start, end, _ = dates[0]
    said = lower[start:end]
    day = normalise_date(said, at)
    rest = [one for one in found if one.kind != "date"]
    if day is None or len(rest) > 1 or any(one.kind not in ("time", "number") for one in rest):
        return None
    between = lower[:start] + "," + lower[end:]
    if not rest:
        left = _PART_OF_DAY.sub(" ", between)
        return day if _BETWEEN.fullmatch(left) else None
    hour = lower[rest[0].start : rest[0].end]
    left = _PART_OF_DAY.sub(" ", between.replace(hour, ",", 1))
    if not _BETWEEN.fullmatch(left):
        return None
    part = _PART_OF_DAY.search(lower)
    spoken = hour if part is None else f"{hour} {_in_the(part[0])}"
    time = normalise_time(hour) if part is None or ":" in hour else None
    time = time or normalise_time(spoken) or normalise_time(spoken.replace(" in", " o'clock in"))
    if rest[0].kind == "number" and time is None:
        return None if "at " not in between else day
    return day if time is None else f"{day}T{time}"


def _in_the(part: str) -> str:
    return "at night" if part in ("night", "tonight") else f"in the {part}"


def _from_now(lower: str, at: datetime | None) -> str | None:
    match = _FROM_NOW.fullmatch(lower)
    if match is None or at is None:
        return None
    count = match["count"] or match["said"]
    unit = match["unit"] or match["of"]
    minutes = 60 if unit.startswith("h") else 1
    if count.startswith("half"):
        minutes //= 2
    else:
        minutes *= 1 if count in {"a", "an"} else int(NUMBER_WORDS.get(count, count))
    moment = at + timedelta(minutes=-minutes if match["way"] == "ago" else minutes)
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")


def _vague(lower: str, at: datetime | None) -> str | None:
    if (month := _MONTH.fullmatch(lower)) is not None:
        return f"{month['year']}-{MONTHS[month['month']]:02d}"
    if _YEAR.fullmatch(lower):
        return lower
    match = _VAGUE.fullmatch(lower)
    if match is None or at is None:
        return None
    step, today = _STEPS[match["which"]], at.date()
    if match["what"] == "year":
        return f"{today.year + step:04d}"
    if match["what"] == "month":
        months = today.year * 12 + today.month - 1 + step
        return f"{months // 12:04d}-{months % 12 + 1:02d}"
    return _week(today, step)


def _week(today: date, step: int) -> str | None:
    if today.weekday() == 6:
        return None  # on a Sunday some have begun the next week, others end this one
    year, week, _ = (today + timedelta(weeks=step)).isocalendar()
    return f"{year:04d}-W{week:02d}"
