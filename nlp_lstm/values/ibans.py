"""International bank account numbers, with their check digits: `DE89 3704 0044 0532 0130 00`."""

import re

from nlp_lstm.values.forms import any_of

# Characters of each country's, by the registry of ISO 13616 (release 99).
LENGTHS = {
    country: int(length)
    for length, countries in {
        "15": "NO",
        "16": "BE",
        "18": "DK FI FK FO GL NL SD",
        "19": "MK SI",
        "20": "AT BA EE KZ LT LU MN XK",
        "21": "CH HR LI LV",
        "22": "BG BH CR DE GB GE IE ME RS VA",
        "23": "AE GI IL IQ OM SO TL",
        "24": "AD CZ DZ ES MD PK RO SA SE SK TN VG",
        "25": "LY PT ST",
        "26": "IS TR",
        "27": "BI DJ FR GR IT MC MR SM",
        "28": "AL AZ BY CY DO GT HN HU LB NI PL SV",
        "29": "BR EG PS QA UA",
        "30": "JO KW MU YE",
        "31": "MT SC",
        "32": "LC",
        "33": "RU",
    }.items()
    for country in countries.split()
}
_BLANK = re.compile(r"[\s-]+")
_SHAPE = re.compile(rf"{any_of(LENGTHS)}\d\d[A-Z0-9]{{11,29}}")


def iban_characters(raw: str) -> str | None:
    """What is written like an IBAN of its country's length, right or wrong, or None."""
    written = _BLANK.sub("", raw.strip(" #.,;!?")).upper()
    if not _SHAPE.fullmatch(written) or len(written) != LENGTHS[written[:2]]:
        return None
    return written


def has_check_digits(iban: str) -> bool:
    """Whether the remainder by 97 is 1, letters read as 10 to 35 (ISO 7064)."""
    moved = iban[4:] + iban[:4]
    return int("".join(str(int(mark, 36)) for mark in moved)) % 97 == 1


def normalise_iban(raw: str) -> str | None:
    """An IBAN whose check digits are right, in capitals without blanks, or None."""
    written = iban_characters(raw)
    return written if written is not None and has_check_digits(written) else None
