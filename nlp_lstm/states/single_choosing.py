"""What `choosing` computes by compiled kernels, of one conversation with NumPy."""

from collections.abc import Mapping

import numpy as np

from nlp_lstm.layers.single import Floats, Linear, Numbers, softmax
from nlp_lstm.states.choosing import Chosen, Offered
from nlp_lstm.states.history import FEATURES
from nlp_lstm.states.layout import LEAST_SURE_DELETION, MATCH_SCALE, PLAIN
from nlp_lstm.states.schema import DONTCARE, EMPTY, OTHER
from nlp_lstm.states.tables import SchemaTables
from nlp_lstm.stored_weights import Array

_SHIFTS = np.arange(len(FEATURES), dtype=np.int64)


class SingleChooser:
    """Chooses with a tracker's weights as they were when this was made.

    Dimensions: as in `Chooser`, of one row; L candidates.
    """

    def __init__(self, weights: Mapping[str, Array], tables: SchemaTables) -> None:
        """Args: weights, the tracker's by name; tables, its schema's."""
        S, A = tables.offered.shape
        self._features = Linear.of(weights, "offer_features")
        self._value_offers = weights["values.weight"] @ weights["offer_value.weight"].T
        self._value_rows = tables.value_rows
        self._slot_offers = weights["offer_slots"]
        self._copy_score = Linear.of(weights, "copy_score")
        self._offer_present = Linear.of(weights, "offer_present")
        self._offer_score = Linear.of(weights, "offer_score")
        self._related = tables.related
        self._is_related = tables.related >= 0
        self._pairs = weights["copy_to"][:, None] + weights["copy_from"][tables.related]
        self._unrelated = np.where(self._is_related, np.float32(0), np.float32(-np.inf))
        # All but what is related, mentioned or held now is the same at every step.
        self._plain_bias = weights["plain_bias"]
        self._offered = tables.offered
        self._always = np.where(
            tables.offered == EMPTY, np.float32(-np.inf), weights["offered_bias"]
        )
        self._offered_rows: Array = np.ascontiguousarray(weights["offered_rows"].transpose(0, 2, 1))
        self._bonus = float(weights["present_bonus"])
        self._values = np.concatenate(
            [np.tile([EMPTY, DONTCARE, EMPTY], (S, 1)), self._offered], axis=1
        )
        self._copies_from = PLAIN + A

    def __call__(
        self, hidden: Floats, heads: Floats, previous: Numbers, offered: Offered, mapped: Floats
    ) -> Chosen:
        """Choose: as `Chooser` does, for one row."""
        logits, values = self._candidates(hidden[0], heads[0], previous[0], offered, mapped)
        first = self._copies_from
        copies = slice(first, first + self._related.shape[1])
        one = conclude(logits, values, previous[0], copies)
        return Chosen(one.values[None], one.chosen[None], one.stayed[None], one.copied[None])

    def _candidates(
        self, hidden: Floats, heads: Floats, previous: Numbers, offered: Offered, mapped: Floats
    ) -> tuple[Floats, Numbers]:
        """Logits and values of everything each slot could hold: (S, L) each."""
        S, P, K = self._pairs.shape
        first, last = self._copies_from, self._copies_from + P
        places, most = _places(offered.cells)
        logits = np.full((S, last + most), -np.inf, dtype=np.float32)
        values = np.zeros((S, last + most), dtype=np.int64)
        values[:, :first] = self._values
        values[:, PLAIN - 1] = previous
        held = np.where((previous == EMPTY) | (previous == OTHER), np.float32(-np.inf), 0)
        logits[:, :PLAIN] = heads[:, :PLAIN] + self._plain_bias
        logits[:, PLAIN - 1] += held
        always = np.matmul(hidden[:, None], self._offered_rows)[:, 0]
        logits[:, PLAIN:first] = always + self._always
        logits[:, PLAIN:first][self._offered == previous[:, None]] += self._bonus
        related = previous[self._related]  # -1 picks the last slot; masked
        copied = np.maximum(heads[:, None, PLAIN : PLAIN + K] + self._pairs, 0)
        scores = self._copy_score(copied)[..., 0]
        logits[:, first:last] = scores + held[self._related] + self._unrelated
        values[:, first:last] = related
        logits[offered.cells, last + places] = self._mentioned(
            heads[:, PLAIN + K :], previous, related, offered, mapped
        )
        values[offered.cells, last + places] = offered.values
        return logits, values

    def _mentioned(
        self,
        heads: Floats,
        previous: Numbers,
        related: Numbers,
        offered: Offered,
        mapped: Floats,
    ) -> Floats:
        """Scores of the mentioned values: (E,)."""
        slots, values, users, others, bits = offered
        H = self._value_offers.shape[1]
        said = mapped[2 * users] + mapped[2 * others + 1]  # (E, H + K)
        copied = (related[slots] == values[:, None]) & self._is_related[slots]
        present = np.empty((len(slots), 2), dtype=np.float32)
        present[:, 0] = previous[slots] == values
        present[:, 1] = copied.any(axis=1)
        asked = heads[slots]
        deep = asked[:, :H] + said[:, :H]
        deep += self._features(((bits[:, None] >> _SHIFTS) & 1).astype(np.float32))
        deep += self._value_offers[self._value_rows[values]]
        deep += self._slot_offers[slots]
        deep += self._offer_present(present)
        scores = self._offer_score(np.maximum(deep, 0, out=deep))[:, 0]
        matched = (asked[:, H:] * said[:, H:]).sum(axis=1)
        return np.asarray(scores + np.float32(MATCH_SCALE) * matched)


def conclude(logits: Floats, values: Numbers, previous: Numbers, copies: slice) -> Chosen:
    """Take the likeliest value of every slot; entries of one value add up.

    What a slot holds is only deleted where that is likely enough.

    Args:
        logits: Minus infinity where there is no such candidate. (S, L)
        values: (S, L)
        previous: Values before the step. (S,)
        copies: Those among the L that are values of other slots.
    """
    slots = np.arange(len(values))
    probabilities = softmax(logits.astype(np.float64))
    same = values[:, :, None] == values[:, None]  # (S, L, L)
    merged = np.matmul(same.astype(np.float64), probabilities[..., None])[..., 0]
    place = merged.argmax(axis=1)
    likeliest, chosen = values[slots, place], merged[slots, place]
    stayed = (probabilities * (values == previous[:, None])).sum(axis=1)
    kept = (likeliest == EMPTY) & (previous != EMPTY) & (chosen < LEAST_SURE_DELETION)
    likeliest, chosen = np.where(kept, previous, likeliest), np.where(kept, stayed, chosen)
    by_copies = (probabilities[:, copies] * (values[:, copies] == likeliest[:, None])).sum(axis=1)
    return Chosen(likeliest, chosen, stayed, by_copies > chosen / 2)


def _places(slots: Numbers) -> tuple[Numbers, int]:
    """How many offers of the same slot stand before each, and the most of one slot."""
    places = np.arange(len(slots)) - np.searchsorted(slots, slots)
    return places, int(places.max(initial=-1)) + 1
