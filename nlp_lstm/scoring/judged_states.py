"""Labelled belief states beside predicted ones, turn by turn: what all scorings of states read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from corpora.labels import LabelledConversation, SlotValue, TurnLabels

# What a slot holds: one value mostly, several where it may.
State = Mapping[str, frozenset[str]]
Pairs = list[list[tuple[TurnLabels, TurnLabels]]]


@dataclass(frozen=True, slots=True)
class JudgedTurn:
    """One labelled turn.

    Attributes:
        conversation: Number of its conversation.
        turn: Its index there.
        position: Which labelled turn of the conversation it is, from 1.
        gold: What the labels say.
        predicted: What the tracker says.
        wrong: The slots that differ, filled on either side, sorted.
    """

    conversation: int
    turn: int
    position: int
    gold: State
    predicted: State
    wrong: tuple[str, ...]

    @property
    def hits(self) -> int:
        """Values that both sides hold."""
        return sum(
            len(values & self.predicted.get(slot, frozenset()))
            for slot, values in self.gold.items()
        )


def paired(
    gold: Sequence[LabelledConversation], predicted: Sequence[Sequence[TurnLabels]]
) -> Pairs:
    """Labels and predictions of each turn of each conversation.

    Raises:
        ValueError: Another number of conversations or turns.
    """
    if len(gold) != len(predicted):
        raise ValueError(f"{len(predicted)} predictions for {len(gold)} conversations")
    for labelled, labels in zip(gold, predicted, strict=True):
        if len(labelled.labels) != len(labels):
            raise ValueError(
                f"{len(labels)} predictions for {len(labelled.labels)} turns in "
                f"{labelled.conversation.id!r}"
            )
    return [
        list(zip(labelled.labels, labels, strict=True))
        for labelled, labels in zip(gold, predicted, strict=True)
    ]


def judged_turns(pairs: Pairs) -> list[JudgedTurn]:
    """The turns with a labelled state, in order."""
    return [turn for number, pair in enumerate(pairs) for turn in _judged(number, pair)]


def held(state: Sequence[SlotValue] | None) -> State:
    """A state by slot."""
    values: dict[str, frozenset[str]] = {}
    for one in state or ():
        values[one.slot] = values.get(one.slot, frozenset()) | {one.value}
    return values


def _judged(
    number: int, conversation: Sequence[tuple[TurnLabels, TurnLabels]]
) -> Iterator[JudgedTurn]:
    position = 0
    for turn, (labels, answer) in enumerate(conversation):
        if labels.state is None:
            continue
        position += 1
        gold, said = held(labels.state), held(answer.state)
        wrong = tuple(s for s in sorted(gold.keys() | said.keys()) if gold.get(s) != said.get(s))
        yield JudgedTurn(number, turn, position, gold, said, wrong)
