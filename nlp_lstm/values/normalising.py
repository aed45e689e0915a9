"""A value as it was said, in the one form that its kind has."""

from collections.abc import Callable
from datetime import datetime

from nlp_lstm.values.booleans import normalise_boolean
from nlp_lstm.values.dates import normalise_date
from nlp_lstm.values.emails import normalise_email
from nlp_lstm.values.identifiers import normalise_identifier
from nlp_lstm.values.kinds import Kind
from nlp_lstm.values.money import normalise_money
from nlp_lstm.values.numbers import normalise_number
from nlp_lstm.values.phones import normalise_phone
from nlp_lstm.values.times import normalise_time

_NORMALISERS: dict[Kind, Callable[[str], str | None]] = {
    "time": normalise_time,
    "money": normalise_money,
    "number": normalise_number,
    "boolean": normalise_boolean,
    "phone": normalise_phone,
    "identifier": normalise_identifier,
    "email": normalise_email,
}
LONGEST = 200  # code points; nothing longer is one value of these kinds


def normalise(kind: Kind, raw: str, *, at: datetime | None = None) -> str | None:
    """The canonical form of a value, or None where it cannot be read or be read two ways.

    Args:
        kind: What the value is.
        raw: How it was said.
        at: When it was said; without it relative dates cannot be read.

    Returns:
        time: `17:30`. date: `2026-03-05`. money: `1200.50 USD`. number: `25`. boolean: `true` or
        `false`. phone: digits, after `+` and the country's where that was said. identifier:
        `AB123456`. email: in small letters. Of other kinds the text, one blank between words.
    """
    if len(raw) > LONGEST:
        return None
    if kind == "date":
        return normalise_date(raw, at)
    return _NORMALISERS.get(kind, _plain)(raw)


def _plain(raw: str) -> str | None:
    return " ".join(raw.split()) or None
