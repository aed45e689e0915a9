"""Labelled conversations as numbers that a sentiment network learns from."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.sentiment.config import THREE_WAY_LABELS, Scheme
from nlp_lstm.sentiment.loss import UNLABELLED
from nlp_lstm.sentiment.speakers import speaker_key, speaker_runs
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.words import split_words

# Batches among which conversations are sorted by length: enough to save most of the padding,
# few enough that batches differ from epoch to epoch.
SORTED_TOGETHER = 40


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One conversation.

    Attributes:
        turns: Numbers of each turn's word forms.
        runs: Turns that each speaker's memory reads.
        emotions: Numbers of each turn's labels; empty where nobody looked.
        sentiments: Number of each turn's three-way class, -1 where nobody said.
    """

    turns: tuple[tuple[int, ...], ...]
    runs: tuple[tuple[int, ...], ...]
    emotions: tuple[tuple[int, ...], ...]
    sentiments: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Conversations of one corpus, their M turns one after the other.

    Attributes:
        scheme: Whose labels `emotions` are.
        ids: (M, T) int64, padded with 0.
        lengths: Words in each turn. (M,) int64
        conversations: Turns of each conversation.
        runs: Turns that each speaker's memory reads.
        emotions: (M, L) float for a several-label scheme, else (M,) int64 with -1 for none.
        labelled: Which turns have emotions. (M,) bool
        sentiments: (M,) int64, -1 for none.
        vectors: What a frozen encoder makes of the turns; None where they are still to be
            encoded. (M, E)
    """

    scheme: str
    ids: Tensor
    lengths: Tensor
    conversations: list[range]
    runs: list[list[int]]
    emotions: Tensor
    labelled: Tensor
    sentiments: Tensor
    vectors: Tensor | None = None


def scheme_of(name: str, conversations: Sequence[LabelledConversation]) -> Scheme:
    """The labels that a corpus uses, in alphabetical order."""
    found = [
        [emotion.label for emotion in labels.sentiment.emotions]
        for labelled in conversations
        for labels in labelled.labels
        if labels.sentiment is not None
    ]
    labels = tuple(sorted({label for felt in found for label in felt}))
    return Scheme(name=name, labels=labels, several=any(len(felt) > 1 for felt in found))


def make_example(
    labelled: LabelledConversation,
    scheme: Scheme,
    table: FormTable,
    *,
    longest_turn: int,
    most_speakers: int,
) -> Example:
    """Turn one conversation into numbers.

    Args:
        labelled: The conversation.
        scheme: Its corpus'.
        table: Numbers the word forms.
        longest_turn: Words of a turn beyond so many are not learnt from.
        most_speakers: As in the network's config.
    """
    turns = labelled.conversation.turns
    forms = [split_words(turn.text).forms[:longest_turn] for turn in turns]
    keys = [speaker_key(turn) for turn in turns]
    return Example(
        turns=tuple(tuple(table.ids(words)) for words in forms),
        runs=tuple(tuple(run) for run in speaker_runs(keys, most_speakers)),
        emotions=tuple(emotion_numbers(labels, scheme) for labels in labelled.labels),
        sentiments=tuple(sentiment_number(labels) for labels in labelled.labels),
    )


def emotion_numbers(labels: TurnLabels, scheme: Scheme) -> tuple[int, ...]:
    """Places of a turn's labels in its scheme; none where nobody looked."""
    if labels.sentiment is None:
        return ()
    return tuple(scheme.labels.index(emotion.label) for emotion in labels.sentiment.emotions)


def sentiment_number(labels: TurnLabels) -> int:
    """Place of a turn's three-way class; -1 where nobody said."""
    if labels.sentiment is None or labels.sentiment.label is None:
        return UNLABELLED
    return THREE_WAY_LABELS.index(labels.sentiment.label)


def make_batch(examples: Sequence[Example], scheme: Scheme) -> Batch:
    """Put conversations of one corpus together."""
    turns = [turn for example in examples for turn in example.turns]
    longest = max(map(len, turns))
    conversations: list[range] = []
    runs: list[list[int]] = []
    first = 0
    for example in examples:
        conversations.append(range(first, first + len(example.turns)))
        runs += [[first + index for index in run] for run in example.runs]
        first += len(example.turns)
    emotions = [felt for example in examples for felt in example.emotions]
    return Batch(
        scheme=scheme.name,
        ids=torch.tensor([[*turn, *[0] * (longest - len(turn))] for turn in turns]).long(),
        lengths=torch.tensor([len(turn) for turn in turns]),
        conversations=conversations,
        runs=runs,
        emotions=emotion_targets(emotions, scheme),
        labelled=torch.tensor([len(felt) > 0 for felt in emotions]),
        sentiments=torch.tensor([s for example in examples for s in example.sentiments]),
    )


def emotion_targets(emotions: Sequence[Sequence[int]], scheme: Scheme) -> Tensor:
    """Targets of a head: (M, L) float where several labels may hold, else (M,) int64."""
    if not scheme.several:
        return torch.tensor([felt[0] if felt else UNLABELLED for felt in emotions])
    targets = torch.zeros(len(emotions), len(scheme.labels))
    for row, felt in enumerate(emotions):
        targets[row, list(felt)] = 1.0
    return targets


def cut_batches(
    examples: Sequence[Example], chosen: Sequence[int], batch_turns: int, rng: random.Random
) -> Iterator[list[int]]:
    """Cut conversations into batches of about equally many turns, similar lengths together.

    Args:
        examples: All of a corpus.
        chosen: Which of them, in the order of chance.
        batch_turns: A batch ends with the conversation that reaches so many turns.
        rng: Shuffles the batches.

    Yields:
        Indices into `examples`.
    """
    batches: list[list[int]] = []
    window = SORTED_TOGETHER * batch_turns
    for start in range(0, len(chosen), window):
        near = sorted(chosen[start : start + window], key=lambda i: _longest_turn(examples[i]))
        batch: list[int] = []
        turns = 0
        for index in near:
            batch.append(index)
            turns += len(examples[index].turns)
            if turns >= batch_turns:
                batches.append(batch)
                batch, turns = [], 0
        if batch:
            batches.append(batch)
    rng.shuffle(batches)
    yield from batches


def _longest_turn(example: Example) -> int:
    return max(map(len, example.turns), default=0)
