"""From scores of candidates to what slots hold, and how sure that is: of many conversations."""

from dataclasses import dataclass

import torch
from torch import Tensor

from nlp_lstm.states.candidates import Candidates
from nlp_lstm.states.layout import LEAST_SURE_DELETION
from nlp_lstm.states.schema import EMPTY


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What every slot holds after a step.

    Attributes:
        values: Value numbers. (N, S) int64
        chosen: Probability of that value at this step. (N, S) float64
        stayed: Probability that the value of before stays. (N, S) float64
        copied: Whether copies of other slots give the value more than half of it. (N, S) bool
    """

    values: Tensor
    chosen: Tensor
    stayed: Tensor
    copied: Tensor


def decide(candidates: Candidates, previous: Tensor) -> Decision:
    """Take the likeliest value of every slot; entries of one value add up.

    What a slot holds is only deleted where that is likely enough.

    Args:
        candidates: From the network.
        previous: Value numbers before the step. (N, S) int64
    """
    # Next to 1 single precision is coarse, and calibration turns what it loses into percents.
    probabilities = candidates.logits.double().softmax(dim=2)
    values, chosen = _likeliest(candidates.values, probabilities)
    stays = candidates.values == previous[..., None]
    stayed = torch.where(stays, probabilities, 0).sum(dim=2)
    kept = (values == EMPTY) & (previous != EMPTY) & (chosen < LEAST_SURE_DELETION)
    values, chosen = torch.where(kept, previous, values), torch.where(kept, stayed, chosen)
    first, last = candidates.copies
    copies = candidates.values[..., first:last] == values[..., None]
    by_copies = torch.where(copies, probabilities[..., first:last], 0).sum(dim=2)
    return Decision(values, chosen, stayed, by_copies > chosen / 2)


def _likeliest(values: Tensor, probabilities: Tensor) -> tuple[Tensor, Tensor]:
    """The value that has most when entries of one value add up, and how much: (N, S, K) → (N, S).

    Sorted by value they stand in runs, whose sums are differences of one running sum: to compare
    every entry with every other takes three times as long.
    """
    ordered, places = values.sort(dim=2)
    summed = probabilities.gather(2, places).cumsum(dim=2)
    ends = torch.ones_like(ordered, dtype=torch.bool)
    ends[..., :-1] = ordered[..., 1:] != ordered[..., :-1]
    before = torch.zeros_like(summed)
    before[..., 1:] = summed.masked_fill(~ends, 0)[..., :-1].cummax(dim=2).values
    chosen, place = (summed - before).masked_fill(~ends, -1).max(dim=2)
    return ordered.gather(2, place[..., None])[..., 0], chosen


def chain(confidence: Tensor, previous: Tensor, decision: Decision) -> Tensor:
    """How sure each slot is after a step.

    A value set now is as sure as this step is of it. One that stays is as sure as it was, times
    how sure this step is that nothing changed: a wrong value kept is still wrong.

    Args:
        confidence: Before the step. (N, S)
        previous: Value numbers before it. (N, S) int64
        decision: Of the step.
    """
    changed = decision.values != previous
    return torch.where(changed, decision.chosen, confidence * decision.stayed)


def whole_state(confidence: Tensor) -> Tensor:
    """How sure all slots are together: the product over slots, (…, S) → (…,)."""
    return confidence.double().clamp(min=1e-30).log().sum(dim=-1).exp()
