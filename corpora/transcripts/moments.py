"""Moments as machines write them: seconds since 1970, and the English dates of old interfaces."""

import re
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NUMBER = re.compile(r"(-?\d{1,12})(?:\.(\d{1,12}))?")
MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
# Tue Oct 31 22:10:47 +0000 2017; no locale decides what October is called.
ENGLISH = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d{2}):(\d{2}):(\d{2}) ([+-]\d{2})(\d{2}) (\d{4})"
)


def epoch_time(value: object) -> datetime | None:
    """The moment that is so many seconds after the start of 1970, in UTC.

    Args:
        value: A number, or its digits; the digits after a point are kept to the microsecond.

    Returns:
        None for anything else, and for moments that no calendar holds: milliseconds are not
        guessed from their size.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    match = NUMBER.fullmatch(f"{value:.6f}" if isinstance(value, float) else str(value).strip())
    if match is None:
        return None
    fraction = int((match[2] or "").ljust(6, "0")[:6])
    seconds = int(match[1])
    sign = -1 if match[1].startswith("-") else 1
    try:
        return EPOCH + timedelta(seconds=seconds, microseconds=sign * fraction)
    except OverflowError:
        return None


def english_time(value: str) -> datetime | None:
    """The moment in `Tue Oct 31 22:10:47 +0000 2017`; None for anything else."""
    match = ENGLISH.fullmatch(value.strip())
    if match is None or match[1] not in MONTHS:
        return None
    _, day, hour, minute, second, hours, minutes, year = match.groups()
    written = (
        f"{year}-{MONTHS[match[1]]:02}-{int(day):02}T{hour}:{minute}:{second}{hours}:{minutes}"
    )
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None
