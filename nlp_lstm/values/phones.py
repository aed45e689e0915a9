"""Telephone numbers: `(707) 555-1234`, `+44 20 7946 0018`, `five five five oh one double two`."""

import re

from nlp_lstm.text.lowered import lowered
from nlp_lstm.values.forms import Form, form
from nlp_lstm.values.identifiers import DIGIT_WORDS, SPOKEN_DIGIT, spoken_digits

_GAP = r"\s?[-.\s]\s?"
FORMS = (
    Form(
        "phone",
        rf"(?<![\w+])\+\s?\d{{1,3}}(?:{_GAP}|\s?\(0?\)\s?)?"
        rf"(?:\d{{1,10}}{_GAP}){{0,5}}\d{{2,12}}(?!\w)",
        "+",
        digits=2,
    ),
    Form(
        "phone",
        rf"(?<!\w)(?:1{_GAP})?\(\s?\d{{2,5}}\s?\)\s?-?\s?\d{{3,4}}(?:{_GAP})?\d{{3,4}}(?!\w)",
        "(",
        digits=3,
    ),
    form("phone", rf"(?:1{_GAP})?\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{4}}", digits=4),
    form("phone", r"\d{3}\s?[-.]\s?\d{4}", digits=4),
    form("phone", rf"0\d{{2,5}}{_GAP}\d{{3,4}}(?:{_GAP})?\d{{3,4}}", digits=3),
    form("phone", r"\d{10,11}", digits=10),
    form("phone", r"\d(?:[\s-]\d){6,14}", digits=1),
    form("phone", rf"{SPOKEN_DIGIT}(?:[\s,-]{{1,2}}{SPOKEN_DIGIT}){{6,14}}", *DIGIT_WORDS),
)
_SHORTEST, _LONGEST = 7, 15  # digits of a number without and with its country, by E.164
_EXTENDED = re.compile(
    r"(?P<number>[^a-z]{7,30})\s?,?\s?(?:x|ext\.?|extension)\s?(?P<extension>\d{1,6})"
)
_WRITTEN = re.compile(r"(?P<plus>\+|00)?[\d\s().-]+")


def normalise_phone(raw: str) -> str | None:
    """The number that a text is, or None: with its country as `+442079460018`, else its digits.

    An extension stands behind it: `2079460018;ext=31`.

    Nobody says which country a number without one is in, so none is added.
    """
    lower = lowered(raw).strip(" ,;!?").rstrip(".")
    if (extended := _EXTENDED.fullmatch(lower)) is not None:
        number = normalise_phone(extended["number"])
        return None if number is None else f"{number};ext={extended['extension']}"
    spoken = spoken_digits(lower)
    if spoken is None and (match := _WRITTEN.fullmatch(lower)) is not None:
        if match["plus"]:
            return _international("+" + lower.removeprefix(match["plus"]))
        spoken = "".join(str(int(mark)) for mark in lower if mark.isdecimal())
    if spoken is None or not _SHORTEST <= len(spoken) <= _LONGEST:
        return None
    return spoken


def is_dialled(raw: str) -> str | None:
    """A number with its country's, as `normalise_phone` has it, if it is one that can be dialled.

    What a number must be like is different in each country.
    """
    value = normalise_phone(raw)
    if value is None or not value.startswith("+"):
        return None
    import phonenumbers

    number = phonenumbers.parse(value.partition(";")[0], None)
    return value if phonenumbers.is_valid_number(number) else None


def _international(number: str) -> str | None:
    # Which zeros are dialled from abroad is different in each country: a library knows.
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
