"""Following the state through steps: each step's answer is the next one's question."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache

import torch
from torch import Tensor

from nlp_lstm.states.batches import StepBatch
from nlp_lstm.states.candidates import Candidates
from nlp_lstm.states.carried import Carried, of_first
from nlp_lstm.states.deciding import Decision, chain, decide
from nlp_lstm.states.hearing import Reading
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.packed_batches import track_packed
from nlp_lstm.states.schema import EMPTY


def start_tracking(network: StateNetwork, conversations: int) -> Carried[Tensor]:
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
    network: StateNetwork, batch: StepBatch, reading: Reading, carried: Carried[Tensor]
) -> Iterator[tuple[Decision, Carried[Tensor]]]:
    """Go through a batch's steps in time.

    A conversation that ends before one that stands after it is carried on through empty steps;
    what is yielded for those means nothing.

    Yields:
        For each time what was decided, and what is carried from there, of `batch.active`
        conversations.
    """
    packed = network.packed()
    if packed is not None:
        yield from track_packed(packed, batch, reading, carried)
        return
    for time, C in enumerate(batch.active):
        first = time * batch.conversations
        rows = slice(first, first + C)
        carried = of_first(carried, C)
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


def together(carried: Sequence[Carried[Tensor]]) -> Carried[Tensor]:
    """Several conversations' memories as one."""
    if len(carried) == 1:
        return carried[0]
    return Carried(
        turns=_stacked([one.turns for one in carried]),
        slots=_stacked([one.slots for one in carried]),
        values=torch.cat([one.values for one in carried]),
        confidence=torch.cat([one.confidence for one in carried]),
    )


def apart(carried: Carried[Tensor], which: int) -> Carried[Tensor]:
    """One conversation's memories out of several's."""
    S = carried.values.shape[1]
    one, slots = slice(which, which + 1), slice(which * S, (which + 1) * S)
    return Carried(
        turns=(carried.turns[0][one], carried.turns[1][one]),
        slots=(carried.slots[0][slots], carried.slots[1][slots]),
        values=carried.values[one],
        confidence=carried.confidence[one],
    )


def _stacked(states: Sequence[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    hidden, cell = (torch.cat(parts) for parts in zip(*states, strict=True))
    return hidden, cell
