"""Labelled turns as other systems learn them: our words, and spans that count words.

What stands unlabelled before a turn (of RESTAURANTS-8K, what was asked for) is input to ours, which
remembers it. Others read one turn at a time, so they get those words in front of the turn's own.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpora.labels import EntitySpan, LabelledConversation, TurnLabels
from nlp_lstm.entities.decode import align_spans
from nlp_lstm.text.words import split_words

# First and last word, inclusive, and the label.
WordSpan = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One labelled turn.

    Attributes:
        words: Ours, those of the turns before it that nobody labelled included.
        spaced: Whether a blank follows each.
        spans: What is named, in reading order; what ends inside a word reaches to its border.
        offsets: Where each of the turn's own words stands in it, in code points.
    """

    words: list[str]
    spaced: list[bool]
    spans: list[WordSpan]
    offsets: list[tuple[int, int]]

    @property
    def lead(self) -> int:
        """How many words stand before the turn's own."""
        return len(self.words) - len(self.offsets)


@dataclass(frozen=True, slots=True)
class Epoch:
    """What a system says of all sentences of dev after so many epochs.

    Attributes:
        number: Epochs done.
        found: Spans of each sentence.
        training_seconds: Processor time of all epochs so far.
        judging_seconds: Processor time of these answers.
    """

    number: int
    found: list[list[WordSpan]]
    training_seconds: float
    judging_seconds: float


def sentences(corpus: Sequence[LabelledConversation]) -> list[Sentence]:
    """The labelled turns of a corpus, in order."""
    return [sentence for labelled in corpus for sentence in _sentences(labelled)]


def answers(
    corpus: Sequence[LabelledConversation], found: Sequence[Sequence[WordSpan]]
) -> list[list[TurnLabels]]:
    """What was found in the sentences of a corpus, as its turns' labels."""
    pairs = iter(zip(sentences(corpus), found, strict=True))
    return [
        [
            TurnLabels() if labels.entities is None else TurnLabels(tuple(_spans(*next(pairs))))
            for labels in labelled.labels
        ]
        for labelled in corpus
    ]


def _sentences(labelled: LabelledConversation) -> Iterator[Sentence]:
    lead: list[str] = []
    for turn, labels in zip(labelled.conversation.turns, labelled.labels, strict=True):
        words = split_words(turn.text)
        if labels.entities is None:
            lead += words.forms
            continue
        offsets = list(zip(words.starts, words.ends, strict=True))
        following = [*words.starts[1:], len(turn.text)][: len(offsets)]
        spaced = [end < after for (_, end), after in zip(offsets, following, strict=True)]
        first_at = {start: len(lead) + index for index, (start, _) in enumerate(offsets)}
        last_at = {end: len(lead) + index for index, (_, end) in enumerate(offsets)}
        aligned = align_spans(labels.entities, words, Counter())
        spans = [(first_at[span.start], last_at[span.end], span.label) for span in aligned]
        yield Sentence(lead + words.forms, [True] * len(lead) + spaced, spans, offsets)
        lead = []


def _spans(sentence: Sentence, found: Sequence[WordSpan]) -> Iterator[EntitySpan]:
    for first, last, label in sorted(found):
        if first >= sentence.lead:
            start = sentence.offsets[first - sentence.lead][0]
            yield EntitySpan(start, sentence.offsets[last - sentence.lead][1], label)
