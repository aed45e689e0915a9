"""What the network makes of steps before it knows the state."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import embedding, linear

from nlp_lstm.layers.pooling import inside_turn, masked_max
from nlp_lstm.states.batches import StepBatch
from nlp_lstm.states.parameters import StateParameters

GROUP = 40  # steps of similar length that are encoded together


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the network makes of steps before it knows the state.

    Attributes:
        mixed: What each slot found in each step. (N, S, X)
        summaries: Each step as one vector. (N, G)
        vectors: Mention vectors, as `StepBatch` indexes them. (1 + …, V)
        mapped: What they are as an offer's, first as what the customer says now, then as what the
            other side said: of its hidden layer, and of its match. (2 * (1 + …), H + K)
        requests: Logits. (N, Q)
    """

    mixed: Tensor
    summaries: Tensor
    vectors: Tensor
    mapped: Tensor
    requests: Tensor


def read_steps(network: StateParameters, batch: StepBatch, table: Tensor | None) -> Reading:
    """Read all steps of a batch at once.

    Args:
        network: The weights.
        batch: The steps.
        table: Mention vectors carried from before, (C * TABLE_ROWS, V); None for none.
    """
    R = len(batch.words)
    # Rows that learn are computed once for all groups; those that are looked up are not
    # copied to the padding of other groups.
    learning = network.rows(batch.words) if network.training else None
    firsts = range(0, R, GROUP)
    bounds = mention_bounds(batch, firsts)
    placed = _Placed(batch.rows, batch.steps * batch.conversations)
    mentions: list[Tensor] = []
    for number, first in enumerate(firsts):
        lengths = batch.lengths[first : first + GROUP]
        L = int(lengths[-1])
        part = slice(first, first + GROUP), slice(L)
        rows = network.rows(batch.words[part]) if learning is None else learning[part]
        tokens = [rows, network.tags(batch.tags[part]), network.sides(batch.sides[part])]
        states = network.dropout(network.encoder(torch.cat(tokens, dim=2), lengths))
        own = slice(bounds[number], bounds[number + 1])
        flat, starts = states.flatten(0, 1), (batch.mention_steps[own] - first) * L
        ends = [
            embedding(starts + batch.mention_firsts[own], flat),
            embedding(starts + batch.mention_lasts[own], flat),
        ]
        attended = _attend(network, states, lengths, batch.user_starts[first : first + GROUP])
        placed.add(first, attended)
        mentions.append(network.mention(torch.cat(ends, dim=1)))
    mixed, summaries, requests = placed.of_all
    before = [mentions[0].new_zeros(1, mentions[0].shape[1]), *([] if table is None else [table])]
    vectors = torch.cat([*before, *mentions])
    mapped = linear(vectors, network.of_weights().mentions)
    return Reading(
        mixed=mixed,
        summaries=summaries,
        vectors=vectors,
        mapped=mapped.view(2 * len(vectors), -1),
        requests=requests,
    )


def mention_bounds(batch: StepBatch, firsts: range) -> list[int]:
    """Where the mentions of each group of steps begin, and the end."""
    if len(firsts) == 1:
        return [0, len(batch.mention_steps)]
    borders = torch.tensor([*firsts, len(batch.words)], device=batch.words.device)
    bounds: list[int] = torch.searchsorted(batch.mention_steps, borders).tolist()
    return bounds


def _attend(
    network: StateParameters, states: Tensor, lengths: Tensor, user_starts: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """What every slot finds in a group of steps, their summaries and request logits."""
    L = states.shape[1]
    keys = network.key(states).tanh().transpose(1, 2)
    inside = inside_turn(lengths, L, states.device)
    scores = network.queries @ keys
    if lengths[0] < L:  # they ascend: else nothing is padded
        scores = scores.masked_fill(~inside[:, None], -torch.inf)
    mixed = _mix(network, scores.softmax(dim=2), states) + network.slot_rows
    # After a turn's end its states are zero, which a sum does not notice.
    mean = states.sum(dim=1) / lengths.to(states)[:, None]
    pooled = torch.cat([masked_max(states, lengths), mean], dim=1)
    summaries = network.summary(pooled).tanh()
    return mixed, summaries, requests(network, states, keys, lengths, user_starts)


def requests(
    network: StateParameters, states: Tensor, keys: Tensor, lengths: Tensor, user_starts: Tensor
) -> Tensor:
    """Logits of what is asked: states (B, L, Y), keys (B, K, L), lengths and starts (B,) → (B, Q).

    Asked is by the customer's own words, from `user_starts` on.
    """
    B, L, _ = states.shape
    if not len(network.request_bias):
        return states.new_zeros(B, 0)
    own = inside_turn(lengths, L, states.device)
    own = own & (torch.arange(L, device=states.device) >= user_starts[:, None])
    asked = (network.request_queries @ keys).masked_fill(~own[:, None], -torch.inf).softmax(dim=2)
    said = network.request_weights @ states.transpose(1, 2)  # (B, Q, L)
    return (asked * said).sum(dim=2) + network.request_bias


def _mix(network: StateParameters, weights: Tensor, states: Tensor) -> Tensor:
    """What all queries of a slot find, as one vector.

    Args:
        network: The weights.
        weights: Of words, by the queries of each slot in turn. (B, S * queries, L)
        states: (B, L, 2 * hidden)

    Returns:
        `from_context` of the weighted sums, (B, S, X).
    """
    B, L, Y = states.shape
    S = network.slots
    if S < L:
        mixed: Tensor = network.from_context((weights @ states).view(B, S, -1))
        return mixed
    # A map of a sum is the sum of what is mapped: with fewer words than slots map the words.
    mapped = [linear(states, part) for part in network.from_context.weight.split(Y, dim=1)]
    return weights.view(B, S, -1) @ torch.cat(mapped, dim=1)


class _Placed:
    """What groups of steps are, each step at its row; zeros where a conversation has ended.

    Groups are written where they belong at once: what all slots found in a batch is tens of
    megabytes, and to join groups first and place them after moves it three times.

    Attributes:
        of_all: One tensor for each that a group has, (R, …) → (N, …).
    """

    def __init__(self, rows: Tensor, count: int) -> None:
        self.of_all: tuple[Tensor, ...] = ()
        self._rows = rows
        self._count = count

    def add(self, first: int, group: Sequence[Tensor]) -> None:
        """Take in a group whose first step is `first`."""
        if self._count == 1:
            self.of_all = tuple(group)
            return
        if not self.of_all:
            self.of_all = tuple(part.new_zeros(self._count, *part.shape[1:]) for part in group)
        rows = self._rows[first : first + len(group[0])]
        for whole, part in zip(self.of_all, group, strict=True):
            whole.index_copy_(0, rows, part)
