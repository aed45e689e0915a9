"""How dates are written and said."""

from nlp_lstm.values.calendar import DAYS, MONTHS, ORDINALS
from nlp_lstm.values.forms import any_of, form
from nlp_lstm.values.numbers import NUMBER_WORDS

_WEEKDAY = rf"(?P<weekday>{any_of(DAYS)})"
_MONTH = rf"(?P<month>{any_of(MONTHS)})\b(?:(?<=\b[a-z]{{3}})\.)?"
_SUFFIXES = ("st", "nd", "rd", "th")
_SUFFIX = rf"\s?{any_of(_SUFFIXES)}\b"
_NUMERIC_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_DAY = rf"(?P<day>{_NUMERIC_DAY}(?:{_SUFFIX})?(?![\d:])|{any_of(ORDINALS)})"
_YEAR = r"(?:\s?,?\s?(?P<year>(?:19|20)\d\d)(?!\d))"
_COUNT = rf"(?P<count>\d{{1,3}}|an?|{any_of(NUMBER_WORDS)})"
_UNIT = r"(?P<unit>days?|weeks?)"
_FIRST = rf"(?:{_WEEKDAY}\s?,?\s)?"
_ORDINAL_DAY = rf"(?P<day>{_NUMERIC_DAY}{_SUFFIX})"

_DIGITAL = (
    r"(?P<year>(?:19|20)\d\d)\s?(?P<mark>[-/.])\s?(?P<month>0?[1-9]|1[0-2])\s?(?P=mark)"
    rf"\s?(?P<day>{_NUMERIC_DAY})",
    r"(?P<first>\d{1,2})\s?(?P<mark>[-/.])\s?(?P<second>\d{1,2})\s?(?P=mark)"
    r"\s?(?P<year>(?:19|20)?\d\d)",
    r"(?P<first>[0-3]?\d)\s?/\s?(?P<second>[0-3]?\d)(?!\s?/)",
    rf"{_FIRST}(?:the\s)?{_ORDINAL_DAY}(?:\sof\s(?P<which>this)\smonth)?",
)
_IN_MONTH = (
    rf"(?:{_WEEKDAY}\s?,?\s(?:the\s)?)?{_DAY}\s(?:of\s)?{_MONTH}{_YEAR}?",
    rf"{_FIRST}{_MONTH}\s(?:the\s)?{_DAY}{_YEAR}?",
)
_RELATIVE = (
    rf"(?:(?P<which>this\scoming|this|coming|next|last)\s)?{_WEEKDAY}",
    rf"{_WEEKDAY}\s(?P<week>(?:this|next)\sweek)",
    rf"(?P<week>(?:this|next)\sweek)\s(?:on\s)?{_WEEKDAY}",
)
NAMED = {
    "today": 0,
    "later today": 0,
    "tonight": 0,
    "tomorrow": 1,
    "day after tomorrow": 2,
    "yesterday": -1,
    "day before yesterday": -2,
}
_COUNTED = (rf"in\s{_COUNT}\s{_UNIT}", rf"{_COUNT}\s{_UNIT}\s(?P<back>ago|from\s(?:now|today))")
_VAGUE = r"(?:this|next|last)\s(?:week|weekend|month|year)"
# Eight digits are a date where somebody says that they are one; to find them would be to guess.
_UNMARKED = (
    r"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])",
    r"(?P<first>\d\d)(?P<second>\d\d)(?P<year>(?:19|20)\d\d)",
)
READ = (*_DIGITAL, *_IN_MONTH, *_RELATIVE, *_COUNTED, *_UNMARKED)

# Alone in a sentence these abbreviations are words: they sat in the sun.
_SPOKEN_DAYS = sorted(set(DAYS) - {"sat", "sun", "wed"})
# `5th` alone may be a street or a floor.
_SPOKEN_DAY = rf"(?:the|{_WEEKDAY}(?:\sthe)?)\s{_ORDINAL_DAY}"
FORMS = (
    form("date", _DIGITAL[0], digits=4),
    form("date", _DIGITAL[1], digits=1),
    form("date", _DIGITAL[2], "/", digits=1),
    form("date", _SPOKEN_DAY, *_SUFFIXES, digits=1),
    form("date", rf"{_ORDINAL_DAY}\sof\sthis\smonth", *_SUFFIXES, digits=1),
    *(form("date", pattern, *MONTHS) for pattern in _IN_MONTH),
    *(
        form("date", pattern.replace(any_of(DAYS), any_of(_SPOKEN_DAYS)), *_SPOKEN_DAYS)
        for pattern in _RELATIVE
    ),
    form("date", any_of(NAMED), "today", "tonight", "tomorrow", "yesterday"),
    *(form("date", p, "days", "day", "week", "weeks") for p in _COUNTED),
    form("date", _VAGUE, "week", "weekend", "month", "year"),
)
