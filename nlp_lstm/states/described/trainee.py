"""A schema-reading tracker in training."""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

from nlp_lstm.states.described.batches import (
    SituationBatch,
    SlotWords,
    StepBatch,
    Views,
    lay_situations,
    lay_steps,
    lay_views,
    slot_words,
)
from nlp_lstm.states.described.config import DescribedExamples, DescribedNetworkConfig
from nlp_lstm.states.described.gold import Example
from nlp_lstm.states.described.loss import (
    offer_loss,
    removal_loss,
    request_loss,
    span_loss,
    state_loss,
)
from nlp_lstm.states.described.network import DescribedNetwork
from nlp_lstm.states.described.plan import SchemaPlan
from nlp_lstm.states.described.reading import TAGS
from nlp_lstm.states.described.readings import Described, Reading
from nlp_lstm.states.described.schema import DescribedSchema
from nlp_lstm.states.described.targets import Noise, Targets, lay_targets, see
from nlp_lstm.states.described.validation import CHOOSES, Judge, dev_calibration, dev_figures
from nlp_lstm.states.starting import parameter_groups
from nlp_lstm.text.forms import FormTable
from nlp_lstm.training.loop import ArtefactParts, ParameterGroup

ALIKE_SLOTS = 8  # views that differ by less are padded to one size


@dataclass(frozen=True, slots=True, eq=False)
class TrainingBatch:
    """Steps of whole conversations, and what is right after each.

    Attributes:
        steps: What is read.
        views: Who follows which slots.
        words: Of those slots.
        situations: Knowing the labelled state before, noise added. (N rows)
        targets: What is right.
        exists: Which rows are steps. (N,) bool
    """

    steps: StepBatch
    views: Views
    words: SlotWords
    situations: SituationBatch
    targets: Targets
    exists: Tensor


