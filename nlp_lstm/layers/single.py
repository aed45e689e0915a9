"""What the layers compute of one turn, with NumPy.

One turn is a hundred small sums. PyTorch takes longer to start one of them than to compute it.
"""

import math
from collections.abc import Mapping
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from nlp_lstm.layers.packed_lstm import PackedLstm
from nlp_lstm.native.kernels import GELU, NOTHING, RELU, TANH, Kernels
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

    def __init__(
        self, weight: Array, bias: Array | None = None, kernels: Kernels | None = None
    ) -> None:
        """Args: weight (O, I); bias (O,) or none; kernels, what computes, or None for NumPy."""
        self._kernels = kernels
        self._bias: Floats = np.zeros(len(weight), np.float32) if bias is None else bias
        if kernels is not None:
            self._packed = kernels.pack(weight)
        else:
            # Turned round once: a product with a transposed matrix is slower for a few rows.
            self._matrix: Floats = np.ascontiguousarray(weight.T)

    @classmethod
    def of(
        cls, weights: Mapping[str, Array], name: str, kernels: Kernels | None = None
    ) -> "Linear":
        """The layer of that name in a network."""
        return cls(weights[f"{name}.weight"], weights.get(f"{name}.bias"), kernels)

    def __call__(self, inputs: Floats, activation: int = NOTHING) -> Floats:
        """Args: inputs (…, I); activation, of `nlp_lstm.native.kernels`. Returns: (…, O)."""
        if self._kernels is not None:
            rows = inputs.reshape(-1, inputs.shape[-1])
            computed = self._kernels.linear(
                rows, self._packed, self._bias[None], activation=activation
            )
            return computed.reshape(*inputs.shape[:-1], len(self._bias))
        outputs: Floats = inputs @ self._matrix
        outputs += self._bias
        if activation == GELU:
            return _gelu(outputs)
        if activation == RELU:
            np.maximum(outputs, 0, out=outputs)
        elif activation == TANH:
            np.tanh(outputs, out=outputs)
        return outputs


class Cell:
    """One step of a `CausalMemory`.

    Dimensions: C rows, E input width, H memory width.
    """

    def __init__(self, weights: Mapping[str, Array], name: str) -> None:
        """Args: weights, of a network; name, what stands before those of the memory's LSTM."""
        both = [weights[f"{name}weight_ih_l0"], weights[f"{name}weight_hh_l0"]]
        bias = weights[f"{name}bias_ih_l0"] + weights[f"{name}bias_hh_l0"]
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


class PackedCell:
    """The same by compiled kernels."""

    def __init__(self, lstm: PackedLstm) -> None:
        """Args: lstm, the memory's."""
        self.lstm = lstm

    def start(self, rows: int) -> State:
        """The memory before the first turn: zeros, (C, H) each."""
        empty = np.zeros((rows, self.lstm.width), np.float32)
        return empty, empty

    def __call__(self, turn: Floats, state: State) -> State:
        """The memory after one more turn: turn (C, E) → two arrays (C, H)."""
        each = np.arange(len(turn))
        once = np.ones(len(turn), np.int64)
        return self.lstm.read([(self.lstm.table(turn), each)], each, once, state=state)[1]


def _gelu(values: Floats) -> Floats:
    """Each number times how much of a normal distribution lies below it."""
    below = list(map(math.erf, (values * math.sqrt(0.5)).ravel().tolist()))
    shares = np.array(below, dtype=np.float32).reshape(values.shape)
    return values * (shares + 1) * np.float32(0.5)


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
