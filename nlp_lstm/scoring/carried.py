"""What routing is worth where an answer that comes back stays: belief states.

    turn 3, unsure: the state is asked for, comes back right, and is what the tracker goes on from
    turn 4: what was corrected stays corrected until the tracker changes the slot

A state is everything that was wanted so far, so a mistake made once is a mistake at every turn from
there on, and an answer that only counted at its own turn would be asked for again and again. Here
an answer settles the state: its slots hold until the tracker changes them, and how sure the state
is afterwards is how much of its confidence it has lost since.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.scoring.judged_states import JudgedTurn, judged_turns, paired

# Bisections of the threshold: finer than any two confidences that matter.
STEPS = 14


@dataclass(frozen=True, slots=True)
class Routed:
    """Belief states with answers that stay.

    Attributes:
        threshold: Confidence below which a state was routed.
        routed: Share of the turns that were.
        error: Share of turns with a wrong state, those routed being right.
        slots: Wrong slots, over all turns.
    """

    threshold: float
    routed: float
    error: float
    slots: int


@dataclass(slots=True)
class _Thread:
    """One conversation as it goes on: what was settled, and how sure the tracker was then."""

    settled: dict[str, frozenset[str] | None] = field(default_factory=dict)
    sure: float = 1.0
    read: int = 0


def routed_states(
    gold: Sequence[LabelledConversation],
    predicted: Sequence[Sequence[TurnLabels]],
    threshold: float,
) -> Routed:
    """Route every state that is less sure than a threshold, the answers being always right.

    Raises:
        ValueError: Another number of conversations or turns, or no turn is labelled.
    """
    turns = judged_turns(paired(gold, predicted))
    if not turns:
        raise ValueError("no turn with a labelled state")
    routed = wrong = slots = 0
    for number, own in groupby(turns, lambda turn: turn.conversation):
        thread = _Thread()
        for turn in own:
            said = predicted[number]
            left = _left_wrong(thread, turn, said)
            sure = said[turn.turn].state_confidence or 0.0
            if min(1.0, sure / max(thread.sure, 1e-9)) < threshold:
                routed += 1
                thread.sure = sure
                for slot in {*turn.wrong, *thread.settled}:
                    thread.settled[slot] = turn.gold.get(slot)
            else:
                wrong += bool(left)
                slots += left
    return Routed(threshold, routed / len(turns), wrong / len(turns), slots)


def routed_share(
    gold: Sequence[LabelledConversation],
    predicted: Sequence[Sequence[TurnLabels]],
    share: float,
) -> Routed:
    """Route as large a share of the turns as a threshold allows without exceeding it."""
    low, high = 0.0, 1.0
    best = routed_states(gold, predicted, low)
    for _ in range(STEPS):
        middle = (low + high) / 2
        tried = routed_states(gold, predicted, middle)
        if tried.routed <= share:
            low, best = middle, tried
        else:
            high = middle
    return best


def _left_wrong(thread: _Thread, turn: JudgedTurn, said: Sequence[TurnLabels]) -> int:
    """Wrong slots of a turn, what was settled counting as it was."""
    for labels in said[thread.read : turn.turn + 1]:
        for change in labels.changes or ():
            thread.settled.pop(change.slot, None)
    thread.read = turn.turn + 1
    slots = {*turn.gold, *turn.predicted, *thread.settled}
    return sum(
        (thread.settled[slot] if slot in thread.settled else turn.predicted.get(slot))
        != turn.gold.get(slot)
        for slot in slots
    )
