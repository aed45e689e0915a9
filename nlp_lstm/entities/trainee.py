"""An entity tagger in training: batches of conversations, the CRF's loss, span F1 on dev."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.artefact import Artefact, load_weights
from nlp_lstm.component import Identity
from nlp_lstm.entities.component import EntityTagger
from nlp_lstm.entities.config import EntitiesConfig, SpanCalibration, TurnCalibration
from nlp_lstm.entities.decode import WIDENED
from nlp_lstm.entities.examples import Example, ExampleMaker, ExamplesConfig
from nlp_lstm.entities.label_tables import comparable
from nlp_lstm.entities.loss import tagging_loss
from nlp_lstm.entities.made_up_values import VALUES
from nlp_lstm.entities.network import EntityNetwork, MemoryPlan, TurnBatch
from nlp_lstm.entities.sources import Source, labels_of, sources_of
from nlp_lstm.entities.turns import padded, plan_batches, similar_length_batches
from nlp_lstm.scoring.calibration import fit_platt, log_odds
from nlp_lstm.scoring.context import MeasuredContext, measure_context
from nlp_lstm.scoring.entities import score_entities
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.vectors import PretrainedPieces
from nlp_lstm.training.data import LoadedCorpus
from nlp_lstm.training.loop import ArtefactParts, ParameterGroup
from nlp_lstm.training.recipe import Recipe
from nlp_lstm.training.starting import settings_of, tokenizer_of

JUDGED_CONVERSATIONS = 400
UNCALIBRATED_TURN = TurnCalibration(slope=1.0, offset=0.0)
UNCALIBRATED = SpanCalibration(slope=1.0, offset=0.0, turn=UNCALIBRATED_TURN)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Turns of some whole conversations, and what may stand at their words.

    Attributes:
        chosen: Numbers of `Choices`. (B, T) int64 a batch
    """

    turns: list[TurnBatch]
    plan: MemoryPlan
    chosen: list[Tensor]


