"""Steps of several conversations as one set of tensors.

Steps are laid out by time: step t of conversation c is row `t * C + c`. Conversations may follow
different slots; a place is where a slot stands among those that its conversation follows.

Dimensions: C conversations, T steps of the longest, N = T * C rows, R steps that exist, L words of
the longest step, S places, V listed values of a conversation's slots, A of one slot.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from nlp_lstm.states.described.plan import SchemaPlan
from nlp_lstm.states.described.reading import Step
from nlp_lstm.states.described.situation import SLOT_FEATURES, VALUE_FEATURES, Situation
from nlp_lstm.text.forms import FormTable

_SLOT_SHIFTS = torch.arange(len(SLOT_FEATURES))
_VALUE_SHIFTS = torch.arange(len(VALUE_FEATURES))
_LONGEST_DESCRIPTION = 40  # words


@dataclass(frozen=True, slots=True, eq=False)
class SlotWords:
    """The words of slots and of their listed values.

    Attributes:
        names: Form numbers of their names. (U, …)
        descriptions: Of their descriptions. (U, …)
        kinds: (U,)
        value_words: Form numbers. (W, E)
        value_slots: The slot of each value. (W,)
    """

    names: Tensor
    descriptions: Tensor
    kinds: Tensor
    value_words: Tensor
    value_slots: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """Which slots each conversation follows, as numbers into `SlotWords`.

    Attributes:
        slots: (C, S); 0 where there is none.
        exists: (C, S) bool
        kinds: (C, S)
        settable: Whether anybody may set it. (C, S) bool
        new: Whether training never saw it. (C, S) bool
        values: Listed values of the slots in view, as numbers into `SlotWords`. (C, V)
        value_places: The place of each. (C, V)
        listed: For each place its values as numbers into `values`. (C, S, A)
        listed_exists: (C, S, A) bool
        numbers: (place, value of the slot) → number into `values`, by conversation.
    """

    slots: Tensor
    exists: Tensor
    kinds: Tensor
    settable: Tensor
    new: Tensor
    values: Tensor
    value_places: Tensor
    listed: Tensor
    listed_exists: Tensor
    numbers: list[dict[tuple[int, int], int]]

    def first(self, count: int) -> "Views":
        """Those of the first conversations."""
        return Views(*(getattr(self, field.name)[:count] for field in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class StepBatch:
    """What is read.

    Attributes:
        conversations: C.
        steps: T.
        words: Form numbers, shorter steps first. (R, L)
        tags: Kinds of value. (R, L)
        lengths: Words of each step, ascending. (R,)
        user_starts: Where the customer's side begins. (R,)
        rows: Where each step stands among the N rows. (R,)
        owners: The conversation of each step. (R,)
        matches: Listed values said: step, place, first word, last word. (M, 4)
        patterned: Words that match the pattern of the slot at a place, likewise. (P, 4)
        pattern_odds: What each of them says. (P,)
    """

    conversations: int
    steps: int
    words: Tensor
    tags: Tensor
    lengths: Tensor
    user_starts: Tensor
    rows: Tensor
    owners: Tensor
    matches: Tensor
    patterned: Tensor
    pattern_odds: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class SituationBatch:
    """What steps mean to slots, given what is believed; for any rows.

    Attributes:
        slots: Bits. (rows, S)
        values: Bits. (rows, V)
        copies: Whether a place may copy from another. (rows, S, S) bool
    """

    slots: Tensor
    values: Tensor
    copies: Tensor

    @property
    def slot_features(self) -> Tensor:
        """The same as 0 or 1: (rows, S, F)."""
        return ((self.slots[..., None] >> _SLOT_SHIFTS.to(self.slots.device)) & 1).float()

    @property
    def value_features(self) -> Tensor:
        """The same as 0 or 1: (rows, V, F)."""
        return ((self.values[..., None] >> _VALUE_SHIFTS.to(self.values.device)) & 1).float()


def slot_words(plan: SchemaPlan, slots: Sequence[int], table: FormTable) -> SlotWords:
    """The words of some slots, in their order, and of all values that they are offered."""
    chosen = [plan.slots[slot] for slot in slots]
    values = [table.ids(words) for slot in chosen for words in slot.value_words]
    return SlotWords(
        names=_padded([table.ids(slot.name) for slot in chosen]),
        descriptions=_padded(
            [table.ids(slot.description[:_LONGEST_DESCRIPTION]) for slot in chosen]
        ),
        kinds=torch.tensor([slot.kind for slot in chosen]),
        value_words=_padded(values or [[FormTable.PADDING]]),
        value_slots=torch.tensor(
            [number for number, slot in enumerate(chosen) for _ in slot.values] or [0]
        ),
    )


def lay_views(plan: SchemaPlan, views: Sequence[Sequence[int]], slots: Sequence[int]) -> Views:
    """Number the slots and values that each conversation follows.

    Args:
        plan: Of the schema.
        views: The slots of each conversation.
        slots: The slots of `SlotWords`, in its order.
    """
    number = {slot: place for place, slot in enumerate(slots)}
    first_value: dict[int, int] = {}
    count = 0
    for slot in slots:
        first_value[slot] = count
        count += len(plan.slots[slot].values)
    C, S = len(views), max(map(len, views))
    A = max((len(plan.slots[slot].values) for view in views for slot in view), default=0) or 1
    V = max(sum(len(plan.slots[slot].values) for slot in view) for view in views) or 1
    chosen, exists, kinds, settable, new = (_zeros(C, S) for _ in range(5))
    values, places = _zeros(C, V), _zeros(C, V)
    listed, listed_exists = _zeros(C, S, A), _zeros(C, S, A)
    numbers: list[dict[tuple[int, int], int]] = []
    for c, view in enumerate(views):
        known: dict[tuple[int, int], int] = {}
        for place, slot in enumerate(view):
            chosen[c, place], exists[c, place] = number[slot], 1
            kinds[c, place] = plan.slots[slot].kind
            settable[c, place] = bool(plan.slots[slot].slot.set_by)
            new[c, place] = plan.slots[slot].is_new
            for value in range(len(plan.slots[slot].values)):
                at = len(known)
                known[place, value] = at
                values[c, at], places[c, at] = first_value[slot] + value, place
                listed[c, place, value], listed_exists[c, place, value] = at, 1
        numbers.append(known)
    return Views(
        slots=torch.from_numpy(chosen),
        exists=torch.from_numpy(exists).bool(),
        kinds=torch.from_numpy(kinds),
        settable=torch.from_numpy(settable).bool(),
        new=torch.from_numpy(new).bool(),
        values=torch.from_numpy(values),
        value_places=torch.from_numpy(places),
        listed=torch.from_numpy(listed),
        listed_exists=torch.from_numpy(listed_exists).bool(),
        numbers=numbers,
    )


def lay_steps(
    conversations: Sequence[Sequence[Step]], views: Sequence[Sequence[int]], table: FormTable
) -> StepBatch:
    """Lay out the next steps of conversations, at least one in all."""
    C, T = len(conversations), max(map(len, conversations))
    placed = [
        (len(step.forms), t * C + c, step)
        for c, steps in enumerate(conversations)
        for t, step in enumerate(steps)
    ]
    placed.sort(key=lambda item: item[:2])
    L = placed[-1][0]
    words, tags = _zeros(len(placed), L), _zeros(len(placed), L)
    places = [{slot: place for place, slot in enumerate(view)} for view in views]
    matches: list[int] = []
    patterned: list[int] = []
    odds: list[float] = []
    for r, (length, row, step) in enumerate(placed):
        words[r, :length] = table.ids(step.forms)
        tags[r, :length] = step.tags
        known = places[row % C]
        for slot, _, first, last in step.matches:
            if slot in known:
                matches += (r, known[slot], first, last)
        for slot, first, last, said in step.patterned:
            if slot in known:
                patterned += (r, known[slot], first, last)
                odds.append(said)
    return StepBatch(
        conversations=C,
        steps=T,
        words=torch.from_numpy(words),
        tags=torch.from_numpy(tags),
        lengths=torch.tensor([length for length, _, _ in placed]),
        user_starts=torch.tensor([step.user_starts for _, _, step in placed]),
        rows=torch.tensor([row for _, row, _ in placed]),
        owners=torch.tensor([row % C for _, row, _ in placed]),
        matches=torch.tensor(matches, dtype=torch.int64).view(-1, 4),
        patterned=torch.tensor(patterned, dtype=torch.int64).view(-1, 4),
        pattern_odds=torch.tensor(odds),
    )


def lay_situations(
    situations: Sequence[Situation | None], views: Views, owners: Sequence[int]
) -> SituationBatch:
    """Lay out situations, one a row; None for a row without a step.

    Args:
        situations: One a row.
        views: Of the batch.
        owners: The conversation of each row.
    """
    N, S, V = len(situations), views.slots.shape[1], views.values.shape[1]
    slots, values = _zeros(N, S), _zeros(N, V)
    copies = np.zeros((N, S, S), dtype=np.bool_)
    for row, (situation, owner) in enumerate(zip(situations, owners, strict=True)):
        if situation is None:
            continue
        slots[row, : len(situation.slots)] = situation.slots
        numbers = views.numbers[owner]
        for key, bits in situation.values.items():
            values[row, numbers[key]] = bits
        for taker, theirs in situation.copies:
            copies[row, taker, theirs] = True
    return SituationBatch(
        torch.from_numpy(slots), torch.from_numpy(values), torch.from_numpy(copies)
    )


def _zeros(*shape: int) -> npt.NDArray[np.int64]:
    return np.zeros(shape, dtype=np.int64)


def _padded(rows: Sequence[Sequence[int]]) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[FormTable.PADDING] * (longest - len(row))] for row in rows])
