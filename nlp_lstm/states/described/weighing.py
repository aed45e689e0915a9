"""From scores of candidates to probabilities: which slots change, and what gives them a value."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from nlp_lstm.states.described.batches import SituationBatch, Views
from nlp_lstm.states.described.network import LONGEST_SPAN, PLAIN
from nlp_lstm.states.described.readings import Candidates, Reading
from nlp_lstm.states.described.situation import ANY, FILLED, HELD_SAID, SEVERAL

# A slot that stays as it is with at least this probability stays so whatever else adds up.
SURE = 0.6
# What changing gains over staying, in logits, where training never saw the slot: of slots that are
# new to it the network believes too little. Chosen on training parts of corpora that it never read
# (python -m tests.benchmarks.bolder): more finds little more there, and fills more slots elsewhere.
BOLDER = 1.5
MOST_ENTRIES = 8
LEAST = 0.02  # probability of an entry that is looked at

NOTHING, KEEP = 0, 2


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
