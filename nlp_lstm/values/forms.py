"""One way of writing a kind of value: what finds it, and what must be said for it to be there."""

import re
from collections.abc import Iterable
from functools import cache, cached_property

from nlp_lstm.values.kinds import Kind

# A value begins where a word does, and ends where one does.
BEGIN = r"(?<!\w)"
END = r"(?!\w)"


class Form:
    """One way of writing a kind of value.

    Attributes:
        kind: What is written so.
        source: A regular expression for it in lower-cased text.
        words: Words and marks of which one must be there; none: nothing must.
        digits: How many digits in a row must be there.
    """

    def __init__(self, kind: Kind, source: str, *words: str, digits: int = 0) -> None:
        self.kind = kind
        self.source = source
        self.words = frozenset(words)
        self.digits = digits

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression, compiled when first needed: all of them take a tenth of a second."""
        return re.compile(self.source)


def form(kind: Kind, pattern: str, *words: str, digits: int = 0) -> Form:
    """A form that begins and ends with a word; the names of its groups are for reading it."""
    return Form(kind, f"{BEGIN}(?:{unnamed(pattern)}){END}", *words, digits=digits)


def unnamed(pattern: str) -> str:
    """`pattern` without the names of its groups, so that it is found faster; `mark` stays."""
    return re.sub(r"\?P<(?!mark>)\w+>", "?:", pattern)


def any_of(words: Iterable[str]) -> str:
    """An expression for any of some words, the longest that is there."""
    return "(?:" + "|".join(sorted(words, key=lambda word: (-len(word), word))) + ")"


def listed(words: str) -> tuple[str, ...]:
    """The words of a list that is written as a sentence."""
    return tuple(words.split())


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """`pattern`, compiled when it is first needed."""
    return re.compile(pattern)


def groups_said(patterns: Iterable[str], text: str) -> dict[str, str] | None:
    """The named groups that take part in the first pattern that a whole text is, or None."""
    for pattern in patterns:
        if match := compiled(pattern).fullmatch(text):
            return {key: said for key, said in match.groupdict().items() if said is not None}
    return None
