"""A state tracker in training."""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from corpora.errors import InputError
from corpora.labels import LabelledConversation
from corpora.published import CORPORA, corpus_root
from nlp_lstm.artefact import Artefact
from nlp_lstm.states.batches import WordDropout
from nlp_lstm.states.config import ExampleSettings, StateNetworkConfig
from nlp_lstm.states.examples import Example, ExampleReader
from nlp_lstm.states.exchanging import Exchange
from nlp_lstm.states.guide import read_guide
from nlp_lstm.states.hearing import Reading
from nlp_lstm.states.lessons import load_lessons, save_lessons
from nlp_lstm.states.loss import lesson_loss, request_loss, state_loss
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.ontology import build_schema
from nlp_lstm.states.outside import outside_pieces
from nlp_lstm.states.schema import Schema
from nlp_lstm.states.starting import (
    VECTOR_SCALE,
    parameter_groups,
    set_aside,
    sorted_corpora,
)
from nlp_lstm.states.tables import schema_tables
from nlp_lstm.states.teaching import lessons_key, teach, teacher_network
from nlp_lstm.states.tracking import read_quickly, score_all, start_tracking, track
from nlp_lstm.states.training_batches import TrainingBatch, training_batch
from nlp_lstm.states.transfer import start_from, start_schema, with_start_values
from nlp_lstm.states.validation import changes_per_100_steps, dev_calibration, dev_figures
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.pruning import ascii_pieces
from nlp_lstm.text.vectors import PretrainedPieces
from nlp_lstm.training.data import LoadedCorpus
from nlp_lstm.training.loop import ArtefactParts, ParameterGroup
from nlp_lstm.training.recipe import Recipe
from nlp_lstm.training.starting import settings_of, tokenizer_of

OUTSIDE_POOL = 3.0  # pieces to draw an epoch's from, for each one drawn
EXCHANGES = 2  # of each conversation, with other values; an epoch reads one of them or itself


