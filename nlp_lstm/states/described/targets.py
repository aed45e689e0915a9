"""What is right after the steps of a training batch, as tensors."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nlp_lstm.states.described.gold import KEEP, NOTHING, Entry, Example, Right
from nlp_lstm.states.described.situation import (
    ANY,
    FILLED,
    HELD_SAID,
    NOT_CUSTOMERS,
    OF_HELD,
    OFFER_HELD,
    OFFERED_BEFORE,
    OFFERED_NOW,
    VALUE_HELD,
    Situation,
)

_BEFORE = {Entry.PLAIN: 0, Entry.OFFER: 3, Entry.VALUE: 4}


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """What is right; dimensions as in `batches`, K candidates a slot.

    Attributes:
        right: Which candidates give the labelled value. (N, S, K) bool
        weights: Of each slot; 0 where nothing is to be learnt. (N, S)
        spans: Row, place, first and last word of labelled values of the customer. (P, 4)
        offers: The same of the other side. (O, 4)
        offers_known: Rows of which offers are labelled. (N,) bool
        requests: Asked about, 0 or 1. (N, S)
        requests_known: Rows of which requests are labelled. (N,) bool
        taken_back: Whether one of several values is, 0 or 1. (N, S)
        removable: Slots of which a value may be taken back. (N, S) bool
    """

    right: Tensor
    weights: Tensor
    spans: Tensor
    offers: Tensor
    offers_known: Tensor
    requests: Tensor
    requests_known: Tensor
    taken_back: Tensor
    removable: Tensor


@dataclass(frozen=True, slots=True)
class Noise:
    """What a tracker that errs would have missed.

    Attributes:
        forgotten: Share of filled slots, a step.
        unheard: Share of offers.
        rng: Decides which.
    """

    forgotten: float
    unheard: float
    rng: random.Random


@dataclass(frozen=True, slots=True)
class Seen:
    """An example as a tracker would see it that has missed something before.

    Attributes:
        situation: Without what was missed.
        right: As in `Example`.
        lost: Places of which nothing is to be learnt.
    """

    situation: Situation
    right: Mapping[int, list[Right]]
    lost: frozenset[int]


def see(examples: Sequence[Example], noise: Noise | None) -> list[Seen]:
    """A conversation as a tracker sees it that misses some of what is said.

    A slot that was missed stays empty until the labels change it; what can be told of it then
    is learnt, the steps between are not.
    """
    seen: list[Seen] = []
    lost: set[int] = set()
    unheard: set[int] = set()
    for example in examples:
        bits = list(example.situation.slots)
        right = dict(example.right)
        if noise is not None:
            for place, own in enumerate(bits):
                if own & (FILLED | ANY) and noise.rng.random() < noise.forgotten:
                    lost.add(place)
                if own & OFFERED_NOW:
                    unheard.discard(place)
                    if noise.rng.random() < noise.unheard:
                        unheard.add(place)
        recovered: set[int] = set()
        silent: set[int] = set()
        for place in lost:
            bits[place] &= ~OF_HELD
            found = [entry for entry in right.get(place, [KEEP]) if entry != KEEP]
            right[place] = found
            if found:
                recovered.add(place)
            else:
                silent.add(place)
        for place in unheard:
            bits[place] &= ~(OFFERED_NOW | OFFERED_BEFORE | OFFER_HELD)
            if (Entry.OFFER, 0) in right.get(place, ()):
                right[place] = [entry for entry in right[place] if entry[0] != Entry.OFFER]
        situation = example.situation
        if lost or unheard:
            situation = Situation(
                bits,
                {
                    key: value & ~VALUE_HELD if key[0] in lost else value
                    for key, value in situation.values.items()
                },
                [pair for pair in situation.copies if pair[1] not in lost],
            )
        seen.append(Seen(situation, right, frozenset(silent)))
        lost -= recovered
    return seen


def lay_targets(
    conversations: Sequence[Sequence[Example]],
    seen: Sequence[Sequence[Seen]],
    rows: tuple[int, int, int, int],
) -> Targets:
    """Lay out what is right.

    Args:
        conversations: The examples of each.
        seen: How they are seen.
        rows: T, S, A and L of the batch.
    """
    T, S, A, L = rows
    C = len(conversations)
    N, K = T * C, 4 + A + S + L
    right = np.zeros((N, S, K), dtype=np.bool_)
    weights = np.zeros((N, S), dtype=np.float32)
    requests = np.zeros((N, S), dtype=np.float32)
    offers_known, requests_known = np.zeros(N, dtype=np.bool_), np.zeros(N, dtype=np.bool_)
    taken_back = np.zeros((N, S), dtype=np.float32)
    removable = np.zeros((N, S), dtype=np.bool_)
    spans: list[tuple[int, int, int, int]] = []
    offers: list[tuple[int, int, int, int]] = []
    first = {**_BEFORE, Entry.COPY: 4 + A, Entry.START: 4 + A + S}
    for c, (examples, views) in enumerate(zip(conversations, seen, strict=True)):
        for t, (example, view) in enumerate(zip(examples, views, strict=True)):
            row = t * C + c
            for place, bits in enumerate(view.situation.slots):
                default = KEEP if bits & (FILLED | ANY) else NOTHING
                entries = view.right.get(place, [default])
                taught = entries and place not in view.lost and not bits & NOT_CUSTOMERS
                weights[row, place] = 1 if taught else 0
                for entry, index in entries:
                    right[row, place, first[Entry(entry)] + index] = True
            spans += [(row, *span) for span in example.spans]
            if example.offers is not None:
                offers_known[row] = True
                offers += [(row, *offer) for offer in example.offers]
            for place, taken in example.taken_back.items():
                # Of a slot that was missed the tracker does not know that its value is named.
                removable[row, place] = bool(view.situation.slots[place] & HELD_SAID)
                taken_back[row, place] = taken
            if example.requests is not None:
                requests_known[row] = True
                requests[row, list(example.requests)] = 1
    return Targets(
        right=torch.from_numpy(right),
        weights=torch.from_numpy(weights),
        spans=torch.tensor(spans, dtype=torch.int64).view(-1, 4),
        offers=torch.tensor(offers, dtype=torch.int64).view(-1, 4),
        offers_known=torch.from_numpy(offers_known),
        requests=torch.from_numpy(requests),
        requests_known=torch.from_numpy(requests_known),
        taken_back=torch.from_numpy(taken_back),
        removable=torch.from_numpy(removable),
    )