class DescribedTrainee:
    """See `nlp_lstm.training.loop.Trainee`."""

    metric = CHOOSES

    def __init__(
        self,
        network: DescribedNetwork,
        config: DescribedNetworkConfig,
        settings: DescribedExamples,
        schema: DescribedSchema,
        plan: SchemaPlan,
        train: Sequence[Sequence[Example]],
        judges: Sequence[Judge],
    ) -> None:
        self.network = network
        self.schema = schema  # what it is saved with: the plan may hold slots for training alone
        self._plan = plan
        self._config = config
        self._settings = settings
        self._train = [examples for examples in train if examples and examples[0].view]
        self._judges = judges
        self._bfloat16 = bool(torch.cpu.get_capabilities().get("avx512_bf16", False))

    def batch_count(self) -> int:
        """Steps in an epoch."""
        return math.ceil(len(self._train) / self._settings.conversations)

    def batches(self, epoch: int, rng: random.Random) -> Iterable[TrainingBatch]:
        """Batches of conversations of about as many slots and nearly as many steps."""
        del epoch
        chosen = sorted(
            self._train,
            key=lambda one: (len(one[0].view) // ALIKE_SLOTS, len(one), rng.random()),
        )
        size = self._settings.conversations
        groups = [chosen[first : first + size] for first in range(0, len(chosen), size)]
        rng.shuffle(groups)
        noise = Noise(self._settings.forgotten, self._settings.unheard, rng)
        for group in groups:
            yield self.batch(group, noise)

    def batch(self, group: Sequence[Sequence[Example]], noise: Noise | None) -> TrainingBatch:
        """Lay out whole conversations."""
        followed = [examples[0].view for examples in group]
        slots = sorted({slot for view in followed for slot in view})
        views = lay_views(self._plan, followed, slots)
        table = self.network.rows.table
        steps = lay_steps([[one.step for one in examples] for examples in group], followed, table)
        seen = [see(examples, noise) for examples in group]
        T, C = steps.steps, len(group)
        situations = lay_situations(
            [
                seen[c][t].situation if t < len(seen[c]) else None
                for t in range(T)
                for c in range(C)
            ],
            views,
            [c for _ in range(T) for c in range(C)],
        )
        S, A, L = views.slots.shape[1], views.listed.shape[2], steps.words.shape[1]
        targets = lay_targets(group, seen, (T, S, A, L))
        exists = torch.zeros(T * C, dtype=torch.bool)
        exists[steps.rows] = True
        if noise is not None:
            self._hide(steps, targets, noise.rng)
        words = slot_words(self._plan, slots, table)
        if noise is not None and self._settings.described_dropout:
            words = self._hide_described(words, noise.rng)
        return TrainingBatch(steps, views, words, situations, targets, exists)

    def _hide_described(self, words: SlotWords, rng: random.Random) -> SlotWords:
        """Read some words of names and descriptions as unknown: nobody writes them alike."""
        generator = torch.Generator().manual_seed(rng.getrandbits(32))

        def hidden(ids: Tensor) -> Tensor:
            chosen = torch.rand(ids.shape, generator=generator) < self._settings.described_dropout
            return ids.masked_fill(chosen & (ids != FormTable.PADDING), FormTable.UNKNOWN)

        return replace(words, names=hidden(words.names), descriptions=hidden(words.descriptions))

    def _hide(self, steps: StepBatch, targets: Targets, rng: random.Random) -> None:
        """Read some words as unknown, more of them in values, and some values as of any kind."""
        settings = self._settings
        share = torch.full(steps.words.shape, settings.word_dropout)
        step_of = torch.full((steps.steps * steps.conversations,), -1)
        step_of[steps.rows] = torch.arange(len(steps.rows))
        spans = torch.cat([targets.spans, targets.offers])
        for row, _, first, last in spans.tolist():
            place = step_of[row], slice(first, last + 1)
            share[place] = settings.value_dropout
            if rng.random() < settings.tag_noise:
                # Films are called after days and numbers, too.
                steps.tags[place] = rng.randrange(TAGS)
        generator = torch.Generator().manual_seed(rng.getrandbits(32))
        hidden = torch.rand(share.shape, generator=generator) < share
        marks = torch.zeros_like(hidden)
        marks[:, 0] = True
        marks[torch.arange(len(marks)), steps.user_starts] = True
        steps.words[hidden & ~marks & (steps.words != FormTable.PADDING)] = FormTable.UNKNOWN

    def loss(self, batch: TrainingBatch, epoch: int) -> Tensor:
        """Loss of states, of where values end, of offers and of requests."""
        del epoch
        network = self.network
        device = batch.exists.device.type
        halves = device != "cpu" or self._bfloat16
        with torch.autocast(device, torch.bfloat16, enabled=halves):
            described = network.describe(batch.words)
            reading = network.read(batch.steps, batch.views, described)
        with torch.autocast(device, enabled=False):
            return self._loss(batch, _in_full(described), _in_full(reading))

    def _loss(self, batch: TrainingBatch, described: Described, reading: Reading) -> Tensor:
        network, settings = self.network, self._settings
        T, C, S = batch.steps.steps, batch.steps.conversations, batch.views.slots.shape[1]
        everything = slice(0, T * C)
        summaries = reading.summaries.view(T, C, -1).transpose(0, 1)
        memories = network.turn_memory(summaries).transpose(0, 1).reshape(T * C, -1)
        inputs = network.slot_input(reading, memories, batch.situations, everything)
        by_slot = network.dropout(inputs.view(T, C * S, -1).transpose(0, 1))
        kept = network.slot_memory(by_slot)
        hidden = network.with_memory(by_slot, kept).transpose(0, 1).reshape(T * C, S, -1)
        candidates = network.candidates(
            hidden, reading, described, batch.views, batch.situations, everything
        )
        loss = state_loss(candidates, batch.targets, batch.situations.slots)
        loss = loss + removal_loss(candidates, batch.targets)
        exists = batch.views.exists.repeat(T, 1) & batch.exists[:, None]
        loss = loss + settings.end_weight * span_loss(
            reading.ends, torch.cat([batch.targets.spans, batch.targets.offers])
        )
        loss = loss + settings.offer_weight * offer_loss(reading.offers, batch.targets)
        return loss + settings.request_weight * request_loss(reading, batch.targets, exists)

    def validate(self) -> dict[str, float]:
        """Figures of each dev corpus from the tracker's own states, and their mean."""
        return dev_figures(self.network, self._judges, self.schema)

    def calibrate(self) -> dict[str, Any]:
        """Fit confidences on dev, where the tracker goes on from its own states."""
        return dev_calibration(self.network, self._judges, self.schema).model_dump()

    def parameter_groups(self) -> Sequence[ParameterGroup]:
        """Word vectors change more slowly and are not decayed."""
        return parameter_groups(self.network)

    def describe(self, *, measured: bool = True) -> ArtefactParts:
        """Widths and schema; the tokenizer of the word rows."""
        del measured
        config = {
            "tracker": "described",
            "network": self._config.model_dump(mode="json"),
            "schema": self.schema.model_dump(mode="json"),
        }
        return ArtefactParts(config, self.network.rows.table.tokenizer_json)


def _in_full(part: Any) -> Any:
    held = (getattr(part, field.name) for field in fields(part))
    return type(part)(*(None if tensor is None else tensor.float() for tensor in held))
