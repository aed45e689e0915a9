"""What is fitted after training: thresholds of a head's labels, and what makes it calibrated."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from nlp_lstm.scoring.calibration import fit_platt, fit_temperature
from nlp_lstm.scoring.satisfaction import cohen_kappa, unweighted_recall
from nlp_lstm.sentiment.config import Scheme
from nlp_lstm.sentiment.decode import HeadCalibration, Threshold
from nlp_lstm.sentiment.frustration import Frustration, frustrating_labels, raw_log_odds
from nlp_lstm.sentiment.loss import UNLABELLED

THRESHOLDS = tuple(step / 100 for step in range(10, 96))
# A label's F1 over thresholds is a jagged line where few turns carry it: it is smoothed so wide,
# and a label of so many turns moves half of the way from the common threshold to its own.
SMOOTHED = 0.05
HALF_TRUSTED = 10.0
# Shares of a rating's rarity that may count in its favour.
SHIFTS = tuple(step / 20 for step in range(-10, 21))


def best_thresholds(logits: Tensor, rows: Sequence[Sequence[int]]) -> tuple[float, ...]:
    """The threshold of each label with the highest F1, the likeliest being given in any case.

    Args:
        logits: Of turns that nothing was learnt from. (M, L)
        rows: The right labels of each; turns without any are left out.
    """
    gold, logits = _labelled(logits, rows)
    likeliest = torch.nn.functional.one_hot(logits.argmax(dim=1), logits.shape[1]).bool()
    raw = logits.sigmoid()

    def f1(threshold: float) -> Tensor:
        given = (raw >= threshold) | likeliest
        hits = (given & gold).sum(dim=0)
        return 2 * hits / (given.sum(dim=0) + gold.sum(dim=0)).clamp(min=1)

    steps = torch.tensor(THRESHOLDS)
    curves = torch.stack([f1(threshold) for threshold in THRESHOLDS])  # (steps, L)
    common = steps[curves.mean(dim=1).argmax()].logit()
    near = (-((steps[:, None] - steps) ** 2) / (2 * SMOOTHED**2)).softmax(dim=1)
    own = steps[(near @ curves).argmax(dim=0)].logit()
    seen = gold.sum(dim=0)
    moved = common + (own - common) * seen / (seen + HALF_TRUSTED)
    return tuple(round(threshold, 4) for threshold in moved.sigmoid().tolist())


def fit_several(
    logits: Tensor, rows: Sequence[Sequence[int]], bias: Tensor, threshold: Threshold
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


def fit_single(
    logits: Tensor, targets: Sequence[int], weights: Tensor | None = None
) -> HeadCalibration:
    """Calibrate a head of one label a turn: what weighing added is taken off, then a temperature.

    Args:
        logits: (M, L)
        targets: The right labels, -1 where nobody said; where nobody ever did nothing is fitted.
        weights: Of the classes in training; None where they weighed the same. (L,)
    """
    right = torch.tensor(targets)
    known = right != UNLABELLED
    if not known.any():
        return HeadCalibration.untouched()
    # A class that never occurred weighs nothing: there is nothing to take off.
    bias = torch.zeros(logits.shape[1]) if weights is None else weights.where(weights > 0, 1).log()
    temperature = fit_temperature((logits[known] - bias).clone(), right[known])
    taken_off = () if weights is None else tuple(bias.tolist())
    return HeadCalibration(temperature=temperature, bias=taken_off, threshold=0.5)


def fit_shift(logits: Tensor, targets: Sequence[int], ratings: Scheme) -> tuple[float, ...]:
    """What to add to ratings' logits so that rare ones are named as well.

    One number is chosen: how much of each rating's rarity counts in its favour. It is the one
    with the highest sum of mean recall and Cohen's kappa.

    Args:
        logits: Of turns that nothing was learnt from. (M, L)
        targets: The right labels, -1 where nobody said.
        ratings: The head's scheme.
    """
    right = torch.tensor(targets)
    known = right != UNLABELLED
    right, logits = right[known], logits[known]
    shares = torch.bincount(right, minlength=len(ratings.labels)) + 1.0
    rarity = -(shares / shares.sum()).log()
    gold = [int(ratings.labels[number]) for number in right.tolist()]

    def worth(share: float) -> float:
        best = (logits + share * rarity).argmax(dim=1).tolist()
        said = [int(ratings.labels[number]) for number in best]
        return unweighted_recall(gold, said) + cohen_kappa(gold, said)

    chosen: Tensor = max(SHIFTS, key=worth) * rarity
    return tuple(chosen.tolist())


def fit_frustration(
    shares: npt.ArrayLike, rows: Sequence[Sequence[int]], scheme: Scheme
) -> Frustration | None:
    """Calibrate the probability of frustration; None where a scheme knows no such thing.

    Args:
        shares: The head's calibrated probabilities of all labels. (M, L)
        rows: The right labels of each turn; turns without any are left out.
        scheme: The head's.
    """
    labels = frustrating_labels(scheme)
    known = [index for index, row in enumerate(rows) if row]
    if not labels or not known:
        return None
    meant = {scheme.labels.index(label) for label in labels}
    raw = torch.from_numpy(raw_log_odds(np.asarray(shares)[known], scheme, labels)).float()
    right = torch.tensor([not meant.isdisjoint(rows[index]) for index in known])
    slope, offset = fit_platt(raw, right)
    return Frustration(scheme=scheme.name, labels=labels, slope=slope, offset=offset)


def _labelled(logits: Tensor, rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Right labels and logits of the turns that have labels: (M', L) bool and (M', L)."""
    gold = torch.zeros(logits.shape, dtype=torch.bool)
    for index, row in enumerate(rows):
        gold[index, list(row)] = True
    known = gold.any(dim=1)
    # A copy: what inference made cannot be differentiated through.
    return gold[known], logits[known].clone()
