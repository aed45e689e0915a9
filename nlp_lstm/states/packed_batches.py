"""Steps of many conversations by compiled kernels: what `hearing` and `tracking` do with torch."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nlp_lstm.states.batches import StepBatch
from nlp_lstm.states.carried import Carried, of_first
from nlp_lstm.states.choosing import Offered
from nlp_lstm.states.deciding import Decision
from nlp_lstm.states.hearing import Reading, mention_bounds, requests
from nlp_lstm.states.packed import PackedTracker
from nlp_lstm.states.parameters import StateParameters

# Steps of similar length that are read together: what is made of them stays in the second cache.
# A multiple of the rows that the kernels multiply at once.
GROUP = 18


def read_packed(
    network: StateParameters, packed: PackedTracker, batch: StepBatch, table: Tensor | None
) -> Reading:
    """Read all steps of a batch at once.

    Args:
        network: Whose words are looked up, and what is asked.
        packed: Its weights.
        batch: The steps.
        table: Mention vectors carried from before, (C * TABLE_ROWS, V); None for none.
    """
    rows, places = network.rows.distinct(batch.words)
    words = packed.tables(rows.numpy())
    marks = 2 * batch.tags + batch.sides
    firsts = range(0, len(batch.words), GROUP)
    bounds = mention_bounds(batch, firsts)
    placed: list[np.ndarray[Any, Any]] = []
    mentions: list[np.ndarray[Any, Any]] = []
    for number, first in enumerate(firsts):
        group = slice(first, first + GROUP)
        lengths = batch.lengths[group]
        L = int(lengths[-1])
        heard = packed.hear(
            words, places[group, :L].numpy(), marks[group, :L].numpy(), lengths.numpy()
        )
        own = slice(bounds[number], bounds[number + 1])
        steps = (batch.mention_steps[own] - first).numpy()
        ends = np.stack([batch.mention_firsts[own].numpy(), batch.mention_lasts[own].numpy()])
        said = heard.states[steps, ends]  # (2, M, Y)
        mentions.append(packed.mention(np.concatenate([said[0], said[1]], axis=1)))
        asked = requests(
            network,
            torch.from_numpy(heard.states),
            torch.from_numpy(heard.keys).transpose(1, 2),
            lengths,
            batch.user_starts[group],
        )
        parts = (heard.mixed, heard.summaries, asked.numpy())
        if not placed:
            count = batch.steps * batch.conversations
            placed = [np.zeros((count, *part.shape[1:]), np.float32) for part in parts]
        for whole, part in zip(placed, parts, strict=True):
            whole[batch.rows[group].numpy()] = part
    nowhere = np.zeros((1, packed.mention_width), np.float32)
    before = [nowhere] if table is None else [nowhere, table.numpy()]
    vectors = np.concatenate([*before, *mentions])
    mixed, summaries, logits = map(torch.from_numpy, placed)
    return Reading(
        mixed=mixed,
        summaries=summaries,
        vectors=torch.from_numpy(vectors),
        mapped=torch.from_numpy(packed.mapped(vectors)),
        requests=logits,
    )


def track_packed(
    packed: PackedTracker, batch: StepBatch, reading: Reading, carried: Carried[Tensor]
) -> Iterator[tuple[Decision, Carried[Tensor]]]:
    """Go through a batch's steps in time: as `nlp_lstm.states.tracking.track`."""
    mixed, summaries = reading.mixed.numpy(), reading.summaries.numpy()
    mapped = reading.mapped.numpy()
    now = _mapped(carried, Tensor.numpy)
    for time, C in enumerate(batch.active):
        first = time * batch.conversations
        part = batch.offers_at(time)
        columns = (
            (batch.offer_rows[part] - first) * packed.slots + batch.offer_slots[part],
            *(batch.offer_values[part], batch.offer_users[part], batch.offer_others[part]),
            batch.offer_bits[part],
        )
        offered = Offered(*(column.numpy() for column in columns))
        rows = slice(first, first + C)
        chosen, now = packed.follow(mixed[rows], summaries[rows], of_first(now, C), offered, mapped)
        yield Decision(*map(torch.from_numpy, chosen)), _mapped(now, torch.from_numpy)


def _mapped(carried: Carried[Any], change: Any) -> Carried[Any]:
    """The same as tensors or as arrays."""
    return Carried(
        turns=(change(carried.turns[0]), change(carried.turns[1])),
        slots=(change(carried.slots[0]), change(carried.slots[1])),
        values=change(carried.values),
        confidence=change(carried.confidence),
    )
