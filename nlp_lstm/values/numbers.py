"""Numbers in digits and in words: `1,200`, `2.5`, `twenty-five`, `a hundred and five`."""

import re
from collections.abc import Iterable
from decimal import Decimal

from nlp_lstm.values.forms import BEGIN, END, any_of, compiled, form, listed

_UNITS = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    " fifteen sixteen seventeen eighteen nineteen"
)
_TENS = listed("twenty thirty forty fifty sixty seventy eighty ninety")
NUMBER_WORDS = {word: str(number) for number, word in enumerate(_UNITS)} | {
    word: str(10 * number) for number, word in enumerate(_TENS, start=2)
}
SCALES = {"thousand": 10**3, "k": 10**3, "million": 10**6, "billion": 10**9}

_BELOW_100 = rf"(?:{any_of(_TENS)}(?:[\s-]{any_of(_UNITS[1:10])}\b)?|{any_of(_UNITS)})\b"
_AND = r"\s(?:and\s)?"
_BELOW_1000 = rf"(?:(?:an?|{_BELOW_100})\shundred\b(?:{_AND}{_BELOW_100})?|{_BELOW_100})"
_SCALE = r"(?:thousand|million|billion)\b"
_SCALED_WORDS = rf"(?:a|{_BELOW_1000})\s{_SCALE}"
WORDS = rf"(?:{_SCALED_WORDS}(?:{_AND}{_SCALED_WORDS})*(?:{_AND}{_BELOW_1000})?|{_BELOW_1000})"
DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d{1,20})(?:\.\d{1,10})?"
SCALED = rf"{DIGITS}(?:k\b|\s(?:thousand|million|billion)\b)?"
DOZENS = r"(?:half\sa\sdozen|a\sdozen|two\sdozen)"
TRIGGERS = (*NUMBER_WORDS, "hundred", *SCALES, "dozen")

FORMS = (
    form("number", SCALED, digits=1),
    form("number", rf"(?:{WORDS}|{DOZENS})", *TRIGGERS),
)
_NUMBER = rf"{BEGIN}(?:(?P<digits>[-−]?{SCALED})|{DOZENS}|{WORDS}){END}"
_DOZENS = {"half a dozen": 6, "a dozen": 12, "two dozen": 24}


def read_number(lower: str) -> Decimal | None:
    """The number that a lower-cased text is, and nothing else, or None."""
    match = compiled(_NUMBER).fullmatch(lower.strip())
    if match is None:
        return None
    if match["digits"] is None:
        return _spoken(re.split(r"[\s-]+", match[0]))
    digits, _, scale = match[0].replace("−", "-").replace("k", " k").partition(" ")
    return Decimal(digits.replace(",", "")) * SCALES.get(scale.strip(), 1)


def normalise_number(raw: str) -> str | None:
    """The one number in a text, in digits: `for two` is `2`; `two or three` is unclear."""
    lower = raw.lower()
    found = [match[0] for match in compiled(_NUMBER).finditer(lower)]
    if len(found) != 1 or any(mark.isdigit() for mark in lower.replace(found[0], "", 1)):
        return None
    number = read_number(found[0])
    return None if number is None else plain(number)


def plain(number: Decimal) -> str:
    """`number` without an exponent and without zeros that say nothing."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _spoken(words: Iterable[str]) -> Decimal | None:
    joined = " ".join(words)
    if joined in _DOZENS:
        return Decimal(_DOZENS[joined])
    total, part, last_scale = 0, 0, 10**12
    for word in joined.split():
        if word in NUMBER_WORDS:
            part += int(NUMBER_WORDS[word])
        elif word in {"a", "an"}:
            part = 1
        elif word == "hundred":
            part *= 100
        elif word in SCALES:
            if SCALES[word] >= last_scale:
                return None  # `two thousand five thousand` is no one number
            last_scale = SCALES[word]
            total, part = total + part * last_scale, 0
    return Decimal(total + part)
