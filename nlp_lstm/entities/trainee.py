"""An entity tagger in training: batches of conversations, the CRF's loss, span F1 on dev."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from torch import Tensor

from corpora.conversation import Turn
from corpora.errors import InputError
from corpora.labels import EntitySpan, LabelledConversation
from nlp_lstm.artefact import Artefact, load_weights
from nlp_lstm.entities.component import EntityTagger
from nlp_lstm.entities.config import EntitiesConfig, SpanCalibration
from nlp_lstm.entities.decode import align_spans, encode_bioes, tag_numbers
from nlp_lstm.entities.loss import tagging_loss
from nlp_lstm.entities.network import EntityNetwork, MemoryPlan, TurnBatch
from nlp_lstm.entities.turns import (
    TurnInput,
    padded,
    plan_batches,
    similar_length_batches,
    turn_input,
)
from nlp_lstm.scoring.calibration import fit_platt, log_odds
from nlp_lstm.scoring.context import MeasuredContext, measure_context
from nlp_lstm.scoring.entities import score_entities
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.typed import as_typed
from nlp_lstm.text.vectors import PretrainedPieces
from nlp_lstm.text.words import split_words
from nlp_lstm.training.data import LoadedCorpus
from nlp_lstm.training.loop import ArtefactParts, ParameterGroup
from nlp_lstm.training.recipe import Recipe, first_fault

JUDGED_CONVERSATIONS = 400
UNCALIBRATED = SpanCalibration(slope=1.0, offset=0.0)


class ExamplesConfig(BaseModel):
    """How conversations become batches.

    Attributes:
        conversations: In a batch.
        word_dropout: Share of words that are read as unknown ones.
        role_dropout: Share of turns that are read as if nobody knew who speaks.
        typed: Share of turns that get capitals and marks as people type them (`as_typed`); for
            corpora in lower case.
        joined: Share of conversations that go on in the memory of the one before, so that a
            memory full of other things is nothing new.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    conversations: int
    word_dropout: float
    role_dropout: float
    typed: float = 0.0
    joined: float = 0.0


