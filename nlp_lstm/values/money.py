"""Amounts of money: `$1,200.50`, `50 euros`, `twenty bucks`, `USD 50`, `$2 million`."""

import re
from decimal import Decimal

from nlp_lstm.text.lowered import lowered
from nlp_lstm.values.forms import Form, any_of, form, groups_said, unnamed
from nlp_lstm.values.numbers import SCALES, WORDS, read_number

_SIGNS = {"$": "USD", "us$": "USD", "£": "GBP", "€": "EUR", "₹": "INR", "¥": ""}
_NAMES = {
    **dict.fromkeys(("dollar", "dollars", "buck", "bucks", "usd"), "USD"),
    **dict.fromkeys(("pound", "pounds", "quid", "gbp"), "GBP"),
    **dict.fromkeys(("euro", "euros", "eur"), "EUR"),
    **dict.fromkeys(("rupee", "rupees", "inr"), "INR"),
    **dict.fromkeys(("franc", "francs", "chf"), "CHF"),
    **dict.fromkeys(("yen", "jpy"), "JPY"),
    "cad": "CAD",
    "aud": "AUD",
}
_CODES = ("usd", "gbp", "eur", "inr", "chf", "jpy", "cad", "aud")

_AMOUNT = r"\d{1,15}(?:(?:[.,]|\s,\s)\d{3}(?!\d)){0,5}(?:\s?[.,]\s?\d{1,2}(?!\d))?"
_SCALE = rf"(?:\s?(?P<scale>k|m|{any_of(SCALES)})\b)?"
_SIGN = r"(?P<sign>us\$|[$£€₹¥])"
_NAME = rf"(?P<name>{any_of(_NAMES)})\b"
_CENTS = r"(?:\s(?:and\s)?(?P<cents>\d{1,2})\s(?:cents|pence))?"

_MARKS = "$£€₹¥"
_SIGNED = rf"{_SIGN}\s?(?P<amount>{_AMOUNT}){_SCALE}(?:\s(?:us\s)?(?:dollars|pounds|euros))?"
_DIGITAL = (
    rf"(?P<amount>{_AMOUNT}){_SCALE}\s?{_SIGN}",
    rf"(?P<amount>{_AMOUNT}){_SCALE}\s?{_NAME}{_CENTS}",
    rf"(?P<name>{any_of(_CODES)})\s?(?P<amount>{_AMOUNT}){_SCALE}",
    r"(?P<pence>\d{1,2})\s?(?:p|pence)",
)
_SPOKEN = rf"(?P<words>{WORDS})\s{_NAME}"
_READ = (_SIGNED, *_DIGITAL, _SPOKEN)


FORMS = (
    # A sign is no letter: there is no word for it to begin.
    Form("money", rf"(?<![\w$£€₹¥]){unnamed(_SIGNED)}(?!\w)", *_MARKS, digits=1),
    Form("money", rf"(?<!\w)(?<!\d[.,]){unnamed(_DIGITAL[0])}(?!\w)", *_MARKS, digits=1),
    *(form("money", pattern, *_NAMES, digits=1) for pattern in _DIGITAL[1:3]),
    form("money", _DIGITAL[3], "p", "pence", digits=1),
    form("money", _SPOKEN, *_NAMES),
)


def normalise_money(raw: str) -> str | None:
    """The amount that a text is, with its currency, as `1200.50 USD`, or None.

    `$` and `dollars` are US dollars; `¥` and `1.234` could be one thing or another.
    """
    lower = " ".join(lowered(raw).split()).strip(" ;!?").rstrip(".,").rstrip()
    said = groups_said(_READ, lower)
    return None if said is None else _read(said)


def _read(said: dict[str, str]) -> str | None:
    if "pence" in said:
        return _written(Decimal(said["pence"]) / 100, "GBP")
    currency = _SIGNS[said["sign"]] if "sign" in said else _NAMES[said["name"]]
    amount = read_number(said["words"]) if "words" in said else _amount(said["amount"])
    if amount is None or not currency:
        return None
    scale = said.get("scale", "")
    amount *= SCALES.get("million" if scale == "m" else scale, 1)
    return _written(amount + Decimal(said.get("cents", 0)) / 100, currency)


def _amount(text: str) -> Decimal | None:
    """Read an amount whose last mark may be a decimal point or comma."""
    digits = text.replace(" ", "")
    marks = [mark for mark in digits if mark in ".,"]
    if not marks:
        return Decimal(digits)
    head, tail = re.split(r"[.,](?=\d+$)", digits)
    if len(tail) == 3:
        # Thousands, if every mark says so; one point before three digits could be either.
        if len(set(marks)) > 1 or (marks == ["."]):
            return None
        return Decimal(re.sub(r"[.,]", "", digits))
    if marks[-1] in marks[:-1]:
        return None
    return Decimal(re.sub(r"[.,]", "", head) + "." + tail)


def _written(amount: Decimal, currency: str) -> str:
    whole = amount == amount.to_integral_value()
    return f"{amount:.0f} {currency}" if whole else f"{amount:.2f} {currency}"
