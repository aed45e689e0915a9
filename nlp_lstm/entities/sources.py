"""The corpora that an entity tagger learns from, in the labels of the model."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpora.labels import LabelledConversation
from nlp_lstm.entities.label_tables import LabelTable, resolve, translated, untangled_all
from nlp_lstm.text.words import count_words
from nlp_lstm.training.data import LoadedCorpus

# Where several corpora judge, each does by about so many words; a large one would take longer to
# judge by than to learn from.
JUDGED_WORDS = 20_000


@dataclass(frozen=True, slots=True)
class Source:
    """One corpus.

    Attributes:
        name: Of the corpus.
        train: What teaches.
        judged: What judges, of dev.
        marked: The kinds that it marks; others may stand where it marks nothing.
        weight: How often its conversations are seen in an epoch.
        losses: Labels that teach something else than they say, counted by reason.
    """

    name: str
    train: Sequence[LabelledConversation]
    judged: Sequence[LabelledConversation]
    marked: frozenset[str]
    weight: float = 1.0
    losses: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> int:
        """How many of its conversations an epoch shows, repeated ones counted again."""
        return max(1, round(self.weight * len(self.train))) if self.train else 0

    @property
    def turns_each(self) -> float:
        """How many turns a judged conversation has, on average."""
        turns = sum(len(one.labels) for one in self.judged)
        return turns / len(self.judged) if self.judged else 0.0

    def of_epoch(self, epoch: int) -> list[int]:
        """Which conversations an epoch shows: in turn, so that all are seen equally often."""
        if not self.train:
            return []
        order = list(range(len(self.train)))
        # One order for all epochs, and not the corpus's own, which has its topics one by one.
        random.Random(self.name).shuffle(order)
        first = epoch * self.share
        return [order[place % len(order)] for place in range(first, first + self.share)]


def sources_of(corpora: Sequence[LoadedCorpus]) -> list[Source]:
    """The corpora of a recipe in the model's labels.

    What is odd about a table or a label is counted in the corpus's `unaligned`, by name: labels
    that a table does not know, entries that no label matches, chains that come back to themselves.
    """
    plain = frozenset(
        span.label
        for corpus in corpora
        if not corpus.use.labels
        for one in corpus.train
        for turn in one.labels
        for span in turn.entities or ()
    )
    sources = []
    for corpus in corpora:
        losses = corpus.unaligned
        if corpus.use.labels is None:
            train, dev = (untangled_all(part, losses) for part in (corpus.train, corpus.dev))
            marked = plain
        else:
            table = resolve(corpus.use.labels)
            _count_odd(table, corpus, losses)
            train = translated(corpus.train, table, losses, corpus.name)
            dev = translated(corpus.dev, table, Counter(), corpus.name)
            marked = table.marked
        judged = _some(dev) if len(corpora) > 1 else dev
        if not any(turn.entities is not None for one in judged for turn in one.labels):
            judged = []
        sources.append(Source(corpus.name, train, judged, marked, corpus.use.weight, losses))
    return sources


def labels_of(sources: Sequence[Source]) -> set[str]:
    """The kinds that some corpus marks."""
    return set[str]().union(*(source.marked for source in sources))


def _count_odd(table: LabelTable, corpus: LoadedCorpus, losses: Counter[str]) -> None:
    for label in table.circular:
        losses[f"label {label!r}, which leads back to itself in the table of {corpus.name}"] += 1
    used = {
        span.label for one in corpus.train for turn in one.labels for span in turn.entities or ()
    }
    unused = table.unused(used)
    if unused:
        losses[f"entries that no label of {corpus.name} matches: {', '.join(unused)}"] += len(
            unused
        )


def _some(dev: Sequence[LabelledConversation]) -> Sequence[LabelledConversation]:
    """Evenly spaced conversations of about `JUDGED_WORDS` words."""
    words = sum(count_words(turn.text) for one in dev for turn in one.conversation.turns)
    return dev[:: max(1, round(words / JUDGED_WORDS))]
