"""The losses of a tracker: how unlikely it finds what is labelled, or what teachers think."""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from nlp_lstm.states.candidates import Candidates
from nlp_lstm.states.lessons import Lessons


def state_loss(candidates: Candidates, gold: Tensor, weights: Tensor, focus: float = 0.0) -> Tensor:
    """How unlikely the labelled states are found, mean over steps.

    A value's probability is that of all its entries together, so nothing need be known about
    where it came from. A slot whose labelled value is no candidate counts nothing.

    The probability P of a step's state is the product over its slots. Without focus its loss is
    -log P, the sum over slots; with focus f it is (1 - P^f) / f, so that a step found hopeless,
    as many are that are labelled wrongly, teaches little, and at f = 1 what is made smaller is
    the share of wrong states itself (Zhang and Sabuncu 2018, arXiv:1805.07836).

    Args:
        candidates: From the network.
        gold: Labelled value numbers. (N, S) int64
        weights: Of each slot at each step; 0 where a conversation has ended. (N, S)
        focus: From 0 to 1.
    """
    scores = candidates.logits
    right = (candidates.values == gold[..., None]) & (scores > -torch.inf)
    reachable = right.any(dim=2)
    # A finite filler: minus infinity throughout a row has no gradient that is a number.
    wanted = scores.masked_fill(~right, -1e9).logsumexp(dim=2)
    losses = ((scores.logsumexp(dim=2) - wanted) * reachable * weights).sum(dim=1)
    if focus:
        losses = -torch.expm1(-focus * losses) / focus
    total: Tensor = losses.sum() / _steps(weights)
    return total


def lesson_loss(candidates: Candidates, lessons: Lessons, weights: Tensor) -> Tensor:
    """Cross-entropy against the teachers' values, summed over slots, mean over steps.

    As in `state_loss` a value's entries add up, and a value that is no candidate counts nothing.

    Args:
        candidates: From the network.
        lessons: Of the same rows.
        weights: As `state_loss` takes them. (N, S)
    """
    scores = candidates.logits.flatten(0, 1)[lessons.cells]  # (E, K)
    right = candidates.values.flatten(0, 1)[lessons.cells] == lessons.values[:, None]
    right &= scores > -torch.inf
    wanted = scores.masked_fill(~right, -1e9).logsumexp(dim=1)
    shares = lessons.shares * right.any(dim=1) * weights.flatten()[lessons.cells]
    losses = (scores.logsumexp(dim=1) - wanted) * shares
    total: Tensor = losses.sum() / _steps(weights)
    return total


def _steps(weights: Tensor) -> Tensor:
    return (weights > 0).any(dim=1).sum().clamp(min=1)


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
