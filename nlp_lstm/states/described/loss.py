"""The loss of a schema-reading tracker."""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from nlp_lstm.states.described.network import LONGEST_SPAN
from nlp_lstm.states.described.readings import Candidates, Reading
from nlp_lstm.states.described.situation import ANY, FILLED, SEVERAL
from nlp_lstm.states.described.targets import Targets


def state_loss(candidates: Candidates, targets: Targets, bits: Tensor) -> Tensor:
    """Minus the log-probability of what is right, summed over slots, mean over steps.

    A slot of one value: of all candidates that give the labelled value together. A slot of
    several: of each candidate against no change, as any number of them may be right.

    Args:
        candidates: From the network.
        targets: What is right.
        bits: Slot features. (N, S) int64
    """
    scores, right = candidates.logits, targets.right
    learnt = targets.weights > 0
    several = (bits & SEVERAL != 0) & learnt
    single = (bits & SEVERAL == 0) & learnt
    wanted = right & (scores > -torch.inf)
    reachable = wanted.any(dim=2)
    # A finite filler: minus infinity throughout a row has no gradient that is a number.
    likely = scores.masked_fill(~wanted, -1e9).logsumexp(dim=2)
    losses = (scores.logsumexp(dim=2) - likely) * (single & reachable) * targets.weights
    total = losses.sum()
    if several.any():
        total = total + _added(scores[several], right[several], bits[several]).sum()
    steps = learnt.any(dim=1).sum().clamp(min=1)
    loss: Tensor = total / steps
    return loss


def _added(scores: Tensor, right: Tensor, bits: Tensor) -> Tensor:
    """Of slots that hold several values: scores and right (M, K) → (M,)."""
    held = bits & (FILLED | ANY) != 0
    unchanged = torch.where(held, scores[:, 2], scores[:, 0])
    odds = scores[:, 3:] - unchanged[:, None]
    real = scores[:, 3:] > -torch.inf
    odds = torch.where(real, odds, torch.zeros_like(odds))
    losses = binary_cross_entropy_with_logits(odds, right[:, 3:].float(), reduction="none")
    return (losses * real).sum(dim=1)


def removal_loss(candidates: Candidates, targets: Targets) -> Tensor:
    """Binary cross-entropy of whether values are taken back; mean over slots that may lose one."""
    if not targets.removable.any():
        return candidates.taken_back.new_zeros(())
    losses: Tensor = binary_cross_entropy_with_logits(
        candidates.taken_back[targets.removable], targets.taken_back[targets.removable]
    )
    return losses


def span_loss(ends: Tensor, spans: Tensor) -> Tensor:
    """Minus the log-probability of where values end, given where they start; mean over values.

    Args:
        ends: Scores of the words. (N, S, L)
        spans: Row, place, first and last word. (P, 4)
    """
    if not len(spans):
        return ends.new_zeros(())
    L = ends.shape[2]
    rows, places, firsts, lasts = spans.unbind(dim=1)
    words = firsts[:, None] + torch.arange(LONGEST_SPAN, device=ends.device)
    scores = ends[rows[:, None], places[:, None], words.clamp(max=L - 1)]
    scores = scores.masked_fill(words >= L, -torch.inf)
    kept = lasts - firsts < LONGEST_SPAN
    if not kept.any():
        return ends.new_zeros(())
    return cross_entropy(scores[kept], (lasts - firsts)[kept])


def offer_loss(offers: Tensor, targets: Targets) -> Tensor:
    """Binary cross-entropy of where the other side's values start, summed; mean over steps.

    Args:
        offers: Logits, minus infinity where nothing can start. (N, S, L)
        targets: What is right.
    """
    named = torch.zeros_like(offers)
    rows, places, firsts, _ = targets.offers.unbind(dim=1)
    named[rows, places, firsts] = 1
    real = (offers > -torch.inf) & targets.offers_known[:, None, None]
    logits = torch.where(real, offers, torch.zeros_like(offers))
    losses = binary_cross_entropy_with_logits(logits, named, reduction="none") * real
    total: Tensor = losses.sum() / targets.offers_known.sum().clamp(min=1)
    return total


def request_loss(reading: Reading, targets: Targets, exists: Tensor) -> Tensor:
    """Binary cross-entropy of requests, summed over slots, mean over steps.

    Args:
        reading: From the network.
        targets: What is right.
        exists: Which slots there are. (N, S) bool
    """
    losses = binary_cross_entropy_with_logits(reading.requests, targets.requests, reduction="none")
    known = targets.requests_known[:, None] & exists
    total: Tensor = (losses * known).sum() / targets.requests_known.sum().clamp(min=1)
    return total
