"""From turns to the steps of a tracker: what the other side said, then the customer's words.

The other side's turns are kept until the customer speaks; a step is both together. A very long
customer turn is read as several steps, so that no text is left out and no step costs without
bound. Of what the other side said before one customer turn the last `MOST_PENDING` code points
count: an answer is to the end of a speech.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpora.changes import raw_of
from corpora.conversation import Turn
from nlp_lstm.states.mentions import Mention, MentionFinder, Quote
from nlp_lstm.states.normalise import Normaliser, Token
from nlp_lstm.states.repairs import repaired
from nlp_lstm.states.schema import FIRST_VALUE, Schema, is_time

MOST_PENDING = 2_000
LONGEST_STEP = 200  # customer words in one step
LONGEST_RAW = 100  # code points that are remembered of how a value was said

SYSTEM_MARK, USER_MARK = "<sys>", "<usr>"
SYSTEM, USER = 0, 1
ANY_TIME = "12:00"  # what the encoder reads for every time

NO_TAG = 0
MOST_TAGS = 64


class Pending(NamedTuple):
    """What the other side said in a turn since the customer last spoke.

    Attributes:
        turn: Index of the turn.
        start: Code point of the turn at which `text` starts.
        text: The turn's text, or its end where it is very long.
    """

    turn: int
    start: int
    text: str


@dataclass(frozen=True, slots=True)
class _Side:
    """The words of one side; `tokens[i]` was read from `sources[i].text`."""

    tokens: list[Token]
    sources: list[Pending]

    def quote(self, first: int, last: int, value: str) -> Quote:
        """Where these words say a value: in the last one's turn, if they stand in two."""
        opened, closed = self.sources[first], self.sources[last]
        start = self.tokens[first if opened is closed else last].start
        end = self.tokens[last].end
        raw = raw_of(closed.text[start:end], value) if end - start <= LONGEST_RAW else None
        return Quote(closed.turn, closed.start + start, closed.start + end, raw)


@dataclass(frozen=True, slots=True)
class Step:
    """The words of one step, marks included, and the values they mention.

    Attributes:
        words: `<sys>`, the other side's, `<usr>`, the customer's.
        tags: For each word which kind of mention it lies in, 0 for none.
        user_starts: Index of `<usr>`.
        mentions: In reading order.
        quotes: Where each mention stands in the raw text.
    """

    words: list[str]
    tags: list[int]
    user_starts: int
    mentions: list[Mention]
    quotes: list[Quote]


def is_customer(turn: Turn) -> bool:
    """Whether a turn may change the state: the customer's, or one of an unknown speaker."""
    return turn.role is None or turn.role == "customer"


def remember(pending: Sequence[Pending], turn: int, text: str) -> tuple[Pending, ...]:
    """`pending` and one more turn of the other side, cut to what is kept."""
    room = MOST_PENDING
    kept: list[Pending] = []
    for item in reversed([*pending, Pending(turn, 0, text)]):
        if room <= 0:
            break
        cut = max(0, len(item.text) - room)
        kept.append(Pending(item.turn, item.start + cut, item.text[cut:]))
        room -= len(item.text) - cut
    return tuple(reversed(kept))


def tag_groups(schema: Schema) -> dict[tuple[int, ...], int]:
    """Sets of slots that can take the same values, each with its number.

    A word's tag says which of them could take the mention it lies in: 0 for none, then two a
    group, beginning and inside. Group 0 is times, group 1 whatever has no group of its own.
    """
    groups = sorted({schema.takers(FIRST_VALUE + i) for i in range(len(schema.values))})
    groups = [group for group in groups if group != schema.time_slots][: MOST_TAGS // 2 - 3]
    return {group: number for number, group in enumerate(groups, start=2)}


class StepReader:
    """Reads text as a schema's tracker does."""

    def __init__(self, schema: Schema) -> None:
        self._normalise = Normaliser(schema.rewrites)
        self._find = MentionFinder(schema)
        self._schema = schema
        self._groups = tag_groups(schema)

    def steps(self, pending: Sequence[Pending], turn: int, text: str) -> list[Step]:
        """The steps that a customer's turn makes, after what the other side said."""
        answered = self._side(pending)
        said = Pending(turn, 0, text)
        meant = repaired(self._normalise(text), self._find, self._schema.takers)
        spoken = _Side(meant, [said] * len(meant))
        cuts = [
            _Side(spoken.tokens[i : i + LONGEST_STEP], spoken.sources[i : i + LONGEST_STEP])
            for i in range(0, max(1, len(spoken.tokens)), LONGEST_STEP)
        ]
        return [
            self._step(answered, cuts[0]),
            *(self._step(_Side([], []), cut) for cut in cuts[1:]),
        ]

    def _side(self, said: Sequence[Pending]) -> _Side:
        side = _Side([], [])
        for item in said:
            tokens = self._normalise(item.text)
            side.tokens.extend(tokens)
            side.sources.extend([item] * len(tokens))
        return side

    def _step(self, system: _Side, user: _Side) -> Step:
        words: list[str] = []
        mentions: list[Mention] = []
        quotes: list[Quote] = []
        names = self._schema.value_names
        for mark, side in ((SYSTEM_MARK, system), (USER_MARK, user)):
            offset = len(words) + 1
            forms = [token.form for token in side.tokens]
            words.append(mark)
            words += [ANY_TIME if is_time(form) else form for form in forms]
            for value, first, last, is_exact in self._find(forms):
                mentions.append(Mention(value, first + offset, last + offset, is_exact))
                quotes.append(side.quote(first, last, names[value]))
        return Step(words, self._tags(words, mentions), 1 + len(system.tokens), mentions, quotes)

    def _tags(self, words: list[str], mentions: list[Mention]) -> list[int]:
        tags = [NO_TAG] * len(words)
        for mention in reversed(mentions):  # of several values of the same words the first counts
            group = 0
            if mention.value < self._schema.first_time:
                group = self._groups.get(self._schema.takers(mention.value), 1)
            first, last = mention.first, mention.last
            tags[first : last + 1] = [1 + 2 * group] + [2 + 2 * group] * (last - first)
        return tags
