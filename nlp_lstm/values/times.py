"""Times of the day: `5:30 pm`, `5 : 30`, `half past five`, `evening 6:15`, `noon`.

A clock time without more is read as on a 24-hour clock, `5:30` as 05:30, as timetables and
published labels have it; `5` and `half past five` could be in either half and are left alone.
"""

import re

from nlp_lstm.text.lowered import lowered
from nlp_lstm.values.forms import any_of, form, groups_said
from nlp_lstm.values.numbers import NUMBER_WORDS

_HOURS = {word: int(digits) for word, digits in NUMBER_WORDS.items() if 1 <= int(digits) <= 12}
_MINUTES = {"fifteen": 15, "thirty": 30, "forty five": 45, "forty-five": 45, "oh five": 5} | {
    word: int(digits) for word, digits in NUMBER_WORDS.items() if 10 <= int(digits) <= 50
}
_FRACTIONS = {"half": 30, "quarter": 15}
_NAMED = {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}

_DIGITS = r"(?:[01]?\d|2[0-4])"
_ANY_HOUR = rf"(?:{_DIGITS}|{any_of(_HOURS)})"
_HALF = r"[ap](?:m\b|\.m\b\.?|\s\.\sm\s\.)"
_PART = r"(?:in\sthe\s)?(?:morning|afternoon|evening|night)|at\snight"
_TAIL = rf"(?:\s?(?P<half>{_HALF})|\s(?P<part>{_PART}))"
_CLOCK = rf"(?P<hour>{_DIGITS})\s?:\s?(?P<minute>[0-5]\d)(?:\s?:\s?[0-5]\d)?"
_OCLOCK = r"\s?o\s?['’\"]?\s?clock"

_PARTS = ("morning", "afternoon", "evening", "night")
_PAST = rf"\s(?P<way>past)\s(?P<hour>{_ANY_HOUR}){_TAIL}?"
_TO = rf"\s(?P<way>to|before)\s(?P<hour>{_ANY_HOUR}){_TAIL}?"
_SPOKEN_MINUTE = rf"(?P<minute>[1-5]?\d|{any_of(NUMBER_WORDS)})"
_SPOKEN_HOUR = rf"(?P<hour>{any_of(_HOURS)})"

# Ways to say an hour, perhaps minutes, perhaps which half or part of the day, and words of which
# one is always said along.
_DIGITAL = {
    rf"{_CLOCK}{_TAIL}?": (":",),
    rf"(?P<hour>{_DIGITS})(?:\s?\.\s?(?P<minute>[0-5]\d))?{_TAIL}": ("am", "pm", "m", *_PARTS),
    rf"(?P<hour>{_DIGITS}){_OCLOCK}{_TAIL}?": ("clock", "oclock"),
    r"(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)\s?(?:hrs|hours)": ("hrs", "hours"),
    rf"(?P<hour>{_DIGITS})h(?P<minute>[0-5]\d)": ("h",),
    rf"(?<!in\sthe\s)(?P<part>morning|afternoon|evening|night)\s(?:at\s)?(?P<hour>{_DIGITS})"
    rf"(?:\s?:\s?(?P<minute>[0-5]\d)|{_OCLOCK})?": _PARTS,
}
_SPOKEN = {
    rf"{_SPOKEN_HOUR}(?:[\s-](?P<minute>{any_of(_MINUTES)}))?(?:{_OCLOCK})?{_TAIL}": tuple(_HOURS),
    rf"{_SPOKEN_HOUR}{_OCLOCK}": ("clock", "oclock"),
    rf"{_SPOKEN_HOUR}[\s-](?P<minute>thirty|fifteen|forty[\s-]five|oh\sfive)": tuple(_HOURS),
    rf"(?P<minute>{any_of(_FRACTIONS)})\s(?P<way>past|after|to|till|before)"
    rf"\s(?P<hour>{_ANY_HOUR}){_TAIL}?": ("half", "quarter"),
    rf"{_SPOKEN_MINUTE}(?:\sminutes)?{_PAST}": ("past",),
    rf"{_SPOKEN_MINUTE}\sminutes{_TO}": ("minutes",),
}
# `1130 pm` is read where somebody says that it is a time; to find it would be to guess.
_UNMARKED = rf"(?P<hour>0?[1-9]|1[0-2])(?P<minute>[0-5]\d)\s?(?P<half>{_HALF})"
_READ = (*_DIGITAL, *_SPOKEN, _UNMARKED)
# Hours from 25 or minutes from 60 on.
_CLOCK_LIKE = re.compile(
    rf"(?:2[5-9]|[3-9]\d)\s?:\s?\d\d(?:\s?{_HALF})?|\d\d?\s?:\s?[6-9]\d(?:\s?{_HALF})?"
)

