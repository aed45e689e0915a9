"""What is fitted after training: one threshold for a head, and what makes it calibrated."""

from collections.abc import Sequence

import torch
from torch import Tensor

from nlp_lstm.scoring.calibration import fit_platt, fit_temperature
from nlp_lstm.sentiment.decode import HeadCalibration
from nlp_lstm.sentiment.loss import UNLABELLED

THRESHOLDS = tuple(step / 100 for step in range(10, 96))


def best_threshold(logits: Tensor, rows: Sequence[Sequence[int]]) -> float:
    """The threshold with the highest macro F1, the likeliest label being given in any case.

    Args:
        logits: Of turns that nothing was learnt from. (M, L)
        rows: The right labels of each; turns without any are left out.
    """
    gold, logits = _labelled(logits, rows)
    likeliest = torch.nn.functional.one_hot(logits.argmax(dim=1), logits.shape[1]).bool()
    raw = logits.sigmoid()

    def macro_f1(threshold: float) -> float:
        given = (raw >= threshold) | likeliest
        hits = (given & gold).sum(dim=0)
        return float((2 * hits / (given.sum(dim=0) + gold.sum(dim=0)).clamp(min=1)).mean())

    return max(THRESHOLDS, key=macro_f1)


def fit_several(
    logits: Tensor, rows: Sequence[Sequence[int]], bias: Tensor, threshold: float
) -> HeadCalibration:
    """Calibrate a head of several labels: what weighing added is taken off, the rest is fitted.

    Args:
        logits: (M, L)
        rows: The right labels of each turn; turns without any are left out.
        bias: Logarithm of the positives' weights in training. (L,)
        threshold: Goes along.
    """
    gold, logits = _labelled(logits, rows)
    slope, offset = fit_platt((logits - bias).flatten(), gold.flatten())
    # slope * (x - bias) + offset, written as (x - bias') / temperature.
    shifted = bias - offset / slope
    return HeadCalibration(temperature=1 / slope, bias=tuple(shifted.tolist()), threshold=threshold)


def fit_single(logits: Tensor, targets: Sequence[int]) -> HeadCalibration:
    """Calibrate a head of one label a turn: a temperature, fitted on the labelled turns.

    Args:
        logits: (M, L)
        targets: The right labels, -1 where nobody said.
    """
    right = torch.tensor(targets)
    known = right != UNLABELLED
    temperature = fit_temperature(logits[known].clone(), right[known])
    return HeadCalibration(temperature=temperature, bias=(), threshold=0.5)


def _labelled(logits: Tensor, rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Right labels and logits of the turns that have labels: (M', L) bool and (M', L)."""
    gold = torch.zeros(logits.shape, dtype=torch.bool)
    for index, row in enumerate(rows):
        gold[index, list(row)] = True
    known = gold.any(dim=1)
    # A copy: what inference made cannot be differentiated through.
    return gold[known], logits[known].clone()
