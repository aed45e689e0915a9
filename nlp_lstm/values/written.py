"""What is recognised by its form alone, wherever it stands: addresses, telephone and card numbers.

    "mail ana@example.org or see www.example.org/help"
          email                  url

Only what passes its check is found: a number of sixteen digits is no card by its length.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from nlp_lstm.values.cards import normalise_card
from nlp_lstm.values.emails import normalise_email
from nlp_lstm.values.ibans import normalise_iban
from nlp_lstm.values.kinds import FORMED, Formed
from nlp_lstm.values.phones import is_dialled
from nlp_lstm.values.urls import BARE_ENDINGS, LONGEST_URL, normalise_url


class Written(NamedTuple):
    """Where something stands, [start, end) in code points, what it is, and its one form."""

    start: int
    end: int
    kind: Formed
    value: str


# How many characters to either side of an `@` can belong to its address, by RFC 5321.
_LONGEST_NAME, _LONGEST_HOST = 64, 255
_NO_ADDRESS = frozenset(" \t\r\n<>()[]{},;:\"'|@/\\")
_SPOKEN_EMAIL = re.compile(
    r"(?<!\w)[\w+-]{1,64}(?:\s(?:dot|underscore|dash)\s[\w+-]{1,64}){0,3}\sat\s[a-z\d-]{2,63}"
    r"(?:\sdot\s[a-z\d-]{2,63}){0,2}\sdot\s(?:com|org|net|edu|gov|co|io|uk|de|fr|info)(?!\w)",
    re.IGNORECASE,
)
_URL = re.compile(
    rf"(?<![\w@.])(?:(?:https?|ftp)://[^\s<>\"]{{1,{LONGEST_URL}}}"
    rf"|www\.[^\s<>\"@]{{1,{LONGEST_URL}}}"
    rf"|(?:[^\W_][\w-]{{0,62}}\.){{1,4}}(?:{'|'.join(BARE_ENDINGS)})(?![\w@])"
    rf"(?:(?::\d{{1,5}})?[/?#][^\s<>\"]{{0,{LONGEST_URL}}})?)",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w+])(?:\+|00)\s?\d(?:[\s().-]{0,3}\d){6,14}(?!\w)")
_CARD = re.compile(r"(?<![\w.-])[2-6](?:[\s-]?\d){12,18}(?![\w-])")
_IBAN = re.compile(r"(?<!\w)[a-z]{2}\d\d(?:[\s-]?[a-z\d]){11,30}", re.IGNORECASE)
_CLOSING = ".,;:!?)]}>'\"”’»"


def find_written(text: str, kinds: Collection[Formed] = FORMED) -> list[Written]:
    """Find what is of one of some kinds.

    Returns:
        In reading order, no two overlapping; where two could be read, the kind named first in
        `FORMED`.
    """
    found: list[Written] = []
    for kind in FORMED:
        if kind in kinds:
            others = sorted(found)
            found += [one for one in _FINDERS[kind](text) if _is_apart(one, others)]
    return sorted(found)


def _is_apart(one: Written, others: list[Written]) -> bool:
    """Whether it touches none of `others`, which are in order and apart."""
    after = bisect_left(others, one)
    return (after == 0 or others[after - 1].end <= one.start) and (
        after == len(others) or one.end <= others[after].start
    )


def _emails(text: str) -> Iterator[Written]:
    end = 0
    at = text.find("@")
    while at >= 0:
        start = at
        while start > max(end, at - _LONGEST_NAME) and text[start - 1] not in _NO_ADDRESS:
            start -= 1
        end = at + 1
        last = min(len(text), end + _LONGEST_HOST)
        while end < last and text[end] not in _NO_ADDRESS:
            end += 1
        said = text[start:end].rstrip(_CLOSING)
        has_both = start < at and "." in text[at:end]
        value = normalise_email(said) if has_both else None
        if value is not None:
            yield Written(start, start + len(said), "email", value)
        at = text.find("@", end)
    for match in _SPOKEN_EMAIL.finditer(text) if " at " in text.lower() else ():
        value = normalise_email(match[0])
        if value is not None:
            yield Written(*match.span(), "email", value)


def _urls(text: str) -> Iterator[Written]:
    return _matches(_URL, text, "url", normalise_url) if "." in text or "//" in text else iter(())


def _ibans(text: str) -> Iterator[Written]:
    # What follows an IBAN may look like more of it: the longest start of it that passes is one.
    for match in _IBAN.finditer(text):
        parts = [part.end() for part in re.finditer(r"[^\s-]+", match[0])]
        for end in reversed(parts):
            value = normalise_iban(match[0][:end])
            if value is not None:
                yield Written(match.start(), match.start() + end, "iban", value)
                break


def _phones(text: str) -> Iterator[Written]:
    return _matches(_PHONE, text, "phone", is_dialled)


def _cards(text: str) -> Iterator[Written]:
    return _matches(_CARD, text, "card", normalise_card)


def _matches(
    pattern: re.Pattern[str], text: str, kind: Formed, read: Callable[[str], str | None]
) -> Iterator[Written]:
    for match in pattern.finditer(text):
        said = match[0].rstrip(_CLOSING)
        value = read(said)
        if value is not None:
            yield Written(match.start(), match.start() + len(said), kind, value)


_FINDERS: dict[Formed, Callable[[str], Iterator[Written]]] = {
    "email": _emails,
    "url": _urls,
    "iban": _ibans,
    "card": _cards,
    "phone": _phones,
}
