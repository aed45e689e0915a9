"""Where a text holds values that can be told by how they are written.

"Table at 5 : 30 pm on march 5th, call 707-555-1234"
          time           date          phone
"""

import re
from typing import NamedTuple

from nlp_lstm.text.lowered import lowered
from nlp_lstm.values import date_forms, emails, identifiers, money, numbers, phones, times
from nlp_lstm.values.forms import Form
from nlp_lstm.values.kinds import Kind


class Found(NamedTuple):
    """A value in a text: [start, end) in code points, and what kind it is written like."""

    start: int
    end: int
    kind: Kind


# Where two kinds can be read in the same place, the one named first.
_FORMS: tuple[Form, ...] = (
    *emails.FORMS,
    *date_forms.FORMS,
    *times.FORMS,
    *phones.FORMS,
    *money.FORMS,
    *identifiers.FORMS,
    *numbers.FORMS,
)
_ALWAYS = tuple(rank for rank, form in enumerate(_FORMS) if not form.words)
_BY_WORD: dict[str, list[int]] = {}
for _rank, _form in enumerate(_FORMS):
    for _word in _form.words:
        _BY_WORD.setdefault(_word, []).append(_rank)
_DIGITS_NEEDED = [form.digits for form in _FORMS]

_WORD = re.compile(r"[a-z]+|[@#+(/:$£€₹¥]")
_DIGITS = re.compile(r"\d+")


def find_values(text: str) -> list[Found]:
    """Find times, dates, amounts, numbers, telephone numbers, addresses and codes in a text.

    Returns:
        In reading order, no two overlapping; where two could be read, the longer.
    """
    lower = lowered(text)
    # Most turns hold no value: a few words and digits tell which expressions are worth trying.
    digits = max(map(len, _DIGITS.findall(lower)), default=0)
    ranks = {rank for word in _BY_WORD.keys() & _WORD.findall(lower) for rank in _BY_WORD[word]}
    if digits:
        ranks.update(_ALWAYS)
    spans = [
        (match.start() - match.end(), match.start(), rank, match.end())
        for rank in ranks
        if digits >= _DIGITS_NEEDED[rank]
        for match in _FORMS[rank].pattern.finditer(lower)
    ]
    return _without_overlaps(sorted(spans)) if spans else []


def _without_overlaps(spans: list[tuple[int, int, int, int]]) -> list[Found]:
    """Keep the longest, then the leftmost, then the kind named first; drop what they touch."""
    found: list[Found] = []
    taken: set[int] = set()
    for _, start, rank, end in spans:
        places = range(start, end)
        if taken.isdisjoint(places):
            taken.update(places)
            found.append(Found(start, end, _FORMS[rank].kind))
    return sorted(found)
