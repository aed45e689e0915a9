"""What a tracker remembers of a conversation, as a `Memory` and as what it computes with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nlp_lstm.artefact import ArtefactError
from nlp_lstm.component import Memory
from nlp_lstm.states.history import TABLE_ROWS, History, Said
from nlp_lstm.states.mentions import Quote
from nlp_lstm.states.reading import Pending
from nlp_lstm.states.tracking import Carried


@dataclass(frozen=True, slots=True, eq=False)
class Thread:
    """Where one conversation stands.

    Attributes:
        turns: How many turns were read.
        tokens: How many words.
        pending: What the other side said since the customer last spoke.
        history: What was said before that.
        table: Mention vectors of the history's rows, zeros below them. (TABLE_ROWS, V)
        carried: The network's memories and the state, of one conversation.
    """

    turns: int
    tokens: int
    pending: tuple[Pending, ...]
    history: History
    table: Tensor
    carried: Carried


def to_memory(thread: Thread, fingerprint: str) -> Memory:
    """A thread as the value that callers keep."""
    carried = thread.carried
    return Memory(
        fingerprint=fingerprint,
        turns=thread.turns,
        tokens=thread.tokens,
        arrays={
            "turns.hidden": carried.turns[0].numpy(),
            "turns.cell": carried.turns[1].numpy(),
            "slots.hidden": carried.slots[0].numpy(),
            "slots.cell": carried.slots[1].numpy(),
            "values": carried.values.numpy(),
            "confidence": carried.confidence.numpy(),
            "table": thread.table.numpy(),
        },
        facts={
            "step": thread.history.step,
            "said": [_row(said) for said in thread.history.said],
            "pending": [list(pending) for pending in thread.pending],
        },
    )


def from_memory(memory: Memory) -> Thread:
    """The thread that a memory holds.

    Raises:
        ArtefactError: The memory is damaged.
    """
    facts = memory.facts
    try:
        tensors = {name: torch.from_numpy(array) for name, array in memory.arrays.items()}
        return Thread(
            turns=memory.turns,
            tokens=memory.tokens,
            pending=tuple(Pending(*item) for item in facts["pending"]),
            history=History(facts["step"], tuple(_said(row) for row in facts["said"])),
            table=tensors["table"],
            carried=Carried(
                turns=(tensors["turns.hidden"], tensors["turns.cell"]),
                slots=(tensors["slots.hidden"], tensors["slots.cell"]),
                values=tensors["values"],
                confidence=tensors["confidence"],
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ArtefactError(
            "memory",
            found=f"a memory without {error}",
            expected="what a state tracker remembers",
            remedy="start the conversation anew",
        ) from error


def together(carried: Sequence[Carried]) -> Carried:
    """Several conversations' memories as one."""
    if len(carried) == 1:
        return carried[0]
    return Carried(
        turns=_stacked([one.turns for one in carried]),
        slots=_stacked([one.slots for one in carried]),
        values=torch.cat([one.values for one in carried]),
        confidence=torch.cat([one.confidence for one in carried]),
    )


def apart(carried: Carried, which: int) -> Carried:
    """One conversation's memories out of several's."""
    S = carried.values.shape[1]
    one, slots = slice(which, which + 1), slice(which * S, (which + 1) * S)
    return Carried(
        turns=(carried.turns[0][one], carried.turns[1][one]),
        slots=(carried.slots[0][slots], carried.slots[1][slots]),
        values=carried.values[one],
        confidence=carried.confidence[one],
    )


def empty_table(width: int) -> Tensor:
    """The mention vectors before the first step."""
    return torch.zeros(TABLE_ROWS, width)


def _stacked(states: Sequence[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    hidden, cell = (torch.cat(parts) for parts in zip(*states, strict=True))
    return hidden, cell


def _row(said: Said) -> list[Any]:
    return [*said[:4], *(None if quote is None else list(quote) for quote in said[4:])]


def _said(row: Sequence[Any]) -> Said:
    value, by_user, by_system, order, user, system = row
    return Said(value, by_user, by_system, order, _quote(user), _quote(system))


def _quote(cells: Sequence[Any] | None) -> Quote | None:
    return None if cells is None else Quote(*cells)
