"""What a published corpus holds, counted: labels, what could not be aligned, and leakage.

Leakage is a conversation of one split that also stands in another, word for word once case and
punctuation are left out: a model that learnt it is not judged by it.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from corpora.conversation import Conversation
from corpora.errors import InputError
from corpora.labels import LabelledConversation
from corpora.published import CORPORA, Split, read_corpus

WORDS = re.compile(r"\w+")


@dataclass(slots=True)
class Counts:
    """What a split holds.

    Attributes:
        conversations: How many; for corpora of sentences, how many sentences.
        turns: All of them.
        by_role: Turns of each role; "" where nobody says who speaks.
        tokens: Stretches between single blanks: the tokens of column files.
        entities: Spans by label.
        spans_by_role: Spans in the turns of each role; "" where nobody says who speaks.
        states: Turns after which the belief state is labelled, full or empty.
        requests: Slots that are asked for.
        emotions: Turns by their first emotion.
        sentiments: Turns by their class.
        ratings: Turns that say how satisfied somebody is.
        losses: Labels that could not be aligned with the text, by reason.
        misplaced: Spans that are blank or outside their turn.
        repeated: Conversations that repeat another of the same split.
    """

    conversations: int = 0
    turns: int = 0
    by_role: Counter[str] = field(default_factory=Counter)
    tokens: int = 0
    entities: Counter[str] = field(default_factory=Counter)
    spans_by_role: Counter[str] = field(default_factory=Counter)
    states: int = 0
    requests: int = 0
    emotions: Counter[str] = field(default_factory=Counter)
    sentiments: Counter[str] = field(default_factory=Counter)
    ratings: int = 0
    losses: Counter[str] = field(default_factory=Counter)
    misplaced: int = 0
    repeated: int = 0

    def add(self, labelled: LabelledConversation) -> None:
        """Count a conversation."""
        self.conversations += 1
        pairs = zip(labelled.conversation.turns, labelled.labels, strict=True)
        for turn, labels in pairs:
            self.turns += 1
            self.by_role[turn.role or ""] += 1
            self.tokens += sum(map(bool, turn.text.split(" ")))
            for span in labels.entities or ():
                self.entities[span.label] += 1
                self.spans_by_role[turn.role or ""] += 1
                is_there = span.end <= len(turn.text) and turn.text[span.start : span.end].strip()
                self.misplaced += not is_there
            self.states += labels.state is not None
            self.requests += len(labels.requests or ())
            if (felt := labels.sentiment) is not None:
                if felt.emotions:
                    self.emotions[felt.emotions[0].label] += 1
                if felt.label is not None:
                    self.sentiments[felt.label] += 1
                self.ratings += felt.satisfaction is not None


@dataclass(frozen=True, slots=True)
class Leak:
    """What two splits share.

    Attributes:
        first: One of them.
        second: The other.
        conversations: Distinct conversations that stand in both.
        in_second: Conversations of the second that do, its repetitions counted.
    """

    first: Split
    second: Split
    conversations: int
    in_second: int


@dataclass(frozen=True, slots=True)
class Check:
    """A corpus as it was found.

    Attributes:
        splits: Those that are there.
        missing: Why the others are not.
        leaks: Of each pair of splits, none left out.
    """

    splits: Mapping[Split, Counts]
    missing: Mapping[Split, InputError]
    leaks: Sequence[Leak]


def check_corpus(name: str, directory: Path | str) -> Check:
    """Read all splits of a corpus that are there.

    Args:
        name: A key of `CORPORA`.
        directory: The publisher's root folder, or the one above it.

    Raises:
        InputError: None of its splits is there; or a file is not what its publisher gave away.
        ValueError: No such corpus.
    """
    if name not in CORPORA:
        raise ValueError(f"no corpus {name!r}; there are {', '.join(CORPORA)}")
    counted: dict[Split, Counts] = {}
    missing: dict[Split, InputError] = {}
    marks: dict[Split, Counter[bytes]] = {}
    for split in CORPORA[name].splits:
        counts = Counts()
        try:
            labelled = read_corpus(name, directory, split, losses=counts.losses)
        except InputError as error:  # what is missing is said before anything is read
            missing[split] = error
            continue
        seen = count_into(counts, labelled)
        counted[split] = counts
        if seen:
            marks[split] = seen
    if not counted:
        raise next(iter(missing.values()))
    return Check(counted, missing, leaks(marks))


def count_into(counts: Counts, conversations: Iterable[LabelledConversation]) -> Counter[bytes]:
    """Count conversations, and how often each was said.

    Args:
        counts: Grows.
        conversations: Read once.

    Returns:
        Marks of conversations, equal where what was said is equal.
    """
    seen: Counter[bytes] = Counter()
    for labelled in conversations:
        counts.add(labelled)
        seen[mark(labelled.conversation)] += 1
    counts.repeated = counts.conversations - len(seen)
    return seen


def leaks(marks: Mapping[Split, Counter[bytes]]) -> list[Leak]:
    """What each pair of splits shares; those of different folds are made of the same."""
    found = []
    for first, second in combinations(marks, 2):
        if first.rpartition("-")[0] != second.rpartition("-")[0]:
            continue
        shared = marks[first].keys() & marks[second].keys()
        again = sum(marks[second][one] for one in shared)
        found.append(Leak(first, second, len(shared), again))
    return found


def mark(conversation: Conversation) -> bytes:
    """A hash of what was said, but for case, punctuation and blanks.

    Where nothing is left without them (`?!`), they count.
    """
    digest = hashlib.blake2b(digest_size=16)
    for turn in conversation.turns:
        words = WORDS.findall(turn.text.casefold())
        digest.update((" ".join(words) or turn.text).encode("utf-8", "surrogatepass") + b"\0")
    return digest.digest()
