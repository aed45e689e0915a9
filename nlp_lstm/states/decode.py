"""From scores of candidates to what a slot holds, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from corpora.labels import Evidence, Operation, SlotValue, StateChange
from nlp_lstm.states.network import Candidates
from nlp_lstm.states.schema import DONTCARE, EMPTY, OTHER, Schema


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What every slot holds after a step.

    Attributes:
        values: Value numbers. (N, S) int64
        chosen: Probability of that value at this step. (N, S)
        stayed: Probability that the value of before stays. (N, S)
    """

    values: Tensor
    chosen: Tensor
    stayed: Tensor


def decide(candidates: Candidates, previous: Tensor) -> Decision:
    """Take the likeliest value of every slot; entries of one value add up.

    Args:
        candidates: From the network.
        previous: Value numbers before the step. (N, S) int64
    """
    probabilities = candidates.logits.softmax(dim=2)
    same = candidates.values[..., None] == candidates.values[..., None, :]  # (N, S, K, K)
    merged = torch.where(same, probabilities[..., None, :], 0).sum(dim=3)
    # A candidate that is not there has the merged mass of its number; it must not be chosen.
    merged = merged.masked_fill(candidates.logits == -torch.inf, 0)
    chosen, place = merged.max(dim=2)
    values = candidates.values.gather(2, place[..., None])[..., 0]
    stays = candidates.values == previous[..., None]
    return Decision(values, chosen, torch.where(stays, probabilities, 0).sum(dim=2))


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
    return confidence.double().clamp(min=1e-30).log().sum(dim=-1).exp().to(confidence.dtype)


def belief_state(values: Sequence[int], schema: Schema) -> tuple[SlotValue, ...]:
    """Value numbers of all slots as the filled slots, sorted by name."""
    filled = [
        SlotValue(slot.name, schema.value_names[value])
        for slot, value in zip(schema.slots, values, strict=True)
        if value not in (EMPTY, OTHER)
    ]
    return tuple(sorted(filled))


def state_changes(
    before: Sequence[int],
    after: Sequence[int],
    confidences: Sequence[float],
    evidence: Mapping[int, Evidence],
    schema: Schema,
) -> tuple[StateChange, ...]:
    """What a turn did to the state, sorted by slot.

    Args:
        before: Value numbers before the turn.
        after: Value numbers after it.
        confidences: Calibrated, one a slot.
        evidence: Where values were last said, by value number.
        schema: Of the numbers.
    """
    changes: list[StateChange] = []
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        if old == new:
            continue
        value = None if new == EMPTY else schema.value_names[new]
        name = schema.slots[index].name
        operation = _operation(old, new)
        changes.append(StateChange(operation, name, value, confidences[index], evidence.get(new)))
    return tuple(sorted(changes, key=lambda change: change.slot))


def _operation(old: int, new: int) -> Operation:
    if new == EMPTY:
        return "delete"
    if new == DONTCARE:
        return "dontcare"
    return "set" if old == EMPTY else "replace"
