"""Following the state through steps: each step's answer is the next one's question."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache

import torch
from torch import Tensor

from nlp_lstm.layers.memory import State
from nlp_lstm.states.batches import StepBatch
from nlp_lstm.states.candidates import Candidates
from nlp_lstm.states.decode import Decision, chain, decide
from nlp_lstm.states.hearing import Reading
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.schema import EMPTY


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """What goes from one step to the next, for C conversations of S slots.

    Those that have ended may be left out: C is then the number of those before and with the last
    that goes on.

    Attributes:
        turns: The memory across steps, hidden and cell. (C, M) each
        slots: The memories of the slots. (C * S, m) each
        values: Value numbers. (C, S) int64
        confidence: Chained, not calibrated. (C, S) float64
    """

    turns: State
    slots: State
    values: Tensor
    confidence: Tensor


def start_tracking(network: StateNetwork, conversations: int) -> Carried:
    """What is carried before the first step: empty slots, and sure of it."""
    S, device = network.slots, network.offered.device
    return Carried(
        turns=network.turn_memory.start(conversations),
        slots=network.slot_memory.start(conversations * S),
        values=torch.full((conversations, S), EMPTY, device=device),
        confidence=torch.ones(conversations, S, device=device, dtype=torch.float64),
    )


@torch.no_grad()
def track(
    network: StateNetwork, batch: StepBatch, reading: Reading, carried: Carried
) -> Iterator[tuple[Decision, Carried]]:
    """Go through a batch's steps in time.

    A conversation that ends before one that stands after it is carried on through empty steps;
    what is yielded for those means nothing.

    Yields:
        For each time what was decided, and what is carried from there, of `batch.active`
        conversations.
    """
    for time, C in enumerate(batch.active):
        first = time * batch.conversations
        rows = slice(first, first + C)
        carried = _of_first(carried, C)
        summaries = reading.summaries[rows]
        turns = network.turn_memory.step(summaries, carried.turns)
        situated = network.situate(reading.mixed[rows], summaries, turns[0])
        inputs = network.slot_input(situated, carried.values)
        slots = network.slot_memory.step(inputs.flatten(0, 1), carried.slots)
        hidden = network.with_memory(inputs, slots[0].view(C, network.slots, -1))
        candidates = network.candidates(hidden, carried.values, reading, batch, time)
        decision = decide(candidates, carried.values)
        confidence = chain(carried.confidence, carried.values, decision)
        carried = Carried(turns, slots, decision.values, confidence)
        yield decision, carried


def read_quickly(network: StateNetwork, steps: StepBatch) -> Reading:
    """Read in bfloat16 where the processor computes in it; the result is in full precision.

    Reading is four fifths of a training step, and takes half as long so.
    """
    device = steps.words.device.type
    with torch.autocast(device, torch.bfloat16, enabled=device != "cpu" or _has_bfloat16()):
        reading = network.read(steps)
    return Reading(*(getattr(reading, field.name).float() for field in fields(reading)))


@cache
def _has_bfloat16() -> bool:
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


def score_all(
    network: StateNetwork, steps: StepBatch, reading: Reading, before: Tensor
) -> Candidates:
    """Score all steps at once: knowing the states before them, none has to wait for another.

    Args:
        network: Whose scores.
        steps: The batch.
        reading: Of the batch.
        before: Value numbers before each step. (T, C, S) int64
    """
    T, C, S = before.shape
    summaries = reading.summaries.view(T, C, -1).transpose(0, 1)
    memories = network.turn_memory(summaries).transpose(0, 1).reshape(T * C, -1)
    situated = network.situate(reading.mixed, reading.summaries, memories)
    inputs = network.slot_input(situated, before.reshape(T * C, S))
    by_slot = inputs.view(T, C * S, -1).transpose(0, 1)
    by_slot = network.dropout(by_slot)
    kept = network.slot_memory(by_slot)
    hidden = network.with_memory(by_slot, kept).transpose(0, 1).reshape(T * C, S, -1)
    return network.candidates(hidden, before.reshape(T * C, S), reading, steps, None)


def _of_first(carried: Carried, conversations: int) -> Carried:
    before, S = carried.values.shape
    if conversations == before:
        return carried
    slots = conversations * S
    return Carried(
        turns=(carried.turns[0][:conversations], carried.turns[1][:conversations]),
        slots=(carried.slots[0][:slots], carried.slots[1][:slots]),
        values=carried.values[:conversations],
        confidence=carried.confidence[:conversations],
    )
