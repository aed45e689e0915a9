"""Labelled values by how long ago they were said: is what was understood once still there?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.scoring.judged_states import judged_turns, paired

# Turns since a value was set, counted together up to and including each.
DISTANCES = (0, 2, 5, 10, 20, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Aged:
    """One labelled value at one labelled turn.

    Attributes:
        conversation: Number of its conversation.
        turn: Index of the turn there.
        slot: What holds it.
        age: Turns since the labels first had it.
        right: Whether the tracker has it.
        was_right: Whether it had it when it was said; the same as `right` at age 0.
        before: Whether it had it at the labelled turn before; None at age 0.
    """

    conversation: int
    turn: int
    slot: str
    age: int
    right: bool
    was_right: bool
    before: bool | None


def aged_values(
    gold: Sequence[LabelledConversation], predicted: Sequence[Sequence[TurnLabels]]
) -> Iterator[Aged]:
    """Every labelled value of every labelled turn, in order of turns and slots.

    Raises:
        ValueError: Another number of conversations or turns.
    """
    said: dict[tuple[int, str], tuple[frozenset[str], int, bool, bool]] = {}
    for turn in judged_turns(paired(gold, predicted)):
        gone = [key for key in said if key[0] == turn.conversation and key[1] not in turn.gold]
        for key in gone:
            del said[key]
        for slot, value in sorted(turn.gold.items()):
            key = (turn.conversation, slot)
            right = slot not in turn.wrong
            held, since, was_right, before = said.get(key, (None, turn.turn, right, False))
            fresh = held != value
            if fresh:
                since, was_right = turn.turn, right
            yield Aged(
                turn.conversation,
                turn.turn,
                slot,
                turn.turn - since,
                right,
                was_right,
                None if fresh else before,
            )
            said[key] = value, since, was_right, right


def distance_bucket(distance: int) -> int:
    """Which of `DISTANCES` an age is counted with; one more for those beyond all."""
    return next((i for i, most in enumerate(DISTANCES) if distance <= most), len(DISTANCES))


def distance_name(bucket: int) -> str:
    """The ages that a bucket holds: `3-5`, or `> 200`."""
    if bucket == len(DISTANCES):
        return f"> {DISTANCES[-1]}"
    most = DISTANCES[bucket]
    least = DISTANCES[bucket - 1] + 1 if bucket else 0
    return str(most) if least == most else f"{least}-{most}"