@dataclass(frozen=True, slots=True)
class Example:
    """A turn to learn from.

    Attributes:
        given: What is read.
        tags: The CRF's number of each word's tag.
        widened: Spans that ended inside a word and are learnt to its border.
    """

    given: TurnInput
    tags: list[int]
    widened: int


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Turns of some whole conversations, and their gold tags, (B, T) int64 a batch."""

    turns: list[TurnBatch]
    plan: MemoryPlan
    tags: list[Tensor]


class EntityTrainee:
    """See `nlp_lstm.training.loop.Trainee`."""

    metric = "span_f1"

    def __init__(
        self,
        config: EntitiesConfig,
        examples: ExamplesConfig,
        network: EntityNetwork,
        *,
        train: Sequence[LabelledConversation],
        dev: Sequence[LabelledConversation],
    ) -> None:
        self.config = config
        self.examples = examples
        self.network = network
        self.dev = dev
        self._numbers = tag_numbers(config.labels)
        self._train = train
        self._as_published = [self._prepare(labelled) for labelled in train]

    def batch_count(self) -> int:
        """Steps in an epoch."""
        return -(-len(self._train) // self.examples.conversations)

    def batches(self, epoch: int, rng: random.Random) -> Iterator[Batch]:
        """The conversations in random order, some at a time."""
        order = list(range(len(self._train)))
        rng.shuffle(order)
        size = self.examples.conversations
        for start in range(0, len(order), size):
            drawn: list[list[Example]] = []
            for index in order[start : start + size]:
                turns = self._drawn(index, rng)
                if drawn and rng.random() < self.examples.joined:
                    drawn[-1] = drawn[-1] + turns
                else:
                    drawn.append(turns)
            yield self._batch(drawn)

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        """Minus the log-probability of the gold tags, a turn."""
        scores = self.network(batch.turns, batch.plan)
        lengths = [turns.lengths for turns in batch.turns]
        return tagging_loss(self.network.crf, scores, batch.tags, lengths)

    def validate(self) -> dict[str, float]:
        """Strict span scores on dev."""
        tagger = self._tagger(UNCALIBRATED)
        predicted = tagger.annotate([labelled.conversation for labelled in self.dev])
        return dict(score_entities(self.dev, predicted).metrics)

    def parameter_groups(self) -> list[ParameterGroup]:
        """Word vectors learn at half the rate and undecayed: most words are rare."""
        rows = self.network.rows
        vectors = [*rows.pieces.parameters(), *rows.grams.parameters()]
        known = {id(parameter) for parameter in vectors}
        rest = [p for p in self.network.parameters() if id(p) not in known]
        return [ParameterGroup(rest), ParameterGroup(vectors, rate_scale=0.5, weight_decay=0.0)]

    def describe(self) -> ArtefactParts:
        """Config, how many spans were widened to whole words, tokenizer, context it bears."""
        widened = sum(turn.widened for turns in self._as_published for turn in turns)
        config = {"network": self.config.model_dump(mode="json"), "widened_spans": widened}
        tokenizer = self.network.rows.table.tokenizer_json
        return ArtefactParts(config, tokenizer, self._measured_context())

    def calibrate(self) -> dict[str, Any]:
        """Slope and offset that make a span's confidence how often such spans are right on dev."""
        tagger = self._tagger(UNCALIBRATED)
        predicted = tagger.annotate([labelled.conversation for labelled in self.dev])
        confidences: list[float] = []
        right: list[bool] = []
        for labelled, answers in zip(self.dev, predicted, strict=True):
            for truth, answer in zip(labelled.labels, answers, strict=True):
                gold = {(span.start, span.end, span.label) for span in truth.entities or ()}
                for span in answer.entities or ():
                    confidences.append(span.confidence)
                    right.append((span.start, span.end, span.label) in gold)
        slope, offset = UNCALIBRATED.slope, UNCALIBRATED.offset
        if right:
            odds = log_odds(torch.tensor(confidences, dtype=torch.float64))
            slope, offset = fit_platt(odds.float(), torch.tensor(right))
        return SpanCalibration(slope=slope, offset=offset).model_dump()

    def _measured_context(self) -> MeasuredContext | None:
        tagger = self._tagger(UNCALIBRATED)

        def span_f1(gold: Sequence[LabelledConversation]) -> float:
            predicted = tagger.annotate([labelled.conversation for labelled in gold])
            return score_entities(gold, predicted).metrics["span_f1"]

        # All of dev would be annotated thirty times over.
        judged = self.dev[:: max(1, len(self.dev) // JUDGED_CONVERSATIONS)]
        if not judged:
            return None
        return measure_context(f"{len(judged)} dev conversations", judged, "span_f1", span_f1)

    def _tagger(self, calibration: SpanCalibration) -> EntityTagger:
        return EntityTagger(
            self.config,
            self.network,
            calibration,
            name="in-training",
            fingerprint="",
            validated_tokens=0,
        )

    def _prepare(self, labelled: LabelledConversation) -> list[Example]:
        turns = zip(labelled.conversation.turns, labelled.labels, strict=True)
        return [self._example(turn, turn.text, labels.entities or ()) for turn, labels in turns]

    def _drawn(self, index: int, rng: random.Random) -> list[Example]:
        """A conversation to learn from, some of its turns as somebody might have typed them."""
        if not self.examples.typed:
            return self._as_published[index]
        labelled = self._train[index]
        return [
            self._example(turn, *as_typed(turn.text, labels.entities or (), rng))
            if rng.random() < self.examples.typed
            else published
            for turn, labels, published in zip(
                labelled.conversation.turns,
                labelled.labels,
                self._as_published[index],
                strict=True,
            )
        ]

    def _example(self, turn: Turn, text: str, entities: Sequence[EntitySpan]) -> Example:
        words = split_words(text)
        spans, widened = align_spans(entities, words)
        offsets = list(zip(words.starts, words.ends, strict=True))
        tags = [self._numbers[tag] for tag in encode_bioes(spans, offsets)]
        return Example(turn_input(turn, self.network.rows.table.ids(words.forms)), tags, widened)

    def _batch(self, conversations: Sequence[Sequence[Example]]) -> Batch:
        inputs = [[example.given for example in turns] for turns in conversations]
        tags = [example.tags for turns in conversations for example in turns]
        rows, turns, plan = plan_batches(inputs, similar_length_batches)
        return Batch(
            [self._with_dropout(batch) for batch in turns],
            plan,
            [
                padded([tags[r.turn][r.first : r.first + len(r.ids)] for r in group])
                for group in rows
            ],
        )

    def _with_dropout(self, batch: TurnBatch) -> TurnBatch:
        dropped = torch.rand(batch.ids.shape) < self.examples.word_dropout
        ids = batch.ids.masked_fill(dropped & (batch.ids != FormTable.PADDING), FormTable.UNKNOWN)
        anonymous = torch.rand(batch.roles.shape) < self.examples.role_dropout
        roles = batch.roles.masked_fill(anonymous, 0)
        return TurnBatch(ids, batch.lengths, roles, batch.reads, batch.writes)


def build_trainee(
    recipe: Recipe,
    corpora: Sequence[LoadedCorpus],
    pieces: PretrainedPieces | None,
    start: Artefact | None,
    seed: int,  # noqa: ARG001
) -> EntityTrainee:
    """Put an entity tagger together from a recipe.

    Args:
        recipe: Its `network` holds the widths of `EntitiesConfig`, its `examples` those of
            `ExamplesConfig`.
        corpora: What it learns from; all their labels are learnt.
        pieces: Pretrained vectors to start from.
        start: Artefact to start from, of the same labels and widths.
        seed: Has been set already.

    Raises:
        InputError: The recipe does not suit, or nothing says how words are cut into pieces.
        ArtefactError: `start` has other widths or labels.
    """
    train = [labelled for corpus in corpora for labelled in corpus.train]
    dev = [labelled for corpus in corpora for labelled in corpus.dev]
    labels = sorted(
        {span.label for one in train for turn in one.labels for span in turn.entities or ()}
    )
    tokenizer = start.tokenizer if start else pieces.tokenizer if pieces else None
    if tokenizer is None:
        raise InputError(
            recipe.name,
            found="neither vectors nor start",
            expected="one of them: it brings the WordPieces",
            remedy="set vectors = true in the recipe",
        )
    try:
        config = EntitiesConfig.model_validate({**recipe.network, "labels": labels})
        examples = ExamplesConfig.model_validate(recipe.examples)
    except ValidationError as error:
        found, expected = first_fault(error)
        raise InputError(
            recipe.name, found=found, expected=expected, remedy="mend the recipe"
        ) from error
    network = EntityNetwork(config, FormTable(tokenizer, config.rows.gram_buckets))
    if start is not None:
        load_weights(network, start)
    elif pieces is not None:
        network.rows.pieces.weight.data.copy_(pieces.vectors)
    return EntityTrainee(config, examples, network, train=train, dev=dev)