class EntityTrainee:
    """See `nlp_lstm.training.loop.Trainee`."""

    metric = "span_f1"

    def __init__(
        self,
        config: EntitiesConfig,
        examples: ExamplesConfig,
        network: EntityNetwork,
        sources: Sequence[Source],
    ) -> None:
        self.config = config
        self.examples = examples
        self.network = network
        self.sources = sources
        marked = [source.marked for source in sources]
        self._make = ExampleMaker(config, examples, network.rows.table, marked)
        self._losses: Counter[str] = Counter()
        self._as_published = [
            [self._make.as_published(one, number, source.losses) for one in source.train]
            for number, source in enumerate(sources)
        ]

    def batch_count(self) -> int:
        """Steps in an epoch."""
        return -(-sum(source.share for source in self.sources) // self.examples.conversations)

    def batches(self, epoch: int, rng: random.Random) -> Iterator[Batch]:
        """The conversations in random order, some at a time; of each corpus as many as it counts.

        A corpus that counts half shows half of its conversations in an epoch, others in the next.
        """
        order = [
            (number, index)
            for number, source in enumerate(self.sources)
            for index in source.of_epoch(epoch)
        ]
        rng.shuffle(order)
        size = self.examples.conversations
        for start in range(0, len(order), size):
            drawn: list[list[Example]] = []
            for number, index in order[start : start + size]:
                turns = self._drawn(number, index, rng)
                if drawn and rng.random() < self.examples.joined:
                    drawn[-1] = drawn[-1] + turns
                else:
                    drawn.append(turns)
            yield self._batch(drawn)

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        """Minus the log-probability of all taggings that fit the labels, a turn."""
        scores = self.network(batch.turns, batch.plan)
        lengths = [turns.lengths for turns in batch.turns]
        return tagging_loss(
            self.network.crf,
            scores,
            batch.chosen,
            lengths,
            self._make.choices,
            self.examples.miss_cost,
        )

    def validate(self) -> dict[str, float]:
        """Strict span scores on dev; of several corpora the mean, and each one's F1."""
        tagger = self._tagger(UNCALIBRATED)
        found = {
            source.name: _span_scores(tagger, source, source.judged)
            for source in self.sources
            if source.judged
        }
        if len(found) == 1:
            return dict(next(iter(found.values())))
        names = ("span_precision", "span_recall", "span_f1", "ece")
        means = {
            name: sum(scores[name] for scores in found.values()) / max(1, len(found))
            for name in names
        }
        return means | {f"{name}_f1": scores["span_f1"] for name, scores in found.items()}

    def parameter_groups(self) -> list[ParameterGroup]:
        """Word vectors learn at half the rate and undecayed: most words are rare."""
        rows = self.network.rows
        vectors = [*rows.pieces.parameters(), *rows.grams.parameters()]
        known = {id(parameter) for parameter in vectors}
        rest = [p for p in self.network.parameters() if id(p) not in known]
        return [ParameterGroup(rest), ParameterGroup(vectors, rate_scale=0.5, weight_decay=0.0)]

    def describe(self, *, measured: bool = True) -> ArtefactParts:
        """Config, how many spans were widened to whole words, tokenizer, context it bears."""
        widened = sum(source.losses[WIDENED] for source in self.sources)
        config = {"network": self.config.model_dump(mode="json"), "widened_spans": widened}
        tokenizer = self.network.rows.table.tokenizer_json
        context = self._measured_context() if measured else None
        return ArtefactParts(config, tokenizer, context)

    def calibrate(self) -> dict[str, Any]:
        """What makes a span's confidence how often such spans are right on dev, and the least.

        Of several corpora each counts by the spans of as many of its words as of the others'.
        """
        tagger = self._tagger(UNCALIBRATED)
        confidences: list[float] = []
        right: list[bool] = []
        turns: list[float] = []
        turns_right: list[bool] = []
        wanted = 0
        for source in self.sources:
            for truth, answer in _turn_pairs(tagger, source):
                gold = {(span.start, span.end, span.label) for span in truth.entities or ()}
                wanted += len(gold)
                for span in answer.entities or ():
                    confidences.append(span.confidence)
                    right.append((span.start, span.end, span.label) in gold)
                found = {(span.start, span.end, span.label) for span in answer.entities or ()}
                turns.append(answer.entities_confidence or 0.0)
                turns_right.append(found == gold)
        slope, offset = UNCALIBRATED.slope, UNCALIBRATED.offset
        if right:
            odds = log_odds(torch.tensor(confidences, dtype=torch.float64))
            slope, offset = fit_platt(odds.float(), torch.tensor(right))
        # See `SpanCalibration.least`. Halved F1 is sum(right) / (found + wanted).
        least = sum(right) / max(1, len(right) + wanted)
        turn = UNCALIBRATED_TURN
        if turns:
            odds = log_odds(torch.tensor(turns, dtype=torch.float64))
            pair = fit_platt(odds.float(), torch.tensor(turns_right))
            turn = TurnCalibration(slope=pair[0], offset=pair[1])
        return SpanCalibration(slope=slope, offset=offset, least=least, turn=turn).model_dump()

    def _measured_context(self) -> MeasuredContext | None:
        tagger = self._tagger(UNCALIBRATED)
        # Of several corpora the one of the longest conversations says how long they may be.
        source = max(self.sources, key=lambda source: source.turns_each, default=None)
        if source is None or not source.judged:
            return None

        def span_f1(gold: Sequence[LabelledConversation]) -> float:
            return _span_scores(tagger, source, gold)["span_f1"]

        # All of dev would be annotated thirty times over.
        judged = source.judged[:: max(1, len(source.judged) // JUDGED_CONVERSATIONS)]
        of_corpus = f" of {source.name}" if len(self.sources) > 1 else ""
        what = f"{len(judged)} dev conversations{of_corpus}"
        return measure_context(what, judged, "span_f1", span_f1)

    def _tagger(self, calibration: SpanCalibration) -> EntityTagger:
        # Checks come after the network, and what they say is not the network's to answer for.
        return EntityTagger(
            self.config.model_copy(update={"checks": {}}),
            self.network,
            calibration,
            identity=Identity("in-training", "", 0),
        )

    def _drawn(self, number: int, index: int, rng: random.Random) -> list[Example]:
        if not self._make.draws:
            return self._as_published[number][index]
        return self._make.drawn(self.sources[number].train[index], number, rng)

    def _batch(self, conversations: Sequence[Sequence[Example]]) -> Batch:
        inputs = [[example.given for example in turns] for turns in conversations]
        chosen = [example.chosen for turns in conversations for example in turns]
        rows, turns, plan = plan_batches(inputs, similar_length_batches)
        return Batch(
            [self._with_dropout(batch) for batch in turns],
            plan,
            [
                padded([chosen[r.turn][r.first : r.first + len(r.ids)] for r in group])
                for group in rows
            ],
        )

    def _with_dropout(self, batch: TurnBatch) -> TurnBatch:
        dropped = torch.rand(batch.ids.shape) < self.examples.word_dropout
        ids = batch.ids.masked_fill(dropped & (batch.ids != FormTable.PADDING), FormTable.UNKNOWN)
        drawn, share = torch.rand(batch.roles.shape), self.examples.role_dropout
        nearby = torch.where(drawn < 2 * share, batch.roles.clamp(max=1), batch.roles)
        roles = nearby.masked_fill(drawn < share, 0)
        return TurnBatch(ids, batch.lengths, roles, batch.reads, batch.writes)


def _turn_pairs(tagger: EntityTagger, source: Source) -> Iterator[tuple[TurnLabels, TurnLabels]]:
    """What is known of each judged turn of a corpus, and what the tagger says of it."""
    gold, predicted = _answered(tagger, source, source.judged)
    for labelled, answers in zip(gold, predicted, strict=True):
        for truth, answer in zip(labelled.labels, answers, strict=True):
            if truth.entities is not None:
                yield truth, answer


def _span_scores(
    tagger: EntityTagger, source: Source, gold: Sequence[LabelledConversation]
) -> Mapping[str, float]:
    return score_entities(*_answered(tagger, source, gold)).metrics


def _answered(
    tagger: EntityTagger, source: Source, gold: Sequence[LabelledConversation]
) -> tuple[Sequence[LabelledConversation], Sequence[Sequence[TurnLabels]]]:
    predicted = tagger.annotate([labelled.conversation for labelled in gold])
    return comparable(gold, predicted, source.marked)


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
        corpora: What it learns from; all their labels are learnt, or those their tables lead to.
        pieces: Pretrained vectors to start from.
        start: Artefact to start from, of the same labels and widths.
        seed: Has been set already.

    Raises:
        InputError: The recipe does not suit, or nothing says how words are cut into pieces.
        ArtefactError: `start` has other widths or labels.
    """
    sources = sources_of(corpora)
    tokenizer = tokenizer_of(recipe.name, pieces, start)
    examples = settings_of(recipe.name, ExamplesConfig, recipe.examples)
    labels = labels_of(sources) | (set(VALUES) if examples.makes_up else set())
    told = {**recipe.network, "labels": sorted(labels), "tables": _tables(recipe)}
    config = settings_of(recipe.name, EntitiesConfig, told)
    network = EntityNetwork(config, FormTable(tokenizer, config.rows.gram_buckets))
    if start is not None:
        load_weights(network, start)
    elif pieces is not None:
        network.rows.pieces.weight.data.copy_(pieces.vectors)
    return EntityTrainee(config, examples, network, sources)


def _tables(recipe: Recipe) -> dict[str, dict[str, str]]:
    """The tables of the corpora that teach, and of those that `network` names as judges."""
    taught = {use.name: dict(use.labels) for use in recipe.corpora if use.labels}
    judging: dict[str, dict[str, str]] = recipe.network.get("tables", {})
    return {**judging, **taught}