class StateTrainee:
    """Trains a `StateNetwork` on whole conversations."""

    metric = "joint_goal_accuracy"

    def __init__(
        self,
        network: StateNetwork,
        config: StateNetworkConfig,
        settings: ExampleSettings,
        schema: Schema,
        train: Sequence[Sequence[Example]],
        dev: Sequence[Sequence[Example]],
        outside: Sequence[Sequence[Example]],
        outside_dev: Sequence[Sequence[Example]],
        exchanged: Sequence[Sequence[Sequence[Example]]] = (),
    ) -> None:
        self.network = network
        self.schema = schema
        self.dev = dev
        self._config = config
        self._settings = settings
        self._train = train
        self._exchanged = exchanged
        self._outside = outside
        self._outside_dev = outside_dev
        self._drawn = min(len(outside), round(settings.outside * len(train)))

    def learn_from(self, teachers: Sequence[Artefact], cache: Path) -> None:
        """Learn what teachers think of the training steps, beside the labels.

        Args:
            teachers: Trackers of the same schema.
            cache: Where what they think is kept, so that a training that goes on need not ask.

        Raises:
            ArtefactError: A teacher follows another schema.
        """
        networks = [teacher_network(teacher, self.schema) for teacher in teachers]
        conversations = [*self._train, *self._outside]
        key = lessons_key(teachers, conversations)
        lessons = load_lessons(cache, key)
        if lessons is None:
            taught = teach(networks, conversations, self.schema)
            lessons = [lesson for steps in taught for lesson in steps]
            save_lessons(lessons, cache, key)
        each = iter(lessons)
        conversations = [
            [replace(example, lesson=next(each)) for example in examples]
            for examples in conversations
        ]
        self._train = conversations[: len(self._train)]
        self._outside = conversations[len(self._train) :]
        set_aside()

    def batch_count(self) -> int:
        """Steps in an epoch."""
        return math.ceil((len(self._train) + self._drawn) / self._settings.conversations)

    def batches(self, epoch: int, rng: random.Random) -> Iterable[TrainingBatch]:
        """Batches of conversations of nearly the same number of steps."""
        settings = self._settings
        chosen = [*self._read_anew(rng), *rng.sample(list(self._outside), self._drawn)]
        chosen = sorted(chosen, key=lambda examples: (len(examples), rng.random()))
        size = settings.conversations
        groups = [chosen[first : first + size] for first in range(0, len(chosen), size)]
        rng.shuffle(groups)
        epochs_of_own = epoch - settings.own_states_from + 1
        share = min(settings.most_own_states, max(0, epochs_of_own) * settings.own_states_growth)
        dropout = WordDropout(settings.word_dropout, settings.mention_dropout, rng)
        for group in groups:
            yield training_batch(
                group,
                self.schema,
                self.network.rows.table,
                dropout=dropout,
                own=[rng.random() < share for _ in group],
            )

    def _read_anew(self, rng: random.Random) -> Iterable[Sequence[Example]]:
        """The conversations, some with other values."""
        if not self._exchanged:
            return self._train
        return [
            rng.choice(others) if rng.random() < self._settings.exchanged else own
            for own, others in zip(self._train, self._exchanged, strict=True)
        ]

    def loss(self, batch: TrainingBatch, epoch: int) -> Tensor:
        """Loss of the labelled states, and of the labelled requests where there are any."""
        del epoch
        network = self.network
        reading = read_quickly(network, batch.steps)
        with torch.autocast(batch.gold.device.type, enabled=False):
            return self._decision_loss(batch, reading)

    def _decision_loss(self, batch: TrainingBatch, reading: Reading) -> Tensor:
        settings, network = self._settings, self.network
        T, C, S = batch.gold.shape
        before = batch.before
        if batch.own.any():
            before = torch.where(batch.own[:, None], self._own_states(batch, reading), before)
        candidates = score_all(network, batch.steps, reading, before)
        # A slot that is wrong already and does not change now has nothing to learn from here.
        stale = (before != batch.before) & (batch.gold == batch.before)
        weights = torch.where(stale, settings.stale_weight, 1.0) * batch.exists[..., None]
        weights = weights.view(T * C, S)
        loss = state_loss(candidates, batch.gold.view(T * C, S), weights, settings.focus)
        if batch.lessons is not None:
            taught = lesson_loss(candidates, batch.lessons, weights)
            loss = torch.lerp(loss, taught, settings.teachers_weight)
        if reading.requests.shape[1]:
            asked, exists = batch.asked.view(T * C, -1), batch.exists.view(T * C)
            loss = loss + settings.request_weight * request_loss(reading.requests, asked, exists)
        return loss

    @torch.no_grad()
    def _own_states(self, batch: TrainingBatch, reading: Reading) -> Tensor:
        """The states before each step if the tracker went on from its own: (T, C, S)."""
        network = self.network
        carried = start_tracking(network, batch.steps.conversations)
        states = [carried.values]
        states += [after.values for _, after in track(network, batch.steps, reading, carried)]
        return pad_sequence(states[:-1], batch_first=True)

    @torch.inference_mode()
    def validate(self) -> dict[str, float]:
        """Joint goal over all dev steps from the tracker's own states, and how quiet it keeps."""
        figures = dev_figures(self.network, self.schema, self.dev)
        if self._outside_dev:
            changes = changes_per_100_steps(self.network, self.schema, self._outside_dev)
            figures["outside_changes_per_100_turns"] = changes
        return figures

    def parameter_groups(self) -> Sequence[ParameterGroup]:
        """Word vectors change more slowly and are not decayed."""
        return parameter_groups(self.network)

    def describe(self, *, measured: bool = True) -> ArtefactParts:
        """Widths and schema; the tokenizer of the word rows."""
        del measured
        config = {
            "network": self._config.model_dump(mode="json"),
            "schema": self.schema.model_dump(mode="json"),
        }
        return ArtefactParts(config, self.network.rows.table.tokenizer_json)

    def calibrate(self) -> dict[str, Any]:
        """Fit confidences on dev, where the tracker goes on from its own states."""
        return dev_calibration(self.network, self.schema, self.dev).model_dump()


