"""Teachers: trained trackers of the same schema, whose doubts a pupil learns with the labels.

Labels say which value was noted; several trackers together say how likely each was to be. A
pupil of them reaches what they reach together, at the cost of one (Hinton et al. 2015,
arXiv:1503.02531).
"""

import hashlib
import json
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from nlp_lstm.artefact import Artefact, ArtefactError
from nlp_lstm.states.component import StateTracker
from nlp_lstm.states.examples import Example
from nlp_lstm.states.lessons import Lesson
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.schema import Schema
from nlp_lstm.states.tracking import score_all
from nlp_lstm.states.training_batches import TrainingBatch, training_batch

LEAST_SHARE = 0.003  # what is thought less likely is left out, and the rest scaled to 1
STEPS_TOGETHER = 600  # padding included: bounds memory


def teacher_network(artefact: Artefact, schema: Schema) -> StateNetwork:
    """The network of a teacher.

    How values are found in text may differ: a teacher judges the candidates of its pupil.

    Raises:
        ArtefactError: It follows another schema, so that its values are not the pupil's.
    """
    tracker = StateTracker.load(artefact)
    if _numbered(tracker.schema) != _numbered(schema):
        raise ArtefactError(
            artefact.name,
            found="a teacher of another schema",
            expected="the slots and values that the recipe's corpora give",
            remedy="train it with the same corpora and guide",
        )
    return tracker.network


def _numbered(schema: Schema) -> tuple[list[str], list[str]]:
    """What decides which number is which slot and which value."""
    return [slot.name for slot in schema.slots], [value.name for value in schema.values]


def lessons_key(teachers: Sequence[Artefact], conversations: Sequence[Sequence[Example]]) -> str:
    """Hash of all that lessons depend on."""
    digest = hashlib.sha256(json.dumps([teacher.fingerprint for teacher in teachers]).encode())
    for examples in conversations:
        for example in examples:
            seen = [example.step.words, example.update.offers, example.gold]
            digest.update(json.dumps(seen).encode())
    return digest.hexdigest()[:16]


@torch.inference_mode()
def teach(
    teachers: Sequence[StateNetwork], conversations: Sequence[Sequence[Example]], schema: Schema
) -> list[list[Lesson]]:
    """What teachers think of each step, knowing the labelled state before it.

    Args:
        teachers: Networks of `schema`; their probabilities are averaged.
        conversations: In any order.
        schema: Of the examples.
    """
    lessons: list[list[Lesson]] = [[] for _ in conversations]
    order = sorted(range(len(conversations)), key=lambda place: len(conversations[place]))
    first = 0
    while first < len(order):
        last = first + 1
        while (
            last < len(order)
            and (last + 1 - first) * len(conversations[order[last]]) <= STEPS_TOGETHER
        ):
            last += 1
        places = order[first:last]
        first = last
        group = [conversations[place] for place in places]
        # Each teacher has word numbers of its own.
        batches = (training_batch(group, schema, teacher.rows.table) for teacher in teachers)
        columns = _shares(list(zip(teachers, batches, strict=True)))
        for place, found in zip(places, _by_step(columns, group, len(schema.slots)), strict=True):
            lessons[place] = found
    return lessons


def _shares(asked: Sequence[tuple[StateNetwork, TrainingBatch]]) -> tuple[Tensor, Tensor, Tensor]:
    """The teachers' mean probability of each value of each cell, small ones left out.

    Returns:
        Cells, ascending; values; shares. (E,) each
    """
    cells, values, shares = [], [], []
    for network, batch in asked:
        reading = network.read(batch.steps)
        candidates = score_all(network, batch.steps, reading, batch.before)
        found = candidates.logits.flatten(0, 1).softmax(dim=1)
        kept = (found > LEAST_SHARE / 10).nonzero()
        cells.append(kept[:, 0])
        values.append(candidates.values.flatten(0, 1)[tuple(kept.T)])
        shares.append(found[tuple(kept.T)] / len(asked))
    # Entries of one value add up, within a teacher and across teachers.
    numbers = int(max(int(v.max()) for v in values)) + 1
    keys, places = (torch.cat(cells) * numbers + torch.cat(values)).unique(return_inverse=True)
    summed = torch.zeros(len(keys)).index_add(0, places, torch.cat(shares))
    likely = summed > LEAST_SHARE
    keys, summed = keys[likely], summed[likely]
    cell = keys // numbers
    whole = torch.zeros(int(cell.max()) + 1).index_add(0, cell, summed)
    return cell, keys % numbers, summed / whole[cell]


def _by_step(
    columns: tuple[Tensor, Tensor, Tensor], group: Sequence[Sequence[Example]], slots: int
) -> list[list[Lesson]]:
    cells, values, shares = (column.numpy() for column in columns)
    C = len(group)
    T = max(len(examples) for examples in group)
    bounds = np.searchsorted(cells, np.arange(T * C + 1) * slots)
    numbers = (cells % slots).astype(np.int16)
    values, shares = values.astype(np.int32), shares.astype(np.float16)
    lessons: list[list[Lesson]] = []
    for c, examples in enumerate(group):
        rows = range(c, len(examples) * C, C)
        parts = [slice(bounds[row], bounds[row + 1]) for row in rows]
        # Copies: a view would keep the whole batch.
        lessons.append([Lesson(numbers[p], values[p], shares[p]) for p in parts])
    return lessons
