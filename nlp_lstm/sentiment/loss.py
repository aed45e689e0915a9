"""What each head is punished for. Logits and targets only."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

# Rarer labels than 1 in 144 weigh no more than that one: grief has 77 comments of 43,000.
HEAVIEST = 12.0
# Gentler where one label excludes the others: there a rare label's gain is a common one's loss.
SINGLE_POWER = 0.25
SMOOTHING = 0.05
UNLABELLED = -1


def several_weights(shares: Sequence[float]) -> Tensor:
    """How much each positive weighs, (L,): 1 / sqrt of its share of all turns, capped."""
    rare = torch.tensor(shares).clamp(min=1e-9)
    return rare.rsqrt().clamp(max=HEAVIEST)


def single_weights(shares: Sequence[float], power: float = SINGLE_POWER) -> Tensor:
    """Class weights 1 / share ** power, (L,), scaled so that the average turn weighs 1."""
    rare = torch.tensor(shares)
    weights = rare.clamp(min=1e-9).pow(-power).where(rare > 0, 0.0)
    return weights / (weights * rare).sum()


def several_loss(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Binary cross-entropy, averaged over turns and labels.

    Args:
        logits: (M, L)
        targets: 0 or 1. (M, L) float
        weights: Of the positives. (L,)
    """
    return binary_cross_entropy_with_logits(logits, targets, pos_weight=weights)


def single_loss(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy with smoothed labels, averaged over the labelled turns.

    Args:
        logits: (M, L)
        targets: Label numbers, -1 where nobody said. (M,) int64
        weights: Of the classes. (L,)
    """
    if not bool((targets != UNLABELLED).any()):
        return logits.sum() * 0.0
    return cross_entropy(
        logits, targets, weight=weights, ignore_index=UNLABELLED, label_smoothing=SMOOTHING
    )