def build_trainee(
    recipe: Recipe,
    corpora: Sequence[LoadedCorpus],
    pieces: PretrainedPieces | None,
    start: Artefact | None,
    seed: int,
) -> StateTrainee:
    """Prepare a recipe: schema, examples and network.

    Corpora whose labels hold belief states teach tracking; the others teach keeping quiet.

    Raises:
        InputError: The recipe does not suit a tracker.
    """
    settings = settings_of(recipe.name, ExampleSettings, recipe.examples)
    config = settings_of(recipe.name, StateNetworkConfig, recipe.network)
    if bool(recipe.teachers) != bool(settings.teachers_weight):
        raise InputError(
            recipe.name,
            found=f"{len(recipe.teachers)} teachers of weight {settings.teachers_weight:g}",
            expected="teachers and their weight, or neither",
            remedy="set both `teachers` and `teachers_weight` in `examples`",
        )
    if recipe.teachers and settings.exchanged:
        raise InputError(
            recipe.name,
            found=f"teachers, and a share of {settings.exchanged:g} exchanged",
            expected="one of them: teachers say nothing of exchanged values",
            remedy="leave `exchanged` or the teachers out",
        )
    guide = read_guide(settings.guide)
    tracked, others = sorted_corpora(recipe.name, corpora)
    train = [labelled for corpus in tracked for labelled in corpus.train]
    schema = build_schema(train, guide, _root(tracked[0]))
    start_slots: dict[str, str] = {}
    if start is not None:
        before = start_schema(start)
        names = {slot.name: guide.start_slots.get(slot.name, slot.name) for slot in schema.slots}
        start_slots = {new: old for new, old in names.items() if old in before.slot_index}
        schema = with_start_values(schema, before, start_slots)
    rng = random.Random(seed)
    pool = round(OUTSIDE_POOL * settings.outside * len(train))
    read = ExampleReader(schema, guide)
    pieces = ascii_pieces(pieces) if pieces else None
    tokenizer = tokenizer_of(recipe.name, pieces, start)
    network = StateNetwork(
        config, schema_tables(schema), FormTable(tokenizer, config.rows.gram_buckets)
    )
    if pieces is not None:
        with torch.no_grad():
            network.rows.pieces.weight.copy_(pieces.vectors * VECTOR_SCALE)
    if start is not None:
        start_from(network, schema, start, before, start_slots)
    examples = [read(labelled) for labelled in train]
    exchange = Exchange(schema, guide)
    trainee = StateTrainee(
        network,
        config,
        settings,
        schema,
        train=examples,
        exchanged=[
            [read(exchange(labelled, own, rng)) for _ in range(EXCHANGES)]
            for labelled, own in zip(train, examples, strict=True)
        ]
        if settings.exchanged
        else [],
        dev=[read(labelled) for corpus in tracked for labelled in corpus.dev],
        outside=_read_pieces([corpus.train for corpus in others], pool, rng, read),
        outside_dev=_read_pieces([corpus.dev for corpus in others], 100, rng, read),
    )
    set_aside()
    return trainee


def _read_pieces(
    corpora: Sequence[Sequence[LabelledConversation]],
    count: int,
    rng: random.Random,
    read: ExampleReader,
) -> list[list[Example]]:
    return [read(piece) for piece in outside_pieces(corpora, count, rng)]


def _root(corpus: LoadedCorpus) -> Path:
    """Where the publisher's own files lie: `--data` may be the folder above them."""
    if corpus.name in CORPORA:
        return corpus_root(corpus.name, corpus.directory)
    return corpus.directory
