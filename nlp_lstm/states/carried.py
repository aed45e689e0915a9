"""Where the following of a conversation stands, as arrays or as tensors."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from nlp_lstm.states.history import History
from nlp_lstm.states.reading import Pending

A = TypeVar("A")  # NumPy's arrays where steps are read alone, torch's tensors in batches


@dataclass(frozen=True, slots=True, eq=False)
class Carried(Generic[A]):
    """What goes from one step to the next, for C conversations of S slots.

    Those that have ended may be left out: C is then the number of those before and with the last
    that goes on.

    Attributes:
        turns: The memory across steps, hidden and cell. (C, M) each
        slots: The memories of the slots. (C * S, m) each
        values: Value numbers. (C, S) int64
        confidence: Chained, not calibrated. (C, S) float64
    """

    turns: tuple[A, A]
    slots: tuple[A, A]
    values: A
    confidence: A


@dataclass(frozen=True, slots=True, eq=False)
class Thread(Generic[A]):
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
    table: A
    carried: Carried[A]


def of_first(carried: Carried[Any], conversations: int) -> Carried[Any]:
    """What is carried of the first conversations."""
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
