"""Customers who take back one of several things: told into dialogues whose labels have none.

Corpora of orders add; nobody in them says "and leave out the fries". A turn that does, or that
only names the thing again, is put into some conversations, and the labels follow it.
"""

import random
from collections.abc import Container, Sequence
from dataclasses import replace

from corpora.conversation import Turn
from corpora.labels import LabelledConversation, SlotValue, TurnLabels

TAKING_BACK = (
    "actually no {value}",
    "remove the {value} please",
    "please cancel the {value}",
    "i do not want the {value} anymore",
    "take the {value} off",
    "sorry, without the {value}",
    "scratch the {value}",
    "leave out the {value}, thanks",
    "hold on, not the {value} after all",
    "i changed my mind about the {value}, drop it",
    "can you delete the {value} from my order?",
    "no {value} then",
)
NAMING_AGAIN = (
    "yes, the {value}",
    "did you get the {value}?",
    "the {value} should be hot please",
    "how much is the {value}?",
    "and do not forget the {value}",
    "the {value} is correct",
    "do not remove the {value}",
    "how long will the {value} take?",
)


def with_removal(
    labelled: LabelledConversation, several: Container[str], rng: random.Random
) -> LabelledConversation:
    """A conversation in which the customer takes one of several things back, or names it again.

    Args:
        labelled: As labelled. One that holds nothing in such a slot is returned as it is.
        several: Slots that hold several values.
        rng: Decides what is said, and where.
    """
    chances = [
        (index, one)
        for index, labels in enumerate(labelled.labels)
        for one in labels.state or ()
        if one.slot in several
    ]
    if not chances:
        return labelled
    after, thing = rng.choice(chances)
    taken = rng.random() < 0.7
    said = rng.choice(TAKING_BACK if taken else NAMING_AGAIN).format(value=thing.value)
    turns, labels = list(labelled.conversation.turns), list(labelled.labels)
    if taken:
        labels[after + 1 :] = _without(labels[after + 1 :], turns[after + 1 :], thing)
    state = tuple(one for one in labels[after].state or () if not taken or one != thing)
    turns.insert(after + 1, Turn(said, role="customer", meta=turns[after].meta))
    labels.insert(after + 1, TurnLabels(state=state))
    conversation = replace(labelled.conversation, turns=tuple(turns))
    return LabelledConversation(conversation, tuple(labels))


def _without(
    labels: Sequence[TurnLabels], turns: Sequence[Turn], thing: SlotValue
) -> list[TurnLabels]:
    """Labels of later turns without the thing, until somebody asks for it again."""
    found: list[TurnLabels] = []
    wanted = False
    for turn, own in zip(turns, labels, strict=True):
        wanted = wanted or any(
            span.label == thing.slot and turn.text[span.start : span.end] == thing.value
            for span in own.entities or ()
        )
        if wanted or own.state is None:
            found.append(own)
        else:
            found.append(replace(own, state=tuple(one for one in own.state if one != thing)))
    return found
