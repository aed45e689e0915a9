"""A stored model as the engine of a component that steps, without torch."""

from collections.abc import Callable, Mapping

from nlp_lstm.artefact import Artefact, ArtefactError, check_shape
from nlp_lstm.layers.packed_lstm import PackedLstm
from nlp_lstm.layers.single import Cell, Floats, PackedCell, Remembers
from nlp_lstm.layers.turn_reader import TurnReader
from nlp_lstm.native.kernels import Kernels, find_kernels, in_full
from nlp_lstm.runtime.onnx_encoder import OnnxEncoder
from nlp_lstm.stored_weights import Array
from nlp_lstm.text.config import WordRowsConfig
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.lookup import RowLookup


class StoredEngine:
    """Keeps `nlp_lstm.runtime.engine.Engine` with an artefact's weights and NumPy.

    What reads the words of a turn is either ONNX Runtime or the compiled kernels.
    """

    def __init__(self, artefact: Artefact, config: WordRowsConfig, *, onnx: bool) -> None:
        """Prepare to read with an artefact's weights.

        Args:
            artefact: Of a component whose network reads words as all three do.
            config: Of the words' rows, as the network's has it.
            onnx: Whether ONNX Runtime reads.

        Raises:
            ArtefactError: What is to read is not installed, or word tables have another shape.
        """
        self._table = FormTable(artefact.tokenizer, config.gram_buckets)
        pieces, grams = self._table.piece_count, config.gram_buckets
        check_shape(artefact, "rows.pieces.weight", (pieces, config.piece_width))
        check_shape(artefact, "rows.grams.weight", (grams, config.gram_width))
        self.weights: Mapping[str, Array] = artefact.weights
        self.kernels: Kernels | None = None if onnx else _compiled()
        self.encode: Callable[[Floats], Floats] = (
            OnnxEncoder(artefact.weights)
            if self.kernels is None
            else TurnReader(self.kernels, artefact.weights, "encoder.").turn
        )
        self._rows = RowLookup(artefact.weights, self._table)

    def rows(self, forms: list[str]) -> Floats:
        """The input rows of words."""
        return self._rows(forms)

    def memory(self, name: str) -> Remembers:
        """One step of an LSTM."""
        exact = in_full(self.kernels)
        if exact is None:
            return Cell(self.weights, f"{name}.lstm.")
        return PackedCell(PackedLstm(exact, self.weights, f"{name}.lstm."))

    def bound(self) -> None:
        """Forget word forms when there are too many."""
        self._table.bound()


def _compiled() -> Kernels:
    kernels = find_kernels()
    if kernels is None:
        raise ArtefactError(
            "backend native",
            found="no compiled kernels",
            expected="those that are built when nlp-lstm is installed where there is a C compiler",
            remedy="run python -m nlp_lstm.native.building, or choose the backend torch",
        )
    return kernels
