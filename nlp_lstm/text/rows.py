"""A word's input row: the mean of its WordPieces' vectors, its character n-grams, its shape."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from nlp_lstm.text.config import WordRowsConfig
from nlp_lstm.text.forms import SHAPES, FormTable, Numbers
from nlp_lstm.text.lookup import rows_of


class WordRows(nn.Module):
    """Rows of word forms, computed once a form where nothing is being learnt.

    In training the rows of a batch's distinct forms are computed with gradients. In evaluation a
    row is looked up in a table that grows with the forms met and is dropped by `train()`.

    Dimensions: W = piece width + n-gram width + number of shapes.
    """

    def __init__(self, config: WordRowsConfig, table: FormTable) -> None:
        super().__init__()
        self.table = table
        self.width = config.piece_width + config.gram_width + SHAPES
        self.pieces = nn.Embedding(table.piece_count, config.piece_width)
        self.grams = nn.Embedding(config.gram_buckets, config.gram_width)
        nn.init.normal_(self.pieces.weight, std=0.5)
        nn.init.normal_(self.grams.weight, std=0.1)
        self._rows = torch.zeros(0, self.width)
        self._generation = table.generation
        # How often learning may have begun or ended: who keeps what depends on weights compares.
        self.switches = 0

    def train(self, mode: bool = True) -> "WordRows":
        """Switch between learning and looking up; either way the table of rows is dropped."""
        self._rows = self.pieces.weight.new_zeros(0, self.width)
        self.switches += 1
        return super().train(mode)

    def forward(self, ids: Tensor) -> Tensor:
        """Rows of forms.

        Args:
            ids: Numbers from `table.ids`; 0, padding, gives zeros. (...,) int64

        Returns:
            (..., W)
        """
        if self.training:
            distinct, places = torch.unique(ids, return_inverse=True)
            return self._compute(distinct.tolist())[places]
        return self._known()[ids]

    def distinct(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """The rows of the forms that occur, each once, and which of them each form has.

        Args:
            ids: Numbers from `table.ids`, or 0. (...,) int64

        Returns:
            (D, W) and (...,) int64.
        """
        rows = self._known()
        occurs = torch.zeros(len(rows), dtype=torch.bool, device=ids.device)
        occurs[ids] = True
        return rows[occurs], (occurs.cumsum(0) - 1)[ids]

    def array(self, forms: list[str]) -> npt.NDArray[np.float32]:
        """The rows of words, in evaluation: (T, W)."""
        numbers = self.table.ids(forms)
        if len(self._rows) < len(self.table) or self._generation != self.table.generation:
            with torch.inference_mode():
                self._known()
        rows: npt.NDArray[np.float32] = self._rows.cpu().numpy()
        return rows[numbers] if numbers else rows[:0]

    def _known(self) -> Tensor:
        """The rows of all forms that were met since the last learning: (forms, W)."""
        if self._generation != self.table.generation:
            self._generation = self.table.generation
            self._rows = self._rows[:0]
        known = len(self._rows)
        if known < len(self.table):
            features = self.table.features(range(known, len(self.table)))
            new = rows_of(
                features, _picked(self.pieces, features.pieces), _picked(self.grams, features.grams)
            )
            self._rows = torch.cat([self._rows, torch.from_numpy(new).to(self._rows)])
        return self._rows

    def _compute(self, ids: "list[int] | range") -> Tensor:
        features = self.table.features(ids)
        pieces = _means(self.pieces.weight, features.pieces, features.piece_counts)
        grams = _means(self.grams.weight, features.grams, features.gram_counts)
        shapes = torch.from_numpy(features.shapes).to(pieces.device)
        return torch.cat([pieces, grams, shapes], dim=1)


def _picked(table: nn.Embedding, numbers: Numbers) -> npt.NDArray[np.float32]:
    rows: npt.NDArray[np.float32] = table.weight.detach().cpu().numpy()[numbers]
    return rows


def _means(weight: Tensor, values: Numbers, counts: Numbers) -> Tensor:
    """Means of a table's rows, `counts` of them each; zeros for none."""
    return embedding_bag(
        torch.from_numpy(values).to(weight.device),
        weight,
        torch.from_numpy(counts.cumsum() - counts).to(weight.device),
        mode="mean",
    )
