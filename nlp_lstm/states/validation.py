"""A network judged on examples, going on from its own states as it does in use."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from nlp_lstm.states.calibration import UNCALIBRATED, StateCalibration
from nlp_lstm.states.deciding import whole_state
from nlp_lstm.states.examples import Example
from nlp_lstm.states.fitting import fit_calibration
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.schema import EMPTY, Schema
from nlp_lstm.states.tracking import start_tracking, track
from nlp_lstm.states.training_batches import training_batch

TOGETHER = 64  # conversations in a batch


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """What a network made of some steps, and what is true of them.

    Attributes:
        values: Value numbers after each. (N, S) int64
        before: Value numbers before it, the network's own. (N, S) int64
        confidence: Chained, not calibrated. (N, S)
        gold: Labelled value numbers. (N, S) int64
        requests: Logits. (N, Q)
        asked: Labelled requests. (N, Q)
    """

    values: Tensor
    before: Tensor
    confidence: Tensor
    gold: Tensor
    requests: Tensor
    asked: Tensor


def follow(
    network: StateNetwork, schema: Schema, conversations: Sequence[Sequence[Example]]
) -> Iterator[Followed]:
    """Go through conversations from an empty start, some of similar length at a time."""
    ordered = sorted((examples for examples in conversations if examples), key=len, reverse=True)
    for first in range(0, len(ordered), TOGETHER):
        group = ordered[first : first + TOGETHER]
        batch = training_batch(group, schema, network.rows.table)
        reading = network.read(batch.steps)
        carried = start_tracking(network, len(group))
        after = [one for _, one in track(network, batch.steps, reading, carried)]
        values = pad_sequence([one.values for one in after], batch_first=True)
        before = torch.cat([torch.full_like(values[:1], EMPTY), values[:-1]])
        exists = batch.exists
        yield Followed(
            values=values[exists],
            before=before[exists],
            confidence=pad_sequence([one.confidence for one in after], batch_first=True)[exists],
            gold=batch.gold[exists],
            requests=reading.requests.view(*exists.shape, -1)[exists],
            asked=batch.asked[exists],
        )


def dev_figures(
    network: StateNetwork, schema: Schema, dev: Sequence[Sequence[Example]]
) -> dict[str, float]:
    """Joint goal and slot accuracy over all steps; F1 of requests where the schema has some."""
    right, slots_right, steps = 0, 0, 0
    hits, said, true = 0, 0, 0
    for found in follow(network, schema, dev):
        equal = found.values == found.gold
        right += int(equal.all(dim=1).sum())
        slots_right += int(equal.sum())
        steps += len(equal)
        wanted, given = found.asked > 0, found.requests > 0
        hits += int((wanted & given).sum())
        said += int(given.sum())
        true += int(wanted.sum())
    figures = {
        "joint_goal_accuracy": right / max(1, steps),
        "slot_accuracy": slots_right / max(1, steps * len(schema.slots)),
    }
    if schema.requests:
        figures["request_f1"] = 2 * hits / max(1, said + true)
    return figures


def changes_per_100_steps(
    network: StateNetwork, schema: Schema, conversations: Sequence[Sequence[Example]]
) -> float:
    """How often a slot changes, for conversations in which none should."""
    changes, steps = 0, 0
    for found in follow(network, schema, conversations):
        changes += int((found.values != found.before).sum())
        steps += len(found.values)
    return 100 * changes / max(1, steps)


@torch.no_grad()
def dev_calibration(
    network: StateNetwork, schema: Schema, dev: Sequence[Sequence[Example]]
) -> StateCalibration:
    """Fit confidences: of filled slots, and of whole states."""
    slots: list[Tensor] = []
    slots_right: list[Tensor] = []
    states: list[Tensor] = []
    states_right: list[Tensor] = []
    for found in follow(network, schema, dev):
        right = found.values == found.gold
        filled = found.values != EMPTY
        slots.append(found.confidence[filled])
        slots_right.append(right[filled])
        states.append(whole_state(found.confidence))
        states_right.append(right.all(dim=1))
    if not states:
        return UNCALIBRATED
    return fit_calibration(
        *(torch.cat(part) for part in (slots, slots_right, states, states_right))
    )
