"""What `deciding` makes of the scores of many conversations, for one alone and without torch."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp_lstm.layers.single import Doubles, Floats, Numbers, softmax
from nlp_lstm.states.layout import LEAST_SURE_DELETION
from nlp_lstm.states.schema import EMPTY


@dataclass(frozen=True, slots=True, eq=False)
class SingleCandidates:
    """Scores of everything each slot could hold; as `Candidates`, of one conversation.

    Attributes:
        logits: Minus infinity where there is no such candidate. (S, K)
        values: Value numbers. (S, K)
        copies: Those among the K that are values of other slots: from the first, up to the last.
    """

    logits: Floats
    values: Numbers
    copies: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class SingleDecision:
    """What every slot holds after a step; as `Decision`, of one conversation.

    Attributes:
        values: Value numbers. (S,)
        confidence: Chained, not calibrated. (S,)
        copied: Whether copies of other slots give the value more than half of it. (S,) bool
    """

    values: Numbers
    confidence: Doubles
    copied: npt.NDArray[np.bool_]


def decide(candidates: SingleCandidates, previous: Numbers, confidence: Doubles) -> SingleDecision:
    """Take the likeliest value of every slot, as `deciding.decide` and `deciding.chain` do.

    Args:
        candidates: Of the step.
        previous: Value numbers before it. (S,)
        confidence: Before it. (S,)
    """
    numbers = candidates.values
    slots = np.arange(len(numbers))
    probabilities = softmax(candidates.logits.astype(np.float64))
    same = numbers[:, :, None] == numbers[:, None]  # (S, K, K)
    merged = np.matmul(same.astype(np.float64), probabilities[..., None])[..., 0]
    place = merged.argmax(axis=1)
    values, chosen = numbers[slots, place], merged[slots, place]
    stayed = (probabilities * (numbers == previous[:, None])).sum(axis=1)
    kept = (values == EMPTY) & (previous != EMPTY) & (chosen < LEAST_SURE_DELETION)
    values, chosen = np.where(kept, previous, values), np.where(kept, stayed, chosen)
    first, last = candidates.copies
    copies = numbers[:, first:last] == values[:, None]
    by_copies = (probabilities[:, first:last] * copies).sum(axis=1)
    sure = np.where(values != previous, chosen, confidence * stayed)
    return SingleDecision(values, sure, by_copies > chosen / 2)


def whole_state(confidence: npt.ArrayLike) -> Doubles:
    """How sure all slots are together: the product over slots, (…, S) → (…,)."""
    sure = np.maximum(np.asarray(confidence, dtype=np.float64), 1e-30)
    return np.asarray(np.exp(np.log(sure).sum(axis=-1)))
