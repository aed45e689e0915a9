"""What the network makes of descriptions, of steps and of slots; and how rows are laid out."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nlp_lstm.states.described.batches import StepBatch

PATTERN_PRIOR = 4.0  # against a match: values are rarer than turns
PATTERN_END = 50.0  # beyond any score
LATER = 0.01  # a word later


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """What the network makes of descriptions: worked out once for many steps.

    Attributes:
        queries: What slots ask of words, their pointers included. (U, heads * K)
        found: What they bring to what they find. (U, X)
        plain: Their part of the scores of nothing, don't care and keep. (U, 3)
        copied: Of what they may be copied to. (U, M)
        values: Their listed values. (W, E)
        scored: Their values' part of their scores. (W, M)
    """

    queries: Tensor
    found: Tensor
    plain: Tensor
    copied: Tensor
    values: Tensor
    scored: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the network makes of steps before it knows the state; rows as in `StepBatch`.

    Attributes:
        found: What each slot found. (N, S, X)
        summaries: Each step as one vector. (N, G)
        starts: That a value starts at a word of the customer, minus infinity elsewhere. (N, S, L)
        ends: That a value ends at a word, minus infinity at marks and padding. (N, S, L)
        offers: Logit that the other side's value starts there, minus infinity elsewhere. (N, S, L)
        matched: Log-odds that a match of the slot's pattern is its value, where one starts; None
            where no slot of the batch has one. (N, S, L)
        nearest: How near a listed value comes to a word of the customer, and of the other side.
            (N, V, 2)
        requests: Logits. (N, S)
    """

    found: Tensor
    summaries: Tensor
    starts: Tensor
    ends: Tensor
    offers: Tensor
    matched: Tensor | None
    nearest: Tensor
    requests: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Scores of everything each slot could hold, minus infinity where there is no such thing.

    Attributes:
        logits: Nothing, don't care, keep; the offer; A listed values; S other slots to copy from;
            L words at which the customer's value starts. (rows, S, 4 + A + S + L)
        taken_back: Logit that values are, which the customer names and a slot of several holds.
            (rows, S)
        listed: A.
    """

    logits: Tensor
    taken_back: Tensor
    listed: int


def match_mask(batch: StepBatch, places: int) -> Tensor:
    """1 where a word lies in a listed value of the slot at a place: (R, S, L)."""
    R, L = batch.words.shape
    mask = torch.zeros(R, places, L + 1, device=batch.words.device)
    steps, slots, firsts, lasts = batch.matches.unbind(dim=1)
    ones = torch.ones(len(steps), device=mask.device)
    mask.index_put_((steps, slots, firsts), ones, accumulate=True)
    mask.index_put_((steps, slots, lasts + 1), -ones, accumulate=True)
    return mask.cumsum(dim=2)[..., :L].clamp(max=1)


def of_patterns(batch: StepBatch, places: int) -> tuple[Tensor, Tensor]:
    """What matches of slots' patterns say of where values start and end.

    The network knows no patterns; a match is judged by itself. Other words stay possible: `ab 12`
    may be meant by `AB12`.

    Args:
        batch: The steps.
        places: S.

    Returns:
        Log-odds that a value starts at a word, minus infinity where nothing matches, and what is
        added to the scores of where it ends. (R, S, L) each
    """
    R, L = batch.words.shape
    steps, slots, firsts, lasts = batch.patterned.unbind(dim=1)
    opened = torch.full((R, places, L), -torch.inf, device=batch.words.device)
    # Of several matches the last counts: rounding must not choose.
    opened[steps, slots, firsts] = batch.pattern_odds - PATTERN_PRIOR + LATER * firsts
    closed = torch.zeros(R, places, L, device=batch.words.device)
    closed[steps, slots, lasts] = PATTERN_END
    return opened, closed


def gathered(by_place: Tensor, places: Tensor) -> Tensor:
    """What stands at places: by_place (N, S, M), places (N, V) → (N, V, M)."""
    return by_place.gather(1, places[..., None].expand(-1, -1, by_place.shape[2]))


def wide(scores: Tensor, longest: int, filler: float) -> Tensor:
    """Scores of fewer words as of `longest` words: (…, L) → (…, longest)."""
    return nn.functional.pad(scores, (0, longest - scores.shape[2]), value=filler)


def at_places(rows: Tensor, places: Tensor, count: int) -> Tensor:
    """Rows put at their places among `count` rows; zeros elsewhere."""
    placed: Tensor = rows.new_zeros(count, *rows.shape[1:]).index_copy(0, places, rows)
    return placed
