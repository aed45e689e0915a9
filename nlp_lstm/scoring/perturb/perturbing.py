"""Customers' turns perturbed, one kind after the other.

Everything is drawn from the random numbers handed in, so the same conversation comes out the same.
"""

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Literal, get_args

from corpora.labels import LabelledConversation, SlotValue
from nlp_lstm.scoring.perturb.casing import recased
from nlp_lstm.scoring.perturb.corrections import TAUGHT, Values, corrected
from nlp_lstm.scoring.perturb.edits import Edit, rewrite
from nlp_lstm.scoring.perturb.fillers import filled
from nlp_lstm.scoring.perturb.said import newly_held, said_values
from nlp_lstm.scoring.perturb.typos import mistyped
from nlp_lstm.scoring.state_errors import DONTCARE

Perturbation = Literal["typos", "casing", "fillers", "corrections"]
KINDS: tuple[Perturbation, ...] = get_args(Perturbation)
# Words are changed before letters are, so that what is said can still be found.
ORDER: tuple[Perturbation, ...] = ("corrections", "fillers", "typos", "casing")

# What happens to one turn of a conversation, by its number.
_TurnEdits = Callable[[LabelledConversation, int], Iterable[Edit]]


def perturbed(
    labelled: LabelledConversation,
    rng: random.Random,
    kinds: Collection[Perturbation],
    values: Values | None = None,
    *,
    phrases: Sequence[str] = TAUGHT,
    share: float = 1.0,
) -> LabelledConversation:
    """A conversation with its customer's turns perturbed and its labels where they belong now.

    Args:
        labelled: Left as it is.
        rng: Decides everything.
        kinds: Which perturbations; several are done one after the other.
        values: What each slot may hold, for second thoughts; without, nobody has any.
        phrases: What second thoughts are told by.
        share: Of the customer's turns that each kind is tried on.
    """
    for kind in ORDER:
        if kind in kinds:
            edits = _editor(kind, values or {}, phrases, rng)
            turns = labelled.conversation.turns
            labelled = rewrite(
                labelled,
                [
                    list(edits(labelled, number))
                    if turn.role in {None, "customer"} and rng.random() < share
                    else []
                    for number, turn in enumerate(turns)
                ],
            )
    return labelled


def slot_values(corpus: Iterable[LabelledConversation]) -> dict[str, tuple[str, ...]]:
    """What slots hold in a corpus, sorted; that anything will do is no value.

    What a single conversation has is left out where there is more: mostly it is a slip.
    """
    held: dict[str, Counter[str]] = {}
    for labelled in corpus:
        states = (labels.state or () for labels in labelled.labels)
        for slot, value in {(one.slot, one.value) for state in states for one in state}:
            if value.lower() not in DONTCARE:
                held.setdefault(slot, Counter())[value] += 1
    return {slot: tuple(sorted(_common(counts))) for slot, counts in held.items()}


def _common(counts: Counter[str]) -> list[str]:
    often = [value for value, count in counts.items() if count > 1]
    return often if len(often) > 1 else list(counts)


def newly_set(labelled: LabelledConversation, number: int) -> list[SlotValue]:
    """What a turn sets, by the states before and after it."""
    after = labelled.labels[number].state
    earlier: Iterator[Sequence[SlotValue] | None] = (
        labels.state for labels in reversed(labelled.labels[:number])
    )
    before = next((state for state in earlier if state is not None), ())
    return newly_held(before, after)


def _editor(
    kind: Perturbation, values: Values, phrases: Sequence[str], rng: random.Random
) -> _TurnEdits:
    def edits(labelled: LabelledConversation, number: int) -> Iterable[Edit]:
        text = labelled.conversation.turns[number].text
        match kind:
            case "typos":
                return mistyped(text, rng)
            case "casing":
                return recased(text, rng)
            case "fillers":
                named = [(s.start, s.end) for s in labelled.labels[number].entities or ()]
                said = said_values(text, newly_set(labelled, number))
                return filled(text, [*named, *((one.start, one.end) for one in said)], rng)
            case "corrections":
                return corrected(text, newly_set(labelled, number), values, phrases, rng)

    return edits
