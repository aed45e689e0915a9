"""Steps of several conversations as one set of tensors.

Steps are laid out by time: step t of conversation c is row `t * C + c`, so that all the
conversations' steps at one time, and the values offered there, are contiguous.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from nlp_lstm.states.history import FEATURES, TABLE_ROWS, Update
from nlp_lstm.states.layout import NO_MENTION
from nlp_lstm.states.reading import Step
from nlp_lstm.text.forms import FormTable


@dataclass(frozen=True, slots=True, eq=False)
class StepBatch:
    """What the network reads.

    Conversations with more steps stand better before those with fewer: at each time only those up
    to the last that still goes on are followed.

    Dimensions: C conversations, T steps of the longest, R steps that exist, L words of the
    longest step, M mentions, E offers, F features, S slots. Mention vectors are indexed as: 0
    none; then `TABLE_ROWS` carried ones a conversation, where memories are carried; then the
    batch's own.

    Attributes:
        conversations: C.
        steps: T.
        active: How many conversations are followed at each time, never growing; T numbers.
        words: Form numbers, shorter steps first. (R, L)
        tags: Kinds of mention. (R, L)
        sides: 0 the other side, 1 the customer. (R, L)
        lengths: Words of each step, ascending. (R,)
        user_starts: First word of the customer's side. (R,)
        rows: Where each step stands among the T * C rows. (R,)
        mention_steps: The step of each mention, ascending. (M,)
        mention_firsts: Its first word. (M,)
        mention_lasts: Its last word. (M,)
        offer_rows: Row of each offer, ascending. (E,)
        offer_slots: Its slot. (E,)
        offer_places: How many offers its slot had before it at that step. (E,)
        offer_values: Its value. (E,)
        offer_users: The mention in which the customer says it now. (E,)
        offer_others: The mention by the other side now, or the latest earlier one. (E,)
        offer_bits: Features as bits. (E,)
        offer_bounds: Where the offers of each time begin; T + 1 numbers.
        most_offers: Largest number of offers to one slot at one step.
        table_sources: Mention vectors of the tables after the last step. (C, TABLE_ROWS)
    """

    conversations: int
    steps: int
    active: list[int]
    words: Tensor
    tags: Tensor
    sides: Tensor
    lengths: Tensor
    user_starts: Tensor
    rows: Tensor
    mention_steps: Tensor
    mention_firsts: Tensor
    mention_lasts: Tensor
    offer_rows: Tensor
    offer_slots: Tensor
    offer_places: Tensor
    offer_values: Tensor
    offer_users: Tensor
    offer_others: Tensor
    offer_bits: Tensor
    offer_bounds: list[int]
    most_offers: int
    table_sources: Tensor

    def offers_at(self, time: int) -> slice:
        """The offers of one time."""
        return slice(self.offer_bounds[time], self.offer_bounds[time + 1])

    def offer_features(self, part: slice) -> Tensor:
        """The features of some offers, 0 or 1: (E, F)."""
        shifts = torch.arange(len(FEATURES), device=self.offer_bits.device)
        return ((self.offer_bits[part, None] >> shifts) & 1).float()


@dataclass(frozen=True, slots=True)
class WordDropout:
    """Which words training hides: a share of all, and a share of those inside mentions."""

    words: float
    mentions: float
    rng: random.Random


def batch_steps(
    conversations: Sequence[Sequence[tuple[Step, Update]]],
    table: FormTable,
    *,
    carried: bool,
    dropout: WordDropout | None = None,
) -> StepBatch:
    """Lay out the steps of conversations, at least one step in all.

    Args:
        conversations: The next steps of each conversation, in order.
        table: Where word forms get their numbers.
        carried: Whether the network is given the tables' mention vectors from before.
        dropout: For training.
    """
    C = len(conversations)
    T = max(len(steps) for steps in conversations)
    placed = [
        (len(step.words), t * C + c, step)
        for c, steps in enumerate(conversations)
        for t, (step, _) in enumerate(steps)
    ]
    placed.sort(key=lambda item: item[:2])
    L = placed[-1][0]
    words = np.zeros((len(placed), L), dtype=np.int64)
    tags = np.zeros_like(words)
    sides = np.zeros_like(words)
    mentions: list[int] = []
    bases: dict[int, int] = {}  # row → number of its first mention's vector
    own = 1 + (C * TABLE_ROWS if carried else 0)
    for r, (length, row, step) in enumerate(placed):
        words[r, :length] = table.ids(step.words)
        tags[r, :length] = step.tags
        sides[r, step.user_starts : length] = 1
        bases[row] = own + len(mentions) // 3
        for mention in step.mentions:
            mentions += (r, mention.first, mention.last)
    if dropout is not None:
        noise = np.random.default_rng(dropout.rng.getrandbits(32)).random(words.shape)
        hidden = noise < np.where(tags > 0, dropout.mentions, dropout.words)
        words[hidden & (words != FormTable.PADDING)] = FormTable.UNKNOWN
    offers, bounds, sources = _offers(conversations, T, bases, carried=carried)
    of_row, slots, values, users, others, bits = _columns(offers, 6)
    places = _places(of_row, slots)
    mention_steps, firsts, lasts = _columns(mentions, 3)
    return StepBatch(
        conversations=C,
        steps=T,
        active=[max(c for c in range(C) if len(conversations[c]) > t) + 1 for t in range(T)],
        words=torch.from_numpy(words),
        tags=torch.from_numpy(tags),
        sides=torch.from_numpy(sides),
        lengths=torch.tensor([length for length, _, _ in placed]),
        user_starts=torch.tensor([step.user_starts for _, _, step in placed]),
        rows=torch.tensor([row for _, row, _ in placed]),
        mention_steps=torch.from_numpy(mention_steps),
        mention_firsts=torch.from_numpy(firsts),
        mention_lasts=torch.from_numpy(lasts),
        offer_rows=torch.from_numpy(of_row),
        offer_slots=torch.from_numpy(slots),
        offer_places=torch.from_numpy(places),
        offer_values=torch.from_numpy(values),
        offer_users=torch.from_numpy(users),
        offer_others=torch.from_numpy(others),
        offer_bits=torch.from_numpy(bits),
        offer_bounds=bounds,
        most_offers=int(places.max(initial=-1)) + 1,
        table_sources=torch.tensor(sources),
    )


def _offers(
    conversations: Sequence[Sequence[tuple[Step, Update]]],
    T: int,
    bases: dict[int, int],
    *,
    carried: bool,
) -> tuple[list[int], list[int], list[list[int]]]:
    """The offers by row, where each time's begin, and the last tables' mention vectors.

    An offer is six numbers: its row, slot, value, two mention vectors and features. They stand in
    one flat list, as tens of thousands of tuples would wake the garbage collector.
    """
    C = len(conversations)
    carried_from = [1 + c * TABLE_ROWS for c in range(C)]
    tables = [list(range(first, first + TABLE_ROWS)) if carried else [] for first in carried_from]
    offers: list[int] = []
    bounds = [0]
    for t in range(T):
        for c, steps in enumerate(conversations):
            if t >= len(steps):
                continue
            step, update = steps[t]
            row = t * C + c
            own = range(bases[row], bases[row] + len(step.mentions))
            # A mention of this step is found from the front, a row of the table, `-2 - row`, from
            # the back, and `NOWHERE`, -1, at the very end.
            vectors = [*own, *reversed(tables[c]), NO_MENTION]
            for slot, value, user, other, features in update.offers:
                offers += (row, slot, value, vectors[user], vectors[other], features)
            tables[c] = [vectors[source] for source in update.sources]
        bounds.append(len(offers) // 6)
    return offers, bounds, [table + [NO_MENTION] * (TABLE_ROWS - len(table)) for table in tables]


def _columns(numbers: list[int], width: int) -> npt.NDArray[np.int64]:
    """Rows of numbers, one after the other, turned into columns: (width, rows)."""
    return np.ascontiguousarray(np.array(numbers, dtype=np.int64).reshape(-1, width).T)


def _places(rows: npt.NDArray[np.int64], slots: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How many offers of the same row and slot stand before each."""
    numbers = np.arange(len(rows))
    begins = np.ones(len(rows), dtype=np.bool_)
    begins[1:] = (rows[1:] != rows[:-1]) | (slots[1:] != slots[:-1])
    return numbers - np.maximum.accumulate(np.where(begins, numbers, 0))
