"""What each corpus of a recipe teaches, chooses and judges."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from corpora.labels import LabelledConversation
from nlp_lstm.scoring.perturb import Perturbation, perturbed
from nlp_lstm.sentiment.config import Scheme
from nlp_lstm.sentiment.examples import Example, make_example
from nlp_lstm.sentiment.loss import SINGLE_POWER, several_weights, single_weights
from nlp_lstm.text.forms import FormTable
from nlp_lstm.training.data import LoadedCorpus

# How a conversation is typed otherwise, and on which share of its turns each is tried.
TYPED: tuple[Perturbation, ...] = ("typos", "casing", "fillers")
TYPED_SHARE = 0.5


class ExampleSettings(BaseModel):
    """How a recipe's batches are made, under `[examples]`.

    Attributes:
        batch_turns: Turns in a batch, about.
        longest_turn: Words of a turn beyond so many are not learnt from.
        typed: Share of the conversations of an epoch that are read as people might have typed
            them: with slips, other capitals, words that say nothing.
        class_power: How much rarer classes of a single-label corpus weigh more: 1 / share to it.
        frozen: Whether turns are encoded as the start encodes them, once: only the memories and
            the heads learn. Quick, and enough where there is little to learn from.
        word_dropout: Share of words that are hidden from the network in training.
        held_out: Share of the training conversations of a several-label corpus that nothing is
            learnt from; they choose the threshold.
        judges: Corpora whose main dev figure chooses the epoch; see `judging.main_metric`.
        losses: What each head's loss counts, by scheme; the three-way head is `sentiment`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_turns: int = Field(gt=0)
    longest_turn: int = Field(gt=0)
    word_dropout: float = Field(ge=0, lt=1)
    typed: float = Field(default=0.0, ge=0, le=1)
    frozen: bool = False
    class_power: float = Field(default=SINGLE_POWER, ge=0, le=1)
    held_out: float = Field(ge=0, lt=1)
    judges: tuple[str, ...] = Field(min_length=1)
    losses: dict[str, float]


@dataclass(frozen=True, slots=True)
class Source:
    """A corpus, ready.

    Attributes:
        scheme: Its labels.
        examples: What is learnt from.
        typed: The same, each as somebody might have typed it; empty where none are read so.
        visits: How often an epoch visits each, on average.
        weights: Of the positives or of the classes, as the scheme's loss wants them. (L,)
        held_out: What chooses the threshold.
        dev: What judges.
    """

    scheme: Scheme
    examples: Sequence[Example]
    typed: Sequence[Example]
    visits: float
    weights: Tensor
    held_out: Sequence[LabelledConversation]
    dev: Sequence[LabelledConversation]


def is_held_out(identifier: str, share: float) -> bool:
    """Whether a conversation is held out: decided by its id alone, the same in every run."""
    return int.from_bytes(sha256(identifier.encode()).digest()[:4], "big") < share * 2**32


def make_source(
    corpus: LoadedCorpus,
    scheme: Scheme,
    settings: ExampleSettings,
    table: FormTable,
    most_speakers: int,
) -> Source:
    """Hold out, number and weigh what a corpus has to teach.

    Args:
        corpus: As it was read.
        scheme: Its labels.
        settings: The recipe's.
        table: Numbers the word forms.
        most_speakers: As in the network's config.
    """
    share = settings.held_out if scheme.several else 0.0
    held_out = [c for c in corpus.train if is_held_out(c.conversation.id, share)]
    teaching = [
        labelled
        for labelled in corpus.train
        if labelled.conversation.turns and not is_held_out(labelled.conversation.id, share)
    ]

    def numbered(conversations: Iterable[LabelledConversation]) -> list[Example]:
        return [
            make_example(
                labelled,
                scheme,
                table,
                longest_turn=settings.longest_turn,
                most_speakers=most_speakers,
            )
            for labelled in conversations
        ]

    learnt = numbered(teaching)
    typed = numbered(map(_as_typed, teaching)) if settings.typed else []
    felt = [numbers for example in learnt for numbers in example.emotions if numbers]
    counts = torch.zeros(len(scheme.labels))
    for numbers in felt:
        counts[list(numbers)] += 1
    shares = (counts / max(1, len(felt))).tolist()
    weights = (
        several_weights(shares) if scheme.several else single_weights(shares, settings.class_power)
    )
    return Source(scheme, learnt, typed, corpus.use.weight, weights, held_out, corpus.dev)


def _as_typed(labelled: LabelledConversation) -> LabelledConversation:
    rng = random.Random(f"typed {labelled.conversation.id}")
    return perturbed(labelled, rng, TYPED, share=TYPED_SHARE)
