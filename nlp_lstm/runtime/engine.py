"""What reads the words of one turn, whatever computes it."""

from collections.abc import Mapping
from typing import Protocol

from nlp_lstm.layers.single import Floats, Remembers
from nlp_lstm.native.kernels import Kernels
from nlp_lstm.stored_weights import Array


class Engine(Protocol):
    """The word rows and the encoder of a network, and its other weights for what comes after.

    Dimensions: T words, W width of their rows, E token width, H hidden width.
    """

    @property
    def weights(self) -> Mapping[str, Array]:
        """All of the network's weights by name."""

    @property
    def kernels(self) -> Kernels | None:
        """What multiplies by them; None for NumPy."""

    def rows(self, forms: list[str]) -> Floats:
        """The input rows of words: (T, W)."""

    def encode(self, tokens: Floats) -> Floats:
        """The states of a turn's tokens: (T, E), at least one, → (T, 2H)."""

    def memory(self, name: str) -> Remembers:
        """One step of the network's memory of that name."""

    def bound(self) -> None:
        """Forget word forms when there are too many: between turns only."""
