"""A stored model as the engine of a component that steps, without torch."""

from collections.abc import Mapping

from nlp_lstm.artefact import Artefact, check_shape
from nlp_lstm.layers.single import Cell, Floats
from nlp_lstm.runtime.onnx_encoder import OnnxEncoder
from nlp_lstm.stored_weights import Array
from nlp_lstm.text.config import WordRowsConfig
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.lookup import RowLookup


class OnnxEngine:
    """Keeps `nlp_lstm.runtime.engine.Engine` with ONNX Runtime and NumPy."""

    def __init__(self, artefact: Artefact, config: WordRowsConfig) -> None:
        """Prepare to read with an artefact's weights.

        Args:
            artefact: Of a component whose network reads words as all three do.
            config: Of the words' rows, as the network's has it.

        Raises:
            ArtefactError: ONNX Runtime is not installed, or word tables have another shape.
        """
        self._table = FormTable(artefact.tokenizer, config.gram_buckets)
        pieces, grams = self._table.piece_count, config.gram_buckets
        check_shape(artefact, "rows.pieces.weight", (pieces, config.piece_width))
        check_shape(artefact, "rows.grams.weight", (grams, config.gram_width))
        self.weights: Mapping[str, Array] = artefact.weights
        self.kernels = None
        self.encode = OnnxEncoder(artefact.weights)
        self._rows = RowLookup(artefact.weights, self._table)

    def rows(self, forms: list[str]) -> Floats:
        """The input rows of words."""
        return self._rows(forms)

    def memory(self, name: str) -> Cell:
        """One step of an LSTM."""
        return Cell(self.weights, f"{name}.lstm.")

    def bound(self) -> None:
        """Forget word forms when there are too many."""
        self._table.bound()
