"""From turns to steps: what the other side said, then the customer's words, with their places.

The text is read as it is typed. Every word keeps where it stood, so that a value is cut out of
the raw text and never put together from words.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from corpora.labels import Evidence
from nlp_lstm.states.described.patterns import find_pattern
from nlp_lstm.states.described.plan import KINDS, Match, SchemaPlan
from nlp_lstm.states.reading import LONGEST_STEP, SYSTEM_MARK, USER_MARK, Pending
from nlp_lstm.text.words import split_words
from nlp_lstm.values import Found, find_values

TELLING_ODDS = 8.0  # what a value says that looks like nothing else
LONGEST_ANSWERED = 200  # words of the other side in one step: its last ones
NO_TAG = 0
_LISTED = 1 + 2 * len(KINDS)  # a word of some slot's listed value
TAGS = _LISTED + 2


@dataclass(frozen=True, slots=True)
class Step:
    """What the network reads at once.

    Attributes:
        forms: `<sys>`, the other side's words, `<usr>`, the customer's.
        tags: For each word the kind of value it lies in, beginning or inside; 0 for none.
        user_starts: Index of `<usr>`.
        matches: Where listed values of slots are said.
        patterned: Words [first, last] that look just like a value of a slot: slot, first, last,
            and what that adds to the log-odds that they are one.
    """

    forms: list[str]
    tags: list[int]
    user_starts: int
    matches: list[Match]
    patterned: list[tuple[int, int, int, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the words of a step stand.

    Attributes:
        sources: What each word was read from; for marks the words' neighbour.
        starts: Its first code point there.
        ends: One past its last.
    """

    sources: list[Pending]
    starts: list[int]
    ends: list[int]

    def said(self, first: int, last: int) -> tuple[str, Evidence]:
        """The raw text of some words, and where it stands.

        Words of two turns give what the later one says of them.
        """
        source = self.sources[last]
        while self.sources[first] is not source:
            first += 1
        start, end = self.starts[first], self.ends[last]
        place = Evidence(source.turn, source.start + start, source.start + end)
        return source.text[start:end], place


class StepReader:
    """Reads turns as a schema's tracker does."""

    def __init__(self, plan: SchemaPlan) -> None:
        self.plan = plan

    def steps(
        self, pending: Sequence[Pending], turn: int, text: str
    ) -> Iterator[tuple[Step, Places]]:
        """The steps that a customer's turn makes, after what the other side said."""
        answered = _Side(self.plan)
        for said in pending:
            answered.read(said)
        answered = answered.part(len(answered.forms) - LONGEST_ANSWERED, len(answered.forms))
        spoken = _Side(self.plan)
        spoken.read(Pending(turn, 0, text))
        for first in range(0, max(1, len(spoken.forms)), LONGEST_STEP):
            own = spoken.part(first, first + LONGEST_STEP)
            yield self._step(answered, own, Pending(turn, 0, text))
            answered = _Side(self.plan)

    def _step(self, system: "_Side", user: "_Side", spoken: Pending) -> tuple[Step, Places]:
        forms = [SYSTEM_MARK, *system.forms, USER_MARK, *user.forms]
        tags = [NO_TAG, *system.tags, NO_TAG, *user.tags]
        user_starts = 1 + len(system.forms)
        matches = self.plan.matches(forms)
        for match in matches:
            for place in range(match.first, match.last + 1):
                if tags[place] == NO_TAG:
                    tags[place] = _LISTED + (place > match.first)
        places = Places(
            [spoken, *system.sources, spoken, *user.sources],
            [0, *system.starts, 0, *user.starts],
            [0, *system.ends, 0, *user.ends],
        )
        patterned = [
            (slot, first + offset, last + offset, odds)
            for side, offset in ((system, 1), (user, user_starts + 1))
            for slot, first, last, odds in side.patterned
        ]
        return Step(forms, tags, user_starts, matches, patterned), places


class _Side:
    """The words of one side of a step."""

    def __init__(self, plan: SchemaPlan) -> None:
        self.forms: list[str] = []
        self.tags: list[int] = []
        self.sources: list[Pending] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.patterned: list[tuple[int, int, int, float]] = []
        self._plan = plan

    def read(self, said: Pending) -> None:
        words = split_words(said.text)
        before = len(self.forms)
        self.forms += words.forms
        values = find_values(said.text)
        self.tags += _kind_tags(words.starts, words.ends, values)
        self.sources += [said] * len(words.forms)
        self.starts += words.starts
        self.ends += words.ends
        telling = [
            (self._plan.telling[value.kind], value.start, value.end, TELLING_ODDS)
            for value in values
            if value.kind in self._plan.telling
        ]
        matching = [
            (slot, start, end, odds)
            for slot, pattern, odds in self._plan.patterns
            for start, end in find_pattern(pattern, said.text)
        ]
        for slot, start, end, odds in (*telling, *matching):
            first, last = bisect_right(words.ends, start), bisect_left(words.starts, end) - 1
            if first <= last:
                self.patterned.append((slot, before + first, before + last, odds))

    def part(self, first: int, last: int) -> "_Side":
        """Its words [first, last)."""
        first = max(0, first)
        kept = _Side(self._plan)
        cut = slice(first, last)
        kept.forms, kept.tags, kept.sources = self.forms[cut], self.tags[cut], self.sources[cut]
        kept.starts, kept.ends = self.starts[cut], self.ends[cut]
        kept.patterned = [
            (slot, opened - first, closed - first, odds)
            for slot, opened, closed, odds in self.patterned
            if first <= opened and closed < last
        ]
        return kept


def _kind_tags(starts: Sequence[int], ends: Sequence[int], found: Sequence[Found]) -> list[int]:
    tags = [NO_TAG] * len(starts)
    values = iter(found)
    value = next(values, None)
    opened: Found | None = None
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        while value is not None and value.end <= start:
            value = next(values, None)
        if value is None:
            break
        if end > value.start:
            tags[place] = 1 + 2 * KINDS.index(value.kind) + (value is opened)
            opened = value
    return tags
