"""From scores of candidates to what a slot holds, and how sure that is."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

import torch
from torch import Tensor

from corpora.changes import operation
from corpora.labels import SlotValue, StateChange
from nlp_lstm.states.candidates import Candidates
from nlp_lstm.states.history import Said
from nlp_lstm.states.schema import EMPTY, OTHER, Schema
from nlp_lstm.states.sources import IMPLIED, origin

# One labelled change in a hundred empties a slot, but long talk about something else makes a
# tracker doubt little by little what was said before: of 579 slots 71 were emptied in 200 turns.
LEAST_SURE_DELETION = 0.75


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
    same = candidates.values[..., None] == candidates.values[..., None, :]  # (N, S, K, K)
    # One that is not there has the share of its value: nothing, or another's that is there.
    merged = torch.where(same, probabilities[..., None, :], 0).sum(dim=3)
    chosen, place = merged.max(dim=2)
    values = candidates.values.gather(2, place[..., None])[..., 0]
    stays = candidates.values == previous[..., None]
    stayed = torch.where(stays, probabilities, 0).sum(dim=2)
    kept = (values == EMPTY) & (previous != EMPTY) & (chosen < LEAST_SURE_DELETION)
    values, chosen = torch.where(kept, previous, values), torch.where(kept, stayed, chosen)
    first, last = candidates.copies
    copies = candidates.values[..., first:last] == values[..., None]
    by_copies = torch.where(copies, probabilities[..., first:last], 0).sum(dim=2)
    return Decision(values, chosen, stayed, by_copies > chosen / 2)


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
    copied: Container[int],
    said: Iterable[Said],
    schema: Schema,
) -> tuple[StateChange, ...]:
    """What a turn did to the state, sorted by slot.

    Args:
        before: Value numbers before the turn.
        after: Value numbers after it.
        confidences: Calibrated, one a slot.
        copied: Slots that took their value from another.
        said: What was said up to the turn's end.
        schema: Of the numbers.
    """
    changed = [slot for slot, old in enumerate(before) if old != after[slot]]
    rows = {row.value: row for row in said}
    names = schema.value_names
    changes: list[StateChange] = []
    for slot in changed:
        old, new = names[before[slot]] or None, names[after[slot]] or None
        # That nothing is wanted, or anything, is nobody's words: no table has a row of it.
        source = origin(rows.get(after[slot]), is_copied=slot in copied) if new else IMPLIED
        changes.append(
            StateChange(
                operation(old, new, dontcare=schema.dontcare),
                schema.slots[slot].name,
                new,
                confidences[slot],
                source.evidence,
                source.source,
                source.raw,
            )
        )
    return tuple(sorted(changes, key=attrgetter("slot")))
