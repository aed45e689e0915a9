"""What the layers compute of one turn, with NumPy.

One turn is a hundred small sums. PyTorch takes longer to start one of them than to compute it.
"""

from collections.abc import Mapping
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from nlp_lstm.stored_weights import Array

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
State = tuple[Floats, Floats]

_Float = TypeVar("_Float", np.float32, np.float64)


class Remembers(Protocol):
    """One step of what remembers a conversation, whatever it is made of."""

    def start(self, rows: int) -> State:
        """The memory before the first turn: zeros, C rows of each of two arrays."""

    def __call__(self, turn: Floats, state: State) -> State:
        """The memory after one more turn (C, E); its first array is what it says, (C, H)."""


class Linear:
    """`nn.Linear` of some weights: (…, inputs) to (…, outputs)."""

    def __init__(self, weight: Array, bias: Array | None = None) -> None:
        # Turned round once: a product with a transposed matrix is slower for a few rows.
        self.matrix: Floats = np.ascontiguousarray(weight.T)
        self.bias: Floats | None = bias

    @classmethod
    def of(cls, weights: Mapping[str, Array], name: str) -> "Linear":
        """The layer of that name in a network."""
        return cls(weights[f"{name}.weight"], weights.get(f"{name}.bias"))

    def __call__(self, inputs: Floats) -> Floats:
        """Args: inputs (…, I). Returns: (…, O)."""
        outputs: Floats = inputs @ self.matrix
        if self.bias is not None:
            outputs += self.bias
        return outputs


class Cell:
    """One step of a `CausalMemory`.

    Dimensions: C rows, E input width, H memory width.
    """

    def __init__(self, weights: Mapping[str, Array], name: str) -> None:
        prefix = f"{name}.lstm"
        both = [weights[f"{prefix}.weight_ih_l0"], weights[f"{prefix}.weight_hh_l0"]]
        bias = weights[f"{prefix}.bias_ih_l0"] + weights[f"{prefix}.bias_hh_l0"]
        # sigmoid(x) is (1 + tanh(x / 2)) / 2: with x halved here, all gates are one tanh.
        halved = np.repeat(np.array([0.5, 0.5, 1, 0.5], np.float32), len(bias) // 4)
        self._matrix: Floats = np.ascontiguousarray(np.concatenate(both, axis=1).T * halved)
        self._bias: Floats = bias * halved
        self.width = len(self._bias) // 4

    def start(self, rows: int) -> State:
        """The memory before the first turn: zeros, (C, H) each."""
        return np.zeros((rows, self.width), np.float32), np.zeros((rows, self.width), np.float32)

    def __call__(self, turn: Floats, state: State) -> State:
        """The memory after one more turn: turn (C, E) → two arrays (C, H)."""
        H = self.width
        gates = np.concatenate([turn, state[0]], axis=1) @ self._matrix
        gates += self._bias
        np.tanh(gates, out=gates)
        new = gates[:, 2 * H : 3 * H].copy()
        gates += 1
        gates *= np.float32(0.5)
        given, kept, shown = (gates[:, n * H : (n + 1) * H] for n in (0, 1, 3))
        cell = kept * state[1]
        cell += given * new
        return shown * np.tanh(cell), cell


def sigmoid(values: npt.NDArray[_Float]) -> npt.NDArray[_Float]:
    """1 / (1 + exp(-x)), without overflow whatever x."""
    half: npt.NDArray[_Float] = np.tanh(values * values.dtype.type(0.5))
    half += 1
    half *= values.dtype.type(0.5)
    return half


def softmax(scores: npt.NDArray[_Float]) -> npt.NDArray[_Float]:
    """Shares of the last axis; minus infinity gets none."""
    powers: npt.NDArray[_Float] = np.exp(scores - scores.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers
