"""The loss of a tracker: how unlikely the labelled value of each slot is."""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from nlp_lstm.states.network import Candidates


def state_loss(candidates: Candidates, gold: Tensor, weights: Tensor) -> Tensor:
    """Minus the log of the labelled value's probability, summed over slots, mean over steps.

    A value's probability is that of all its entries together, so nothing need be known about
    where it came from. A slot whose labelled value is no candidate counts nothing.

    Args:
        candidates: From the network.
        gold: Labelled value numbers. (N, S) int64
        weights: Of each slot at each step; 0 where a conversation has ended. (N, S)
    """
    scores = candidates.logits
    right = (candidates.values == gold[..., None]) & (scores > -torch.inf)
    reachable = right.any(dim=2)
    # A finite filler: minus infinity throughout a row has no gradient that is a number.
    wanted = scores.masked_fill(~right, -1e9).logsumexp(dim=2)
    losses = (scores.logsumexp(dim=2) - wanted) * reachable * weights
    steps = (weights > 0).any(dim=1).sum().clamp(min=1)
    total: Tensor = losses.sum() / steps
    return total


def request_loss(logits: Tensor, asked: Tensor, exists: Tensor) -> Tensor:
    """Binary cross-entropy of the requestable slots, summed over them, mean over steps.

    Args:
        logits: (N, Q)
        asked: 0 or 1. (N, Q)
        exists: Which rows are steps. (N,) bool
    """
    losses = binary_cross_entropy_with_logits(logits, asked, reduction="none").sum(dim=1)
    total: Tensor = (losses * exists).sum() / exists.sum().clamp(min=1)
    return total
