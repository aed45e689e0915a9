"""From scores of candidates to what a slot holds next, why, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from corpora.labels import Evidence, Source
from nlp_lstm.states.described.batches import SituationBatch, Views
from nlp_lstm.states.described.belief import DONTCARE, Belief, Held
from nlp_lstm.states.described.network import LONGEST_SPAN, PLAIN
from nlp_lstm.states.described.plan import SchemaPlan, spoken
from nlp_lstm.states.described.reading import Places, Step
from nlp_lstm.states.described.readings import Candidates, Reading
from nlp_lstm.states.described.situation import ANY, FILLED, HELD_SAID, SEVERAL, said_words

# A slot that stays as it is with at least this probability stays so whatever else adds up.
SURE = 0.6
# What changing gains over staying, in logits, where training never saw the slot: of slots that are
# new to it the network believes too little. Chosen on training parts of corpora that it never read
# (python -m tests.benchmarks.bolder): more finds little more there, and fills more slots elsewhere.
BOLDER = 1.5
MOST_ENTRIES = 8
LEAST = 0.02  # probability of an entry that is looked at

NOTHING, KEEP = 0, 2


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


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """The candidates of some rows, weighed.

    Attributes:
        stays: Probability that a slot stays as it is. (rows, S)
        moving: Slots that need a closer look: for each row its places.
        entries: Row, place → the likeliest entries and their probabilities.
        ends: Row, place, first word → the last word.
        taken_back: Row and place of slots of several values that lose those that are named.
        listed: How many entries are listed values.
        places: How many are copies.
    """

    stays: list[list[float]]
    moving: list[list[int]]
    entries: dict[tuple[int, int], list[tuple[int, float]]]
    ends: dict[tuple[int, int, int], int]
    taken_back: set[tuple[int, int]]
    listed: int
    places: int


def weigh(
    candidates: Candidates,
    reading: Reading,
    situations: SituationBatch,
    views: Views,
    rows: slice,
) -> Weighed:
    """Work out which slots change, all rows at once.

    Args:
        candidates: Of these rows.
        reading: Of the whole batch.
        situations: Of these rows.
        views: Of the conversations of these rows.
        rows: Which.
    """
    exists = views.exists & views.settable
    logits = candidates.logits.clone()
    logits[..., [NOTHING, KEEP]] -= BOLDER * views.new[..., None]
    held = situations.slots & (FILLED | ANY) != 0
    several = situations.slots & SEVERAL != 0
    unchanged = torch.where(held, logits[..., KEEP], logits[..., NOTHING])
    alone = logits.softmax(dim=2)
    stays = torch.where(held, alone[..., KEEP], alone[..., NOTHING])
    # Any number of values may be added to a slot that holds several: each against no change.
    added = (logits - unchanged[..., None]).sigmoid()
    added[..., :PLAIN] = 0  # that it holds nothing, or any, is no value to add
    probabilities = torch.where(several[..., None], added, alone)
    strongest = added[..., PLAIN:].amax(dim=2)
    stays = torch.where(several, 1 - strongest, stays)
    lost = several & (situations.slots & HELD_SAID != 0) & (candidates.taken_back > 0)
    stays = torch.where(lost, 1 - candidates.taken_back.sigmoid(), stays)
    stays = stays.masked_fill(~exists, 1.0)
    moving = exists & torch.where(several, (strongest > 0.5) | lost, stays < SURE)
    pairs = moving.nonzero().tolist()
    entries: dict[tuple[int, int], list[tuple[int, float]]] = {}
    ends: dict[tuple[int, int, int], int] = {}
    if pairs:
        # By score: probabilities near 1 are all the same, and which came first would be chance.
        scores = logits[moving]
        places = scores.topk(min(MOST_ENTRIES, scores.shape[1]), dim=1).indices
        best = probabilities[moving].gather(1, places)
        first = 4 + candidates.listed + logits.shape[1]
        lasts = _lasts(reading.ends[rows][moving], places - first)
        for (row, place), masses, where, closing in zip(
            pairs, best.tolist(), places.tolist(), lasts.tolist(), strict=True
        ):
            entries[row, place] = [
                (entry, mass)
                for entry, mass in zip(where, masses, strict=True)
                if mass > min(LEAST, masses[0] / 2)
            ]
            for entry, last in zip(where, closing, strict=True):
                if entry >= first:
                    ends[row, place, entry - first] = last
    by_row: list[list[int]] = [[] for _ in range(len(logits))]
    for row, place in pairs:
        by_row[row].append(place)
    taken_back = {(row, place) for row, place in lost.nonzero().tolist()}
    return Weighed(
        stays.tolist(), by_row, entries, ends, taken_back, candidates.listed, logits.shape[1]
    )


def _lasts(ends: Tensor, firsts: Tensor) -> Tensor:
    """The likeliest last word for each first: ends (M, L), firsts (M, k) → (M, k)."""
    L = ends.shape[1]
    words = firsts.clamp(min=0)[..., None] + torch.arange(LONGEST_SPAN, device=ends.device)
    scores = ends[:, None].expand(-1, firsts.shape[1], -1).gather(2, words.clamp(max=L - 1))
    # A value ends before the side that says it does.
    inside = ((scores > -torch.inf) & (words < L)).cumprod(dim=2).bool()
    scores = scores.masked_fill(~inside, -torch.inf)
    return firsts.clamp(min=0) + scores.argmax(dim=2)


class Named(NamedTuple):
    """Words [first, last] with which the other side names something for the slot at a place."""

    row: int
    place: int
    first: int
    last: int
    probability: float


def offered(reading: Reading, exists: Tensor) -> list[Named]:
    """What the other side names for slots.

    Args:
        reading: Of the whole batch.
        exists: Which places there are. (N, S) bool
    """
    odds, firsts = reading.offers.max(dim=2)
    named = exists & (odds > 0) & (odds < torch.inf)
    pairs = named.nonzero()
    if not len(pairs):
        return []
    chosen = firsts[named][:, None]
    lasts = _lasts(reading.ends[named], chosen)
    sure = odds[named].sigmoid().tolist()
    return [
        Named(row, place, first, last, probability)
        for (row, place), (first,), (last,), probability in zip(
            pairs.tolist(), chosen.tolist(), lasts.tolist(), sure, strict=True
        )
    ]


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
