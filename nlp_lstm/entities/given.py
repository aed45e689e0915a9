"""What a turn is to the tagger before its words are read: who speaks, and whether it is kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpora.conversation import Turn
from nlp_lstm.entities.config import EntitiesConfig

# A longer turn is read in stretches of so many words, side by side: the steps of a recursion, and
# what it must hold, stay bounded. No chat comes near it; a pasted log does.
LONGEST_STRETCH = 256


@dataclass(frozen=True, slots=True)
class Place:
    """Where a turn stands in its chat.

    Attributes:
        role: 0 where somebody else speaks than the customer, or nobody knows who; 1 where the
            customer does; 2 + g where the customer does and g turns after the last one heard.
        is_remembered: Whether later turns know of it.
        number: Which turn of its chat it is.
    """

    role: int
    is_remembered: bool
    number: int


@dataclass(frozen=True, slots=True)
class TurnInput:
    """A turn as the network reads it.

    Attributes:
        ids: Numbers of its word forms.
        role: As in `Place`.
        is_remembered: As in `Place`.
    """

    ids: list[int]
    role: int
    is_remembered: bool


def place_of(turn: Turn, index: int, heard: int | None, config: EntitiesConfig) -> Place:
    """Where a turn stands.

    Args:
        turn: What was said.
        index: How many turns of the conversation stand before it.
        heard: Number of the last turn that entered the memory; None where none did.
        config: Says whose turns enter the memory, and how many distances are told apart.
    """
    number = _number(turn, index)
    role = int(turn.role == "customer")
    if role and config.gaps and heard is not None and number >= heard:
        role = 2 + min(number - heard, config.gaps - 1)
    is_remembered = turn.role in (None, "customer") or config.hears == "everyone"
    return Place(role, is_remembered, number)


def conversation_inputs(
    turns: Sequence[Turn], ids: Sequence[list[int]], config: EntitiesConfig
) -> list[TurnInput]:
    """The turns of a conversation as the network reads them."""
    inputs: list[TurnInput] = []
    heard: int | None = None
    for index, (turn, forms) in enumerate(zip(turns, ids, strict=True)):
        place = place_of(turn, index, heard, config)
        inputs.append(TurnInput(forms, place.role, place.is_remembered))
        if place.is_remembered:
            heard = place.number
    return inputs


def stretches(words: int) -> Iterator[slice]:
    """The parts of a turn that are read by themselves: one, but for very long turns."""
    for first in range(0, max(1, words), LONGEST_STRETCH):
        yield slice(first, first + LONGEST_STRETCH)


def _number(turn: Turn, index: int) -> int:
    """Which turn it is; a corpus that leaves turns out says so in `meta`."""
    number = turn.meta.get("turn")
    return number if isinstance(number, int) else index
