"""A step against the labelled state after it: which of the tracker's candidates are right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from types import MappingProxyType

from corpora.labels import Evidence, SlotValue
from nlp_lstm.states.described.belief import DONTCARE, Belief, Held
from nlp_lstm.states.described.plan import FALSE, TRUE, SchemaPlan, fold, spoken
from nlp_lstm.states.described.reading import Places, Step
from nlp_lstm.states.described.situation import HELD_SAID, Situation
from nlp_lstm.values import normalise

NORMALISED = frozenset({"time", "date", "money", "number", "phone"})


class Entry(IntEnum):
    """What gives a slot its value."""

    PLAIN = 0  # nothing, don't care, keep: index 0, 1, 2
    OFFER = 1
    VALUE = 2  # a listed value, by its index
    COPY = 3  # from the slot at that place
    START = 4  # words of the customer that begin there


NOTHING, ANYTHING, KEEP = (Entry.PLAIN, 0), (Entry.PLAIN, 1), (Entry.PLAIN, 2)
Right = tuple[int, int]  # an entry and its index


@dataclass(frozen=True, slots=True)
class Example:
    """A step, and what is right after it. Places index the view.

    Attributes:
        step: The words.
        view: The slots that are followed.
        situation: Their features, knowing the labelled state before.
        right: Place → the entries that give the labelled value. Slots that are absent keep what
            they hold, or stay empty. An empty list: nothing that the tracker sees gives it.
        spans: Place and words [first, last] of the customer that say a labelled value.
        offers: The same of the other side; None where the corpus does not label it.
        requests: Places that are asked about; None where the corpus does not label it.
        taken_back: Place of each slot of several values of which the customer names one that it
            holds → whether one is taken back.
    """

    step: Step
    view: Sequence[int]
    situation: Situation
    right: Mapping[int, list[Right]]
    spans: Sequence[tuple[int, int, int]]
    offers: Sequence[tuple[int, int, int]] | None
    requests: Sequence[int] | None
    taken_back: Mapping[int, bool]


@dataclass(frozen=True, slots=True)
class GoldStep:
    """A step against the labelled state after it."""

    plan: SchemaPlan
    view: Sequence[int]
    step: Step
    places: Places
    belief: Belief
    situation: Situation
    gold: Mapping[int, list[SlotValue]]
    marked: Mapping[int, list[tuple[int, int]]]

    def example(
        self, offers: list[tuple[int, int, int]] | None, requests: list[int] | None
    ) -> Example:
        """The step as training reads it."""
        right: dict[int, list[Right]] = {}
        spans: list[tuple[int, int, int]] = []
        taken_back: dict[int, bool] = {}
        for place, slot in enumerate(self.view):
            held = self.belief.held.get(slot, ())
            values = self.gold.get(slot, [])
            if self.plan.slots[slot].slot.several and self.situation.slots[place] & HELD_SAID:
                known = {value.value for value in values}
                taken_back[place] = any(value.value not in known for value in held)
            if not values:
                if held:
                    right[place] = [NOTHING]
                continue
            if self.plan.slots[slot].slot.several:
                entries, said = self._additions(place, slot, values)
                if entries or said:
                    right[place] = entries
            else:
                entries, said = self._entries(place, slot, values[0])
                if entries != [KEEP]:
                    right[place] = entries
            spans += [(place, first, last) for first, last in said]
        return Example(
            self.step, self.view, self.situation, right, spans, offers, requests, taken_back
        )

    def after(self) -> Belief:
        """What is believed after the step if all is right."""
        held: dict[int, tuple[Held, ...]] = {}
        for slot, values in self.gold.items():
            before = {value.value: value for value in self.belief.held.get(slot, ())}
            held[slot] = tuple(
                before.get(value.value) or self._held(slot, value) for value in values
            )
        changed = frozenset(
            self.plan.slots[slot].group
            for slot in {*held, *self.belief.held}
            if held.get(slot) != self.belief.held.get(slot)
        )
        return replace(
            self.belief,
            step=self.belief.step + 1,
            held=MappingProxyType(held),
            changed=changed,
        )

    def _held(self, slot: int, value: SlotValue) -> Held:
        if value.value == DONTCARE:
            return Held(DONTCARE, "", None, "implied", DONTCARE)
        said = self._said(slot, value)
        raw: str = value.value
        evidence: Evidence | None = None
        if said:
            raw, evidence = self.places.said(*said[0])
        elif slot in self.belief.offers and self._equal(
            slot, self.belief.offers[slot].words, value
        ):
            raw = self.belief.offers[slot].raw
        return Held(value.value, raw, evidence, "said", spoken(raw))

    def _entries(
        self, place: int, slot: int, value: SlotValue
    ) -> tuple[list[Right], list[tuple[int, int]]]:
        """All that gives a slot its one labelled value."""
        held = self.belief.held.get(slot, ())
        entries: list[Right] = []
        if held and held[0].value == value.value:
            entries.append(KEEP)
        if value.value == DONTCARE:
            return [*entries, ANYTHING], []
        said: list[tuple[int, int]] = []
        plan = self.plan.slots[slot]
        if plan.values:
            number = _listed(plan.values, value)
            if number is not None:
                entries.append((Entry.VALUE, number))
        else:
            said = self._said(slot, value)
            entries += [(Entry.START, first) for first, _ in said]
            offer = self.belief.offers.get(slot)
            if offer is not None and self._equal(slot, offer.words, value):
                entries.append((Entry.OFFER, 0))
        for taker, theirs in self.situation.copies:
            other = self.belief.held.get(self.view[theirs])
            if taker == place and other and self._equal(slot, other[0].words, value):
                entries.append((Entry.COPY, theirs))
        return entries, said

    def _additions(
        self, place: int, slot: int, values: Sequence[SlotValue]
    ) -> tuple[list[Right], list[tuple[int, int]]]:
        """All that adds to a slot that holds several values."""
        del place
        held = {value.value for value in self.belief.held.get(slot, ())}
        entries: list[Right] = []
        said: list[tuple[int, int]] = []
        for value in values:
            if value.value in held:
                continue
            plan = self.plan.slots[slot]
            number = _listed(plan.values, value) if plan.values else None
            if number is not None:
                entries.append((Entry.VALUE, number))
            elif not plan.values:
                spans = self._said(slot, value)
                said += spans
                entries += [(Entry.START, first) for first, _ in spans]
        return entries, said

    def _said(self, slot: int, value: SlotValue) -> list[tuple[int, int]]:
        """Words of the customer that say a value: as labelled, else wherever they stand."""
        marked = [
            span
            for span in self.marked.get(slot, ())
            if self._equal(slot, spoken(self.places.said(*span)[0]), value)
        ]
        return marked or self._found(slot, value)

    def _found(self, slot: int, value: SlotValue) -> list[tuple[int, int]]:
        first_word = self.step.user_starts + 1
        words = [fold(form) for form in self.step.forms[first_word:]]
        found: list[tuple[int, int]] = []
        for spelling in (value.value, *value.also):
            wanted = spoken(spelling).split()
            length = len(wanted)
            found.extend(
                (first_word + first, first_word + first + length - 1)
                for first in range(len(words) - length + 1)
                if length and words[first : first + length] == wanted
            )
        if found or self.plan.slots[slot].slot.kind not in NORMALISED:
            return list(dict.fromkeys(found))
        return [span for span in self._tagged() if self._equal(slot, self._raw(span), value)]

    def _raw(self, span: tuple[int, int]) -> str:
        return self.places.said(*span)[0]

    def _tagged(self) -> Iterator[tuple[int, int]]:
        """Words of the customer that lie in a value of some kind."""
        tags = self.step.tags
        place = self.step.user_starts + 1
        while place < len(tags):
            if tags[place] % 2:  # a beginning
                last = place
                while last + 1 < len(tags) and tags[last + 1] == tags[place] + 1:
                    last += 1
                yield place, last
                place = last
            place += 1

    def _equal(self, slot: int, words: str, value: SlotValue) -> bool:
        """Whether some words say a labelled value."""
        spellings = (value.value, *value.also)
        said = spoken(words)
        if any(said == spoken(spelling) for spelling in spellings):
            return True
        kind = self.plan.slots[slot].slot.kind
        if kind not in NORMALISED:
            return False
        read = normalise(kind, words)
        return read is not None and any(normalise(kind, each) == read for each in spellings)


def _listed(values: Sequence[str], value: SlotValue) -> int | None:
    """Which listed value a label means."""
    spellings = {value.value.casefold(), *(each.casefold() for each in value.also)}
    if values == (TRUE, FALSE):
        spellings &= {TRUE, FALSE}
    for number, name in enumerate(values):
        if name.casefold() in spellings:
            return number
    return None
