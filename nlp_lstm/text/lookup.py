"""Word rows without torch: what `WordRows` gives where nothing is being learnt."""

import numpy as np
import numpy.typing as npt

from nlp_lstm.stored_weights import StoredWeights
from nlp_lstm.text.forms import FormFeatures, FormTable

Floats = npt.NDArray[np.float32]

_FIRST_ROWS = 256


class RowLookup:
    """Rows of word forms, each computed when it is first asked for.

    Of the WordPieces' vectors only those of the forms met are unpacked.

    Dimensions: W = piece width + n-gram width + number of shapes.
    """

    def __init__(self, weights: StoredWeights, table: FormTable) -> None:
        self.table = table
        self._weights = weights
        self._generation = table.generation
        self._known = 0
        self._rows = self._compute(0, 1)[:0]

    def __call__(self, forms: list[str]) -> Floats:
        """The rows of forms: (T, W)."""
        numbers = self.table.ids(forms)
        if self._generation != self.table.generation:
            self._generation, self._known = self.table.generation, 0
        if self._known < len(self.table):
            self._learn_up_to(len(self.table))
        return self._rows[numbers] if numbers else self._rows[:0]

    def _learn_up_to(self, count: int) -> None:
        if count > len(self._rows):
            # Doubled, so that a long chat does not copy all rows at every new word.
            rows = np.empty((max(_FIRST_ROWS, 2 * count), self._rows.shape[1]), dtype=np.float32)
            rows[: self._known] = self._rows[: self._known]
            self._rows = rows
        self._rows[self._known : count] = self._compute(self._known, count)
        self._known = count

    def _compute(self, first: int, last: int) -> Floats:
        features = self.table.features(range(first, last))
        pieces = self._weights.rows("rows.pieces.weight", features.pieces)
        return rows_of(features, pieces, self._weights.rows("rows.grams.weight", features.grams))


def rows_of(features: FormFeatures, pieces: Floats, grams: Floats) -> Floats:
    """Rows of word forms from the vectors of all their pieces and n-grams: (F, W).

    Args:
        features: Of F forms.
        pieces: Of all their pieces, one after the other.
        grams: The same of their n-grams.
    """
    parts = [
        _means(pieces, features.piece_counts),
        _means(grams, features.gram_counts),
        features.shapes,
    ]
    return np.concatenate(parts, axis=1)


def _means(rows: Floats, counts: npt.NDArray[np.int64]) -> Floats:
    """Means of consecutive rows, `counts` of them each; zeros for none."""
    means = np.zeros((len(counts), rows.shape[1]), dtype=np.float32)
    some = counts > 0
    if some.any():
        firsts = (counts.cumsum() - counts)[some]
        sums = np.add.reduceat(rows, firsts, axis=0)
        means[some] = sums / counts[some, None].astype(np.float32)
    return means
