"""MultiDoGO as state tracking: what the customer has given so far, from the turn-level labels.

The publisher labels words; the state after a turn follows from them. A slot is `domain-label`, as
in `airline-name`, its value the text of the span:

    hi i am kavisri              name: kavisri    → airline-name = kavisri
    sorry it is kavi             name: kavi       → airline-name = kavi

Customers correct themselves, so a newer value replaces the older one, except in the slots of
`SEVERAL`: a second drink does not take the first one back.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from corpora.labels import EntitySpan, LabelledConversation, SlotValue, TurnLabels
from corpora.published import multidogo
from corpora.published.files import Split

# Labels whose turns name several different things that are all meant, in the training turns:
# expense types in a third of them, ingredients and costs in a quarter, the others less often.
SEVERAL = frozenset(
    {
        "fastfood-drink_item",
        "fastfood-excluded_ingredient",
        "fastfood-food_item",
        "fastfood-ingredient",
        "fastfood-quantity",
        "fastfood-size",
        "media-service_type",
        "software-cost",
        "software-expense_type",
        "software-item_code",
        "software-item_name",
        "software-software_name",
    }
)

# What desks call otherwise and mean alike.
SAME = {"username": "name", "phonenumber": "phone_number"}

_read_turns = multidogo.reader("turn")


def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    """Yield the conversations of one split with the state after each turn.

    Args:
        root: The publisher's folder, with `data/paper_splits/` in it.
        split: Which files of `splits_annotated_at_turn_level/`.
        losses: Counts the labels that are left out, by reason.

    Raises:
        InputError: A file is missing or has another shape.
    """
    return map(_tracked, _read_turns(root, split, losses))


def read_support(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    """As `read`, with the slots of one support desk: a `name` is a name in every domain.

    Args:
        root: As in `read`.
        split: As in `read`.
        losses: As in `read`.

    Raises:
        InputError: As in `read`.
    """
    return map(_of_one_desk, read(root, split, losses))


def _of_one_desk(labelled: LabelledConversation) -> LabelledConversation:
    meta = {key: value for key, value in labelled.conversation.meta.items() if key != "services"}
    turns = tuple(
        replace(turn, meta={key: value for key, value in turn.meta.items() if key != "services"})
        for turn in labelled.conversation.turns
    )
    labels = tuple(
        replace(
            own,
            entities=tuple(replace(span, label=_slot(span.label)) for span in own.entities or ()),
            state=tuple(sorted(replace(one, slot=_slot(one.slot)) for one in own.state or ())),
        )
        for own in labelled.labels
    )
    conversation = replace(labelled.conversation, turns=turns, meta=meta)
    return LabelledConversation(conversation, labels)


def _slot(name: str) -> str:
    """A slot's name without its domain: `name` of `airline-name`."""
    label = name.partition("-")[2]
    return SAME.get(label, label)


def _tracked(labelled: LabelledConversation) -> LabelledConversation:
    domain = labelled.conversation.meta["domain"]
    meta = {**labelled.conversation.meta, "services": [domain]}
    held: list[SlotValue] = []
    turns, labels = [], []
    for turn, marked in zip(labelled.conversation.turns, labelled.labels, strict=True):
        entities = _joined(marked.entities or (), domain, turn.text)
        for span in entities:
            held = add(held, SlotValue(span.label, turn.text[span.start : span.end]))
        turns.append(replace(turn, meta={**turn.meta, "services": [domain]}))
        labels.append(TurnLabels(entities=entities, state=tuple(sorted(held))))
    conversation = replace(labelled.conversation, turns=tuple(turns), meta=meta)
    return LabelledConversation(conversation, tuple(labels))


def add(held: Iterable[SlotValue], given: SlotValue) -> list[SlotValue]:
    """What is held after `given`: it joins in a slot of `SEVERAL`, in others it replaces."""
    rest = [one for one in held if one.slot != given.slot or one.slot in SEVERAL]
    return rest if given in rest else [*rest, given]


def _joined(spans: Iterable[EntitySpan], domain: str, text: str) -> tuple[EntitySpan, ...]:
    # A line break is a word that nobody labelled: it cuts addresses in two.
    joined: list[EntitySpan] = []
    for span in spans:
        named = replace(span, label=f"{domain}-{span.label}")
        if joined and _continues(joined[-1], named, text):
            joined[-1] = replace(joined[-1], end=named.end)
        else:
            joined.append(named)
    return tuple(joined)


def _continues(last: EntitySpan, span: EntitySpan, text: str) -> bool:
    one_value = last.label == span.label and span.label not in SEVERAL
    return one_value and not text[last.end : span.start].strip()
