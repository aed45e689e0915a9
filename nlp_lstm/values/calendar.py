"""Days and months by name, and which date they are, seen from another."""

from datetime import date, timedelta

from nlp_lstm.values.forms import listed

_MONTHS = listed(
    "january february march april may june july august september october november december"
)
MONTHS = (
    {name: number for number, name in enumerate(_MONTHS, start=1)}
    | {name[:3]: number for number, name in enumerate(_MONTHS, start=1)}
    | {"sept": 9}
)
_DAYS = listed("monday tuesday wednesday thursday friday saturday sunday")
DAYS = (
    {name: number for number, name in enumerate(_DAYS)}
    | {name[:3]: number for number, name in enumerate(_DAYS)}
    | {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
)
_ORDINALS = listed(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
    " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
ORDINALS = (
    {name: number for number, name in enumerate(_ORDINALS, start=1)}
    | {
        f"twenty{mark}{name}": 20 + number
        for number, name in enumerate(_ORDINALS[:9], start=1)
        for mark in " -"
    }
    | {"thirtieth": 30, "thirty first": 31, "thirty-first": 31}
)


def valid(year: int, month: int, day: int) -> date | None:
    """The date, if there is such a day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def next_month_day(today: date, month: int, day: int) -> date | None:
    """The next such day of the year, today included; at most eight years on, for February 29."""
    years = range(today.year, today.year + 9)
    days = (valid(year, month, day) for year in years)
    return next((found for found in days if found is not None and found >= today), None)


def next_day_of_month(today: date, day: int) -> date | None:
    """The next such day of a month, today included."""
    months = range(today.month - 1, today.month + 2)
    days = (valid(today.year + month // 12, month % 12 + 1, day) for month in months)
    return next((found for found in days if found is not None and found >= today), None)


def weekday_named(today: date, weekday: int, which: str) -> date | None:
    """The date of a day of the week, where there is only one way to read it.

    Args:
        today: The day it is said on.
        weekday: 0 is Monday.
        which: What stands before it: nothing, `this`, `coming`, `next`, `last`; or, after it,
            `this week` or `next week`.
    """
    monday = today - timedelta(days=today.weekday())
    in_this_week = monday + timedelta(days=weekday)
    in_next_week = in_this_week + timedelta(days=7)
    in_last_week = in_this_week - timedelta(days=7)
    to_come = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    gone = to_come - timedelta(days=14 if weekday == today.weekday() else 7)
    read_as: dict[str, tuple[date, ...]] = {
        "": (to_come, today) if weekday == today.weekday() else (to_come,),
        "this": (in_this_week if weekday == today.weekday() else to_come,),
        "coming": (to_come,),
        "this coming": (to_come,),
        "next": (to_come, in_next_week),
        "last": (gone, in_last_week),
        "this week": (in_this_week, max(in_this_week, today)),
        "next week": (in_next_week,),
    }
    first, *others = read_as[which]
    return first if all(other == first for other in others) else None
