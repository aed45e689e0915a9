"""Where a turn says a value that some slot can take.

    "is the slug & lettuce in the town centre"  →  slug and lettuce [1, 4), centre [6, 8)

Matching is on n-grams of stems without blanks and small words, so `king s lynn`, `kings lynn`
and `kingslynn` are one; the longest match wins, and none stands inside another.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from nlp_lstm.states.nested import inner_values
from nlp_lstm.states.schema import FIRST_VALUE, Schema, is_time

LONGEST_NGRAM = 8
LONGEST_FUZZY = 3  # words
MOST_VALUES = 4  # of one stretch of text, likeliest first
SHORTEST_FUZZY = 5


class Mention(NamedTuple):
    """A value that a stretch of words says.

    Attributes:
        value: Its number in the schema.
        first: The first word.
        last: The last word, inclusive.
        is_exact: Whether the words are, or misspell, the value's own and not an alias.
    """

    value: int
    first: int
    last: int
    is_exact: bool


class Quote(NamedTuple):
    """Where in the conversation a value was said, and how.

    Attributes:
        turn: Index of the turn.
        start: First code point of it.
        end: One past the last.
        raw: The words there; None where they are the value itself, or very long.
    """

    turn: int
    start: int
    end: int
    raw: str | None


class _Look(NamedTuple):
    """What is to be known of a word before anything is looked for.

    Attributes:
        stem: As entries have it.
        opens: Whether an entry begins with it, or it is a time of the day.
        is_rare: Whether it may be misspelt.
    """

    stem: str
    opens: bool
    is_rare: bool


class MentionFinder:
    """Finds the mentions of a schema's values in normalised words."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._dropped = frozenset(schema.dropped)
        self._common = frozenset(schema.common_words)
        self._known = frozenset(schema.known_words)
        self._index: dict[str, list[tuple[int, bool]]] = {}
        spoken = [kind.name for kind in schema.slots if kind.kind != "boolean"]
        order = sorted(range(len(schema.values)), key=lambda i: -schema.values[i].count)
        named = [i for i in order if any(schema.slots[s].name in spoken for s in _slots(schema, i))]
        for i in named:
            self._add(schema.values[i].name, FIRST_VALUE + i, is_exact=True)
        for i in order:
            for alias in schema.values[i].aliases:
                self._add(alias, FIRST_VALUE + i, is_exact=False)
        for i in named:
            for variant in self._variants(schema.values[i].name):
                self._add(variant, FIRST_VALUE + i, is_exact=False)
        for i in named:
            name = schema.values[i].name
            words = [word for word in name.split() if word not in self._dropped]
            for number in inner_values(schema, i, words, self._said):
                self._add(name, number, is_exact=False)
        self._openings = frozenset(
            squashed[:end] for squashed in self._index for end in range(1, len(squashed) + 1)
        )
        self._by_start: dict[str, list[str]] = {}
        for squashed in self._index:
            if len(squashed) >= SHORTEST_FUZZY:
                self._by_start.setdefault(squashed[:2], []).append(squashed)
        self._misspelt = lru_cache(maxsize=20_000)(self._nearest)
        self._look = lru_cache(maxsize=20_000)(self._looked_at)

    def __call__(self, words: Sequence[str]) -> list[Mention]:
        """All mentions, in reading order; words of several values give several mentions."""
        found: list[Mention] = []
        kept = [i for i, word in enumerate(words) if word not in self._dropped]
        spans = sorted(self._spans(words, kept), key=lambda span: span[0] - span[1])
        taken: set[int] = set()
        for first, last, squashed in spans:
            covered = range(kept[first], kept[last] + 1)
            if taken.isdisjoint(covered):
                taken.update(covered)
                values = self._values(squashed)
                found += [Mention(v, covered[0], covered[-1], exact) for v, exact in values]
        return sorted(found, key=lambda mention: mention.first)

    def _spans(self, words: Sequence[str], kept: list[int]) -> Iterator[tuple[int, int, str]]:
        """Every n-gram that says something, as positions in `kept` and its squashed text."""
        looks = [self._look(words[i]) for i in kept]
        fuzzy = _fuzzy(looks)
        for first, look in enumerate(looks):
            if not look.opens and first not in fuzzy:
                continue
            squashed = ""
            fuzzy_from, fuzzy_to = fuzzy.get(first, (first, first))
            for last in range(first, min(first + LONGEST_NGRAM, len(looks))):
                squashed += looks[last].stem
                if squashed in self._index or (first == last and is_time(words[kept[last]])):
                    yield first, last, squashed
                elif fuzzy_from <= last < fuzzy_to and len(squashed) >= SHORTEST_FUZZY:
                    nearest = self._misspelt(squashed)
                    if nearest:
                        yield first, last, nearest
                # What begins no entry will not become one by growing.
                if squashed not in self._openings and last + 1 >= fuzzy_to:
                    break

    def _looked_at(self, word: str) -> _Look:
        stemmed = stem(word)
        opens = stemmed in self._openings or is_time(word)
        return _Look(stemmed, opens, word not in self._known and word.isalpha())

    def _values(self, squashed: str) -> list[tuple[int, bool]]:
        listed = self._index.get(squashed)
        if listed is not None:
            return listed
        return [(self._schema.value_number[squashed], True)]

    def _said(self, words: Sequence[str]) -> list[int]:
        """The values that words without small ones say."""
        if len(words) == 1 and is_time(words[0]):
            return [self._schema.value_number[words[0]]]
        return [number for number, _ in self._index.get(squash(words, ()), ())]

    def _add(self, words: str, value: int, *, is_exact: bool) -> None:
        squashed = squash(words.split(), self._dropped)
        values = self._index.setdefault(squashed or words, [])
        if len(values) < MOST_VALUES and value not in (known for known, _ in values):
            values.append((value, is_exact))

    def _variants(self, name: str) -> Iterator[str]:
        """The name without its generic tail, where that leaves a name."""
        for tail in self._schema.tails:
            rest = name.removesuffix(" " + tail)
            if rest != name and not self._common.issuperset(rest.split()):
                yield rest

    def _nearest(self, squashed: str) -> str:
        """The one index entry that `squashed` misspells, or an empty string."""
        allowed = 2 if len(squashed) >= 9 else 1
        near = [
            entry
            for entry in self._by_start.get(squashed[:2], ())
            if abs(len(entry) - len(squashed)) <= allowed
            and edit_distance(entry, squashed, allowed) <= allowed
        ]
        return min(near, key=lambda entry: (edit_distance(entry, squashed, 2), entry), default="")


def _fuzzy(looks: Sequence[_Look]) -> dict[int, tuple[int, int]]:
    """First position → the last positions with which it may misspell something: [from, to).

    Only a rare word can be a misspelling, and only a few words around it are looked at.
    """
    found: dict[int, tuple[int, int]] = {}
    for place, look in enumerate(looks):
        if look.is_rare:
            for first in range(max(0, place - LONGEST_FUZZY + 1), place + 1):
                found.setdefault(first, (place, first + LONGEST_FUZZY))
    return found


def stem(word: str) -> str:
    """A word without its plural or possessive s: `museums` is `museum`, `lynn` stays."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] != "s" else word


def squash(words: Iterable[str], dropped: Container[str]) -> str:
    """What matching compares: stems without blanks, small words left out."""
    return "".join(stem(word) for word in words if word not in dropped)


def edit_distance(left: str, right: str, most: int) -> int:
    """Insertions, deletions and substitutions between two strings, or more than `most`."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(right, start=1):
            cost = min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
            diagonal, row[j] = row[j], cost
        if min(row) > most:
            return most + 1
    return row[-1]


def _slots(schema: Schema, value: int) -> tuple[int, ...]:
    return schema.values[value].slots
