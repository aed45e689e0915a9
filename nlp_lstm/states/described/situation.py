"""What a step means to the slots, given what is believed: the same for training and tracking.

It looks at words, never at what the network makes of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from nlp_lstm.states.described.belief import Belief, Mention, Offer
from nlp_lstm.states.described.patterns import matches
from nlp_lstm.states.described.plan import SchemaPlan, fold
from nlp_lstm.states.described.reading import Places, Step

SLOT_FEATURES = (
    "filled",
    "don't care",
    "offered now",
    "offered before",
    "offer is the present value",
    "present value said by the customer now",
    "present value said by the other side now",
    "listed value said by the customer now",
    "listed value said by the other side now",
    "holds several values",
    "its group holds something",
    "its group changed at the last step",
    "customers may not set it",
)
_SLOT = {name: 1 << place for place, name in enumerate(SLOT_FEATURES)}
FILLED, ANY = _SLOT["filled"], _SLOT["don't care"]
OFFERED_NOW, OFFERED_BEFORE = _SLOT["offered now"], _SLOT["offered before"]
OFFER_HELD = _SLOT["offer is the present value"]
HELD_SAID = _SLOT["present value said by the customer now"]
HELD_ANSWERED = _SLOT["present value said by the other side now"]
LISTED_SAID = _SLOT["listed value said by the customer now"]
LISTED_ANSWERED = _SLOT["listed value said by the other side now"]
SEVERAL = _SLOT["holds several values"]
GROUP_HOLDS = _SLOT["its group holds something"]
GROUP_CHANGED = _SLOT["its group changed at the last step"]
NOT_CUSTOMERS = _SLOT["customers may not set it"]
# What a tracker that missed a value would not know of its slot.
OF_HELD = FILLED | ANY | OFFER_HELD | HELD_SAID | HELD_ANSWERED

VALUE_FEATURES = (
    "said by the customer now",
    "said by the other side now",
    "present value",
    "the other side's latest",
)
VALUE_SAID, VALUE_ANSWERED, VALUE_HELD, VALUE_LATEST = (1 << place for place in range(4))


@dataclass(frozen=True, slots=True)
class Situation:
    """Features of the slots in view.

    Attributes:
        slots: Bits of each, as `SLOT_FEATURES` names them.
        values: (place of the slot, value) → bits, as `VALUE_FEATURES` names them; 0 where absent.
        copies: (place of the slot, place of the slot it may copy from).
    """

    slots: list[int]
    values: dict[tuple[int, int], int] = field(default_factory=dict)
    copies: list[tuple[int, int]] = field(default_factory=list)


def heard(step: Step, places: Places, belief: Belief, offers: Mapping[int, Offer]) -> Belief:
    """The belief with what the step's other side says.

    Args:
        step: The words.
        places: Where they stand.
        belief: After the step before.
        offers: What the other side names now, by slot.
    """
    mentioned = {
        match.slot: Mention(match.value, *places.said(match.first, match.last))
        for match in step.matches
        if match.first < step.user_starts
    }
    if not offers and not mentioned:
        return belief
    return replace(
        belief,
        offers=MappingProxyType({**belief.offers, **offers}),
        mentioned=MappingProxyType({**belief.mentioned, **mentioned}),
    )


def situate(plan: SchemaPlan, view: Sequence[int], step: Step, belief: Belief) -> Situation:
    """Say what a step means to slots.

    Args:
        plan: Of the schema.
        view: The slots that are followed.
        step: The words.
        belief: Before the step; its offers are those of the step's own other side included.
    """
    answered = f" {' '.join(fold(form) for form in step.forms[1 : step.user_starts])} "
    said = f" {said_words(step)} "
    holding = {plan.slots[slot].group for slot in belief.held}
    place_of = {slot: place for place, slot in enumerate(view)}
    found = Situation([0] * len(view))
    for place, slot in enumerate(view):
        own = plan.slots[slot]
        bits = SEVERAL if own.slot.several else 0
        bits |= GROUP_HOLDS if own.group in holding else 0
        bits |= GROUP_CHANGED if own.group in belief.changed else 0
        bits |= 0 if "customer" in own.slot.set_by else NOT_CUSTOMERS
        held = belief.held.get(slot, ())
        offer = belief.offers.get(slot)
        if held:
            bits |= ANY if held[0].is_dontcare else FILLED
            for value in held:
                if value.words:
                    bits |= HELD_SAID if f" {value.words} " in said else 0
                    bits |= HELD_ANSWERED if f" {value.words} " in answered else 0
                if offer is not None and offer.words == value.words:
                    bits |= OFFER_HELD
                if value.value in own.values:
                    _mark(found, place, own.values.index(value.value), VALUE_HELD)
        if offer is not None:
            bits |= OFFERED_NOW if offer.step == belief.step else OFFERED_BEFORE
        if slot in belief.mentioned:
            _mark(found, place, belief.mentioned[slot].value, VALUE_LATEST)
        found.slots[place] = bits
    for match in step.matches:
        place = place_of.get(match.slot, -1)
        if place >= 0:
            by_customer = match.first > step.user_starts
            _mark(found, place, match.value, VALUE_SAID if by_customer else VALUE_ANSWERED)
            # One of several is named by an alias, too.
            bits = found.values[place, match.value] if found.slots[place] & SEVERAL else 0
            named = HELD_SAID if by_customer and bits & VALUE_HELD else 0
            found.slots[place] |= named | (LISTED_SAID if by_customer else LISTED_ANSWERED)
    for slot, values in belief.held.items():
        if slot in place_of and not values[0].is_dontcare and not plan.slots[slot].slot.several:
            theirs = place_of[slot]
            found.copies.extend(
                (place_of[taker], theirs)
                for taker in plan.copied_by[slot]
                if taker in place_of and _fits(plan, taker, values[0].value)
            )
    return found


def said_words(step: Step) -> str:
    """The customer's words as values are looked for among them."""
    return " ".join(fold(form) for form in step.forms[step.user_starts + 1 :])


def _mark(found: Situation, place: int, value: int, bit: int) -> None:
    found.values[place, value] = found.values.get((place, value), 0) | bit


def _fits(plan: SchemaPlan, taker: int, value: str) -> bool:
    own = plan.slots[taker]
    if own.values:
        return value in own.values
    return own.slot.pattern is None or matches(own.slot.pattern, value)
