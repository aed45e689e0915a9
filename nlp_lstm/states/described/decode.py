"""From weighed candidates to what a slot holds next, why, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpora.labels import Evidence, Source
from nlp_lstm.states.described.belief import DONTCARE, Belief, Held
from nlp_lstm.states.described.network import PLAIN
from nlp_lstm.states.described.plan import SchemaPlan, spoken
from nlp_lstm.states.described.reading import Places, Step
from nlp_lstm.states.described.situation import said_words
from nlp_lstm.states.described.weighing import KEEP, NOTHING, Weighed


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a slot may hold next.

    Attributes:
        value: The listed value, or the words as they were said; None empties the slot.
        raw: As it was said; empty where it was not.
        words: What the value is recognised by.
        evidence: Where it was said.
        source: Why the slot should hold it.
        probability: Of all entries that give it, together.
    """

    value: str | None
    raw: str
    words: str
    evidence: Evidence | None
    source: Source
    probability: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the network says of one slot.

    Attributes:
        place: Of the slot in the view.
        stays: Probability that nothing changes.
        proposals: What changes; at most one for a slot of one value.
        taken_back: Words of the values that a slot of several loses.
    """

    place: int
    stays: float
    proposals: tuple[Proposal, ...]
    taken_back: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judge:
    """What entries mean at one step of one conversation."""

    plan: SchemaPlan
    view: Sequence[int]
    step: Step
    places: Places
    belief: Belief

    def verdict(self, weighed: Weighed, row: int, place: int) -> Verdict:
        """What the network says of a slot that may change."""
        slot = self.plan.slots[self.view[place]]
        proposals = [
            self._proposal(weighed, row, place, entry, mass)
            for entry, mass in weighed.entries[row, place]
        ]
        stays = weighed.stays[row][place]
        if slot.slot.several:
            lost = self._named(self.view[place]) if (row, place) in weighed.taken_back else ()
            added = [one for one in proposals if one.probability > 0.5 and one.words not in lost]
            return Verdict(place, stays, _apart(added), lost)
        masses: dict[str | None, float] = {}
        first: dict[str | None, Proposal] = {}  # the likeliest, whose evidence is kept
        for proposal in proposals:
            key = None if proposal.value is None else proposal.words
            masses[key] = masses.get(key, 0.0) + proposal.probability
            first.setdefault(key, proposal)
        likeliest = max(masses, key=masses.__getitem__)
        held = self.belief.held.get(self.view[place], ())
        present = held[0].words if held else None
        if likeliest == present:
            return Verdict(place, masses[likeliest], ())
        best = replace(first[likeliest], probability=masses[likeliest])
        return Verdict(place, masses.get(present, 0.0), (best,))

    def _named(self, slot: int) -> tuple[str, ...]:
        """The values of a slot that the customer names now."""
        said = f" {said_words(self.step)} "
        listed = {
            self.plan.slots[slot].values[match.value]
            for match in self.step.matches
            if match.slot == slot and match.first > self.step.user_starts
        }
        held = self.belief.held.get(slot, ())
        return tuple(one.words for one in held if one.value in listed or f" {one.words} " in said)

    def _proposal(
        self, weighed: Weighed, row: int, place: int, entry: int, mass: float
    ) -> Proposal:
        slot = self.view[place]
        first_copy = 4 + weighed.listed
        first_word = first_copy + weighed.places
        if entry < PLAIN:
            return self._plain(slot, entry, mass)
        if entry == PLAIN:
            offer = self.belief.offers[slot]
            return Proposal(offer.raw, offer.raw, offer.words, offer.evidence, "accepted", mass)
        if entry < first_copy:
            return self._listed(slot, entry - PLAIN - 1, mass)
        if entry < first_word:
            theirs = self.belief.held[self.view[entry - first_copy]][0]
            return _of_held(theirs, "copied", mass)
        first = entry - first_word
        raw, evidence = self.places.said(first, weighed.ends[row, place, first])
        return Proposal(raw, raw, spoken(raw), evidence, "said", mass)

    def _plain(self, slot: int, entry: int, mass: float) -> Proposal:
        if entry == NOTHING:
            return Proposal(None, "", "", None, "implied", mass)
        if entry == KEEP:
            return _of_held(self.belief.held[slot][0], "said", mass)
        return Proposal(DONTCARE, "", DONTCARE, None, "implied", mass)

    def _listed(self, slot: int, value: int, mass: float) -> Proposal:
        """A listed value: said now, offered before, or implied by other words."""
        own = self.plan.slots[slot]
        name, words = own.values[value], own.spoken[value]
        for match in reversed(self.step.matches):
            if (match.slot, match.value) == (slot, value):
                raw, evidence = self.places.said(match.first, match.last)
                source: Source = "said" if match.first > self.step.user_starts else "accepted"
                return Proposal(name, raw, words, evidence, source, mass)
        mention = self.belief.mentioned.get(slot)
        if mention is not None and mention.value == value:
            return Proposal(name, mention.raw, words, mention.evidence, "accepted", mass)
        return Proposal(name, "", words, None, "implied", mass)


def _of_held(held: Held, source: Source, mass: float) -> Proposal:
    return Proposal(held.value, held.raw, held.words, held.evidence, source, mass)


def _apart(proposals: Sequence[Proposal]) -> tuple[Proposal, ...]:
    """Of proposals whose words overlap only the likeliest."""
    kept: list[Proposal] = []
    for proposal in proposals:
        place = proposal.evidence
        if place is None or all(not _overlap(place, other.evidence) for other in kept):
            kept.append(proposal)
    return tuple(kept)


def _overlap(one: Evidence, other: Evidence | None) -> bool:
    return (
        other is not None
        and one.turn == other.turn
        and one.start < other.end
        and other.start < one.end
    )
