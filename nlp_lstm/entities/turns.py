"""Turns of many conversations as batches, each with its place in the memory."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nlp_lstm.entities.given import TurnInput, stretches
from nlp_lstm.entities.network import MemoryPlan, TurnBatch

# Of a batch of turns that need not be equally long, no turn is padded by more than a half.
PADDING = 1.5

Cut = Callable[[list[int]], Iterable[list[int]]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A turn, or a part of a very long one, as one row of a batch.

    Attributes:
        turn: Which turn, counted over all conversations.
        first: Where in the turn it starts, in words.
        ids: Numbers of its word forms.
        role: As in `TurnBatch`.
        reads: As in `TurnBatch`.
        writes: As in `TurnBatch`.
    """

    turn: int
    first: int
    ids: list[int]
    role: int
    reads: int
    writes: int


def similar_length_batches(lengths: list[int]) -> Iterable[list[int]]:
    """Cut turns into batches of similar length; blank turns keep to themselves.

    Args:
        lengths: Words of each turn.

    Yields:
        Indices into `lengths`; every index once, shorter turns first.
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    start = 0
    for end in range(1, len(order) + 1):
        shortest = lengths[order[start]]
        if end == len(order) or lengths[order[end]] > shortest * PADDING + (shortest > 0):
            yield order[start:end]
            start = end


def plan_batches(
    conversations: Sequence[Sequence[TurnInput]], cut: Cut
) -> tuple[list[list[Stretch]], list[TurnBatch], MemoryPlan]:
    """Lay turns out for `EntityNetwork.forward`.

    Args:
        conversations: The turns of each, in order.
        cut: Cuts stretches, given their lengths, into batches of indices.

    Returns:
        The stretches of each batch, one a row; the batches; where they stand in the memory.
    """
    longest = max((sum(t.is_remembered for t in turns) for turns in conversations), default=0)
    plan = MemoryPlan(len(conversations), max(1, longest))
    rows: list[Stretch] = []
    for index, turns in enumerate(conversations):
        count = 0
        for turn in turns:
            number = rows[-1].turn + 1 if rows else 0
            reads = index * (plan.longest + 1) + count
            writes = index * plan.longest + count if turn.is_remembered else plan.nowhere
            for part in stretches(len(turn.ids)):
                ids = turn.ids[part]
                rows.append(Stretch(number, part.start, ids, turn.role, reads, writes))
            count += turn.is_remembered
    groups = [[rows[i] for i in group] for group in cut([len(each.ids) for each in rows])]
    batches = [
        TurnBatch(
            ids=padded([each.ids for each in group]),
            lengths=torch.tensor([len(each.ids) for each in group]),
            roles=torch.tensor([each.role for each in group]),
            reads=torch.tensor([each.reads for each in group]),
            writes=torch.tensor([each.writes for each in group]),
        )
        for group in groups
    ]
    return groups, batches, plan


def padded(rows: Sequence[list[int]]) -> Tensor:
    """Rows of numbers as one tensor, padded with 0: (B, T) int64."""
    longest = max(len(row) for row in rows)
    filled = [row + [0] * (longest - len(row)) for row in rows]
    return torch.tensor(filled, dtype=torch.int64).reshape(len(rows), longest)
