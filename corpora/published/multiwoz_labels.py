"""MultiWOZ labels as the leaderboard compares them: one spelling for what annotators wrote in many.

    hotel-type  guesthouse → false        train-leaveat  5:45pm → 17:45
    hotel-area  centre of town → centre   any slot       dontcare → do not care

The spellings stand in `multiwoz_labels.toml`.
"""

import re
import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

TABLE = Path(__file__).with_suffix(".toml")
TIMES = ("-arriveby", "-leaveat", "-book time")
CLOCK = re.compile(r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d))? ?(?P<half>am|pm)?")
GAPS = re.compile(r"[-/\s]+")
MARKS = re.compile(r"['\"`’“”()\[\]<>]")


def normalised_label(slot: str, value: str) -> str | None:
    """The leaderboard's spelling of a label, or None where it says that the slot is empty.

    Args:
        slot: `domain-slot`, lower-cased: `hotel-book day`.
        value: What the publisher's state holds.
    """
    value = GAPS.sub(" ", MARKS.sub("", value.lower())).strip()
    if slot.endswith(TIMES):
        value = _time(value)
    for written, replacement in _words():
        value = written.sub(replacement, value)
    kind = slot.partition("-")[2].removeprefix("book ")
    for key in ("*", f"*-{kind}", slot):
        value = _spellings().values.get(key, {}).get(value, value)
    return None if not value or value in _spellings().absent else value


def _time(value: str) -> str:
    """`HH:MM` of 24 hours, where the value is a time of day at all."""
    match = CLOCK.fullmatch(value)
    if match is None or not (match["minute"] or match["half"]):
        return value
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] == "pm" else 0) if hour <= 12 else hour
    return f"{hour % 24:02d}:{match['minute'] or '00'}"


class Spellings(BaseModel):
    """The table; see the comments in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    absent: frozenset[str]
    words: dict[str, str]
    values: dict[str, dict[str, str]]


@cache
def _spellings() -> Spellings:
    return Spellings.model_validate(tomllib.loads(TABLE.read_text(encoding="utf-8")))


@cache
def _words() -> tuple[tuple[re.Pattern[str], str], ...]:
    words = _spellings().words.items()
    return tuple((re.compile(rf"(?<!\w){re.escape(word)}(?!\w)"), by) for word, by in words)
