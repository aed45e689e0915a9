"""A stored model as the engine of a component that steps, without torch."""

from collections.abc import Mapping

from nlp_lstm.artefact import Artefact
from nlp_lstm.layers.single import Floats
from nlp_lstm.runtime.onnx_encoder import OnnxEncoder
from nlp_lstm.stored_weights import Array
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.lookup import RowLookup


class OnnxEngine:
    """Keeps `nlp_lstm.runtime.engine.Engine` with ONNX Runtime and NumPy."""

    def __init__(self, artefact: Artefact, gram_buckets: int) -> None:
        """Prepare to read with an artefact's weights.

        Args:
            artefact: Of a component whose network reads words as all three do.
            gram_buckets: As the network's config has it.

        Raises:
            ArtefactError: ONNX Runtime is not installed.
        """
        self.weights: Mapping[str, Array] = artefact.weights
        self.encode = OnnxEncoder(artefact.weights)
        self._table = FormTable(artefact.tokenizer, gram_buckets)
        self._rows = RowLookup(artefact.weights, self._table)

    def rows(self, forms: list[str]) -> Floats:
        """The input rows of words."""
        return self._rows(forms)

    def bound(self) -> None:
        """Forget word forms when there are too many."""
        self._table.bound()
