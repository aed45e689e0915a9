"""Whether a text can be what it is called, and its one form where it can.

    check("card", "4111 1111 1111 1112")  →  failed: the last digit is wrong
    check("date", "tomorrow", at)         →  2026-03-06, passed
    check("date", "some day soon", at)    →  nothing can tell

What has failed cannot be of its kind; what nothing can tell may be.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from corpora.labels import CheckResult
from nlp_lstm.values.cards import card_digits, has_check_digit, normalise_card
from nlp_lstm.values.dates import is_no_date
from nlp_lstm.values.emails import normalise_email
from nlp_lstm.values.ibans import normalise_iban
from nlp_lstm.values.kinds import Check
from nlp_lstm.values.moments import normalise_moment
from nlp_lstm.values.money import normalise_money
from nlp_lstm.values.normalising import LONGEST
from nlp_lstm.values.numbers import normalise_number
from nlp_lstm.values.phones import normalise_phone
from nlp_lstm.values.times import is_no_time, normalise_time
from nlp_lstm.values.urls import LONGEST_URL, normalise_url

# `xxxx-1111`, `****1111`, `DE89 ... 00`: somebody left digits out, so there is nothing to check.
_HIDDEN = re.compile(r"[*•#]{2}|[x…]{2}|\.{3}", re.IGNORECASE)

_EMAIL_MARKS = re.compile(r"[@.]|\b(?:at|dot)\b", re.IGNORECASE)


class Checked(NamedTuple):
    """What became of a check: the value's one form, and whether it can be what it is called."""

    value: str | None
    result: CheckResult | None


UNKNOWN = Checked(None, None)
FAILED = Checked(None, "failed")


def check(kind: Check, said: str, at: datetime | None = None) -> Checked:
    """Check a text.

    Args:
        kind: What it is called.
        said: The text and nothing around it.
        at: When it was said; without it relative dates cannot be read.

    Returns:
        `passed` with a value; `failed` where it cannot be of its kind; neither where nothing can
        tell: a relative date without `at`, an amount without a currency, four digits of a card.
    """
    if len(said) > (LONGEST_URL if kind == "url" else LONGEST):
        return FAILED if kind in _MUST_HAVE_FORM else UNKNOWN
    value = _moment(said, at, kind) if kind in ("date", "time") else _NORMALISERS[kind](said)
    if value is not None:
        return Checked(value, "passed")
    return FAILED if _IS_NONE[kind](said) else UNKNOWN


def _moment(said: str, at: datetime | None, kind: Check) -> str | None:
    """A date or a time; either may be said with the other."""
    if kind == "time" and (time := normalise_time(said)) is not None:
        return time
    moment = normalise_moment(said, at)
    # A date alone is no time, whatever it is called.
    return moment if kind == "date" or (moment is not None and "T" in moment) else None


def _has_no_form(said: str) -> bool:
    return not _HIDDEN.search(said)


def _is_no_email(said: str) -> bool:
    # Transcripts of calls, and corpora, lose the marks: `ana leegmailcom` may have been one.
    return _EMAIL_MARKS.search(said) is not None and _has_no_form(said)


def _is_wrong_card(said: str) -> bool:
    digits = card_digits(said)  # of the last four digits alone nothing can tell
    return digits is not None and not has_check_digit(digits)


def _may_be_anything(_: str) -> bool:
    return False


_NORMALISERS: dict[Check, Callable[[str], str | None]] = {
    "email": normalise_email,
    "url": normalise_url,
    "phone": normalise_phone,
    "iban": normalise_iban,
    "card": normalise_card,
    "money": normalise_money,
    "number": normalise_number,
}
# These are written in one way or they are none; `a lot of money` is an amount all the same.
_MUST_HAVE_FORM: frozenset[Check] = frozenset({"email", "url", "phone", "iban"})
_IS_NONE: dict[Check, Callable[[str], bool]] = {
    **dict.fromkeys(_MUST_HAVE_FORM, _has_no_form),
    "email": _is_no_email,
    "card": _is_wrong_card,
    "date": is_no_date,
    "time": is_no_time,
    "money": _may_be_anything,
    "number": _may_be_anything,
}
