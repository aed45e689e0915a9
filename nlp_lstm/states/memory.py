"""What a tracker remembers of a conversation, as a `Memory` and as what it computes with."""

from collections.abc import Sequence
from typing import Any

from nlp_lstm.artefact import ArtefactError
from nlp_lstm.component import Memory
from nlp_lstm.states.carried import Carried, Thread
from nlp_lstm.states.history import History, Said
from nlp_lstm.states.mentions import Quote
from nlp_lstm.states.reading import Pending
from nlp_lstm.stored_weights import Array


def to_memory(thread: Thread[Array], fingerprint: str) -> Memory:
    """A thread as the value that callers keep."""
    carried = thread.carried
    return Memory(
        fingerprint=fingerprint,
        turns=thread.turns,
        tokens=thread.tokens,
        arrays={
            "turns.hidden": carried.turns[0],
            "turns.cell": carried.turns[1],
            "slots.hidden": carried.slots[0],
            "slots.cell": carried.slots[1],
            "values": carried.values,
            "confidence": carried.confidence,
            "table": thread.table,
        },
        facts={
            "step": thread.history.step,
            "said": [_row(said) for said in thread.history.said],
            "pending": [list(pending) for pending in thread.pending],
        },
    )


def from_memory(memory: Memory) -> Thread[Array]:
    """The thread that a memory holds.

    Raises:
        ArtefactError: The memory is damaged.
    """
    arrays, facts = memory.arrays, memory.facts
    try:
        return Thread(
            turns=memory.turns,
            tokens=memory.tokens,
            pending=tuple(Pending(*item) for item in facts["pending"]),
            history=History(facts["step"], tuple(_said(row) for row in facts["said"])),
            table=arrays["table"],
            carried=Carried(
                turns=(arrays["turns.hidden"], arrays["turns.cell"]),
                slots=(arrays["slots.hidden"], arrays["slots.cell"]),
                values=arrays["values"],
                confidence=arrays["confidence"],
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ArtefactError(
            "memory",
            found=f"a memory without {error}",
            expected="what a state tracker remembers",
            remedy="start the conversation anew",
        ) from error


def _row(said: Said) -> list[Any]:
    return [*said[:4], *(None if quote is None else list(quote) for quote in said[4:])]


def _said(row: Sequence[Any]) -> Said:
    value, by_user, by_system, order, user, system = row
    return Said(value, by_user, by_system, order, _quote(user), _quote(system))


def _quote(cells: Sequence[Any] | None) -> Quote | None:
    return None if cells is None else Quote(*cells)
