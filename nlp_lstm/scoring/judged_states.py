"""Labelled belief states beside predicted ones, turn by turn: what all scorings of states read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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


def judged_turns(pairs: Pairs, read: Callable[[str], str] = str) -> list[JudgedTurn]:
    """The turns with a labelled state, in order.

    Args:
        pairs: From `paired`.
        read: What of a value is compared; its string as it is, unless told otherwise. The other
            spellings of a label, and of an answer, count as its value.
    """
    return [turn for number, pair in enumerate(pairs) for turn in _judged(number, pair, read)]


def held(state: Sequence[SlotValue] | None, read: Callable[[str], str] = str) -> State:
    """What each filled slot holds."""
    values: dict[str, frozenset[str]] = {}
    for one in state or ():
        values[one.slot] = values.get(one.slot, frozenset()) | {read(one.value)}
    return values


def _judged(
    number: int, conversation: Sequence[tuple[TurnLabels, TurnLabels]], read: Callable[[str], str]
) -> Iterator[JudgedTurn]:
    position = 0
    for turn, (labels, answer) in enumerate(conversation):
        if labels.state is None:
            continue
        position += 1
        spelt = {
            (one.slot, read(spelling)): one
            for one in labels.state
            for spelling in (*one.also, one.value)
        }
        said = held([_as_labelled(one, spelt, read) for one in answer.state or ()], read)
        gold = held(labels.state, read)
        wrong = tuple(s for s in sorted(gold.keys() | said.keys()) if gold.get(s) != said.get(s))
        yield JudgedTurn(number, turn, position, gold, said, wrong)


def _as_labelled(
    said: SlotValue, spelt: Mapping[tuple[str, str], SlotValue], read: Callable[[str], str]
) -> SlotValue:
    """The label that `said` spells, in any of the spellings of either, or `said` itself."""
    for spelling in (said.value, *said.also):
        if (said.slot, read(spelling)) in spelt:
            return spelt[said.slot, read(spelling)]
    return said