# What follows a number after `at` or `by` when it is no hour but a count or a price.
_NO_HOUR = r"people|persons?|guests|nights?|days?|hours?|minutes?|stars?|pounds?|dollars?|percent"
FORMS = (
    *(form("time", pattern, *words, digits=1) for pattern, words in _DIGITAL.items()),
    *(form("time", pattern, *words) for pattern, words in _SPOKEN.items()),
    form("time", any_of(_NAMED), *_NAMED),
    form(
        "time",
        rf"(?:(?<=\bat\s)|(?<=\bby\s)|(?<=\buntil\s)|(?<=\bafter\s)|(?<=\bbefore\s)){_DIGITS}"
        rf"(?![.,:/-]?\d|\s(?:{_NO_HOUR})\b|\sof\b)",
        *("at", "by", "until", "after", "before"),
        digits=1,
    ),
)


def normalise_time(raw: str) -> str | None:
    """The time that a text is, as `HH:MM`, or None.

    A bare hour up to twelve is unclear; `17` and `05` are not.
    """
    lower = " ".join(lowered(raw).split()).removeprefix("at ").removeprefix("a ").strip(" ,;!?")
    if lower in _NAMED or lower.removeprefix("12 ") in _NAMED:
        return _NAMED[lower.removeprefix("12 ")]
    if re.fullmatch(r"0\d|1[3-9]|2[0-3]", lower):
        return f"{int(lower):02d}:00"
    for text in (lower, lower.rstrip(".").rstrip()):
        if (said := groups_said(_READ, text)) is not None:
            return _read(said)
    return None


def is_no_time(raw: str) -> bool:
    """Whether a text is written like a time that no clock shows: `25:70`, `8:75 pm`."""
    return _CLOCK_LIKE.fullmatch(lowered(raw).strip(" ,.;!?")) is not None


def day_time(hour: int, minute: int, half: str | None = None) -> str:
    """`HH:MM` on a 24-hour clock; `half` is `a`, `p` or None where nobody said which.

    Minutes may be negative: a quarter to twelve in the morning is in the evening before.
    """
    if half is not None and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    minutes = (60 * hour + minute) % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _read(said: dict[str, str]) -> str | None:
    hour = _number(said["hour"], _HOURS)
    minute = _number(said.get("minute", "0"), _MINUTES | _FRACTIONS)
    half = said.get("half", "")[:1] or None
    if minute > 59 or (half is not None and hour > 12):
        return None
    is_before = said.get("way") in {"to", "till", "before"}
    if "part" in said:
        # A quarter to twelve in the morning lies in the morning, a quarter to 12 am does not.
        if is_before:
            hour, minute, is_before = hour - 1, 60 - minute, False
        half = _half(said["part"], hour)
    is_digital = said.get("minute", "").isdecimal() and "way" not in said
    if half is None and hour <= 12 and not is_digital:
        return None  # `half past five`, in the morning or in the afternoon
    return day_time(hour, -minute if is_before else minute, half)


def _half(part: str, hour: int) -> str | None:
    """Which half of the day an hour in a part of the day lies in."""
    if "morning" in part or ("night" in part and (hour < 5 or hour == 12)):
        return "a"
    return "p"


def _number(text: str, words: dict[str, int]) -> int:
    if text in words:
        return words[text]
    return int(NUMBER_WORDS.get(text, text))
