"""Where texts that must not be seen occur, however they are cased, cut and punctuated.

    4111 1111 1111 1111  =  4111-1111-1111-1111  =  4111111111111111        José  =  JOSE

A text is compared by its letters and digits alone, and found where words begin and end.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Self

# Chinese and Japanese put no blanks between words: each character is one.
_ALONE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+")
# Between two words of one occurrence stand at most so many marks and blanks.
WIDEST_GAP = 3
# Letters and digits of one key; what is longer is found by its parts.
LONGEST_KEY = 200
_HEAD = 2


class Word(NamedTuple):
    """[start, end) in code points, and the letters and digits compared."""

    start: int
    end: int
    key: str


class Place(NamedTuple):
    """[start, end) in code points of what a placeholder stands for."""

    start: int
    end: int
    placeholder: str


def words_of(text: str) -> Iterator[Word]:
    """The words of a text, without case, accents and marks."""
    for match in _WORD.finditer(text):
        key = _folded(match[0])
        if key:
            yield Word(*match.span(), key)


def keys_of(text: str) -> list[str]:
    """What a text is found by: usually one key, none where it has no letter and no digit."""
    keys: list[str] = []
    together = ""
    for word in words_of(text):
        if together and len(together) + len(word.key) > LONGEST_KEY:
            keys.append(together)
            together = ""
        together += word.key
    return [*keys, together] if together else keys


class Occurrences:
    """Keys and the placeholders of which they are occurrences; the oldest can be forgotten."""

    def __init__(self) -> None:
        self._placeholders: dict[str, str] = {}
        self._heads: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._placeholders)

    def get(self, key: str) -> str | None:
        """The placeholder of a key."""
        return self._placeholders.get(key)

    def set(self, key: str, placeholder: str) -> None:
        """Say what a key is an occurrence of, whatever it was before."""
        if key not in self._placeholders:
            self._heads[key[:_HEAD]] += 1
        self._placeholders[key] = placeholder

    def forget_oldest(self) -> str:
        """Forget the key that was set first, and return its placeholder."""
        key = next(iter(self._placeholders))
        self._heads[key[:_HEAD]] -= 1
        if not self._heads[key[:_HEAD]]:
            del self._heads[key[:_HEAD]]
        return self._placeholders.pop(key)

    def to_facts(self) -> dict[str, str]:
        """Placeholders by key, the oldest first."""
        return dict(self._placeholders)

    @classmethod
    def from_facts(cls, facts: Mapping[str, str]) -> Self:
        """What `to_facts` gave."""
        occurrences = cls()
        for key, placeholder in facts.items():
            occurrences.set(key, placeholder)
        return occurrences

    def find(self, text: str) -> Iterator[Place]:
        """Yield where keys occur, from left to right, the longest first."""
        if not self._placeholders:
            return
        words = list(words_of(text))
        place = 0
        while place < len(words):
            longest = self._longest_from(words, place)
            if longest is None:
                place += 1
                continue
            last, placeholder = longest
            yield Place(words[place].start, words[last].end, placeholder)
            place = last + 1

    def _longest_from(self, words: list[Word], first: int) -> tuple[int, str] | None:
        if not self._may_begin(words, first):
            return None
        found: tuple[int, str] | None = None
        together = ""
        for last in range(first, len(words)):
            word = words[last]
            if last > first and word.start - words[last - 1].end > WIDEST_GAP:
                break
            together += word.key
            if len(together) > LONGEST_KEY and last > first:
                break
            placeholder = self._placeholders.get(together)
            if placeholder is not None:
                found = last, placeholder
        return found

    def _may_begin(self, words: list[Word], first: int) -> bool:
        head = words[first].key[:_HEAD]
        if len(head) < _HEAD and first + 1 < len(words):
            head = (head + words[first + 1].key)[:_HEAD]
        # A key of one character is its own head.
        return head in self._heads or words[first].key in self._heads


def _folded(word: str) -> str:
    if word.isascii():
        folded = word.lower()
    else:
        plain = unicodedata.normalize("NFKD", word).casefold()
        folded = "".join(mark for mark in plain if mark.isalnum())
    if len(folded) > LONGEST_KEY:
        return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()
    return folded
