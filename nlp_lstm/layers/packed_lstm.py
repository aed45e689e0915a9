"""A one-way LSTM by compiled kernels."""

from collections.abc import Mapping, Sequence

import numpy as np

from nlp_lstm.native.kernels import Floats, Kernels, Numbers, Packed
from nlp_lstm.stored_weights import Array


class PackedLstm:
    """One layer of `nn.LSTM`, one way, with its weights as they were when this was made.

    What a token gives to the gates depends on the token alone: `table` computes it, `read` adds it
    up along turns. Units are filled up to a number that the kernels read.

    Dimensions: B turns, E token width, H hidden width, G gates of the filled up units, V rows.

    Attributes:
        width: H.
    """

    def __init__(self, kernels: Kernels, weights: Mapping[str, Array], name: str) -> None:
        """Pack weights.

        Args:
            kernels: What computes.
            weights: Of a network.
            name: What stands before `weight_ih_l0` and the others there.
        """
        inputs, recurrent, first, second = (
            weights[f"{name}{part}_l0"] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        self._kernels = kernels
        self.width = recurrent.shape[1]
        self._filled = -(-self.width // kernels.lanes) * kernels.lanes
        self._order = kernels.gate_order(self._filled)
        # Units that fill up have no weights: their states are zeros.
        self._inputs = self._gates(inputs)
        self._bias = self._gates((first + second)[:, None])[:, 0][None]
        self._no_bias = np.zeros_like(self._bias)
        missing = self._filled - self.width
        self._recurrent = kernels.pack(np.pad(self._gates(recurrent), ((0, 0), (0, missing))))
        self._packed: dict[tuple[int, int], Packed] = {}

    def table(self, rows: Floats, first: int = 0) -> Floats:
        """What tokens, or their parts from number `first` on, give to the gates: (V, …) → (V, G).

        What a token's parts give is summed; the part that starts at 0 brings the bias.
        """
        last = first + rows.shape[1]
        matrix = self._packed.get((first, last))
        if matrix is None:
            matrix = self._kernels.pack(self._inputs[:, first:last])
            self._packed[first, last] = matrix
        return self._kernels.linear(rows, matrix, self._no_bias if first else self._bias)

    def read(
        self,
        parts: Sequence[tuple[Floats, Numbers]],
        starts: Numbers,
        lengths: Numbers,
        *,
        state: tuple[Floats, Floats] | None = None,
        backwards: bool = False,
    ) -> tuple[Floats, tuple[Floats, Floats]]:
        """Read turns.

        Args:
            parts: Tables, and which of their rows each token has: (tokens,).
            starts: The first token of each turn. (B,)
            lengths: Tokens of each. (B,)
            state: The states and cells before them; None for zeros. (B, H) each
            backwards: Whether they are read from their ends.

        Returns:
            The states of tokens, zeros for those of no turn, (tokens, H); and the states and cells
            after each turn, (B, H) each.
        """
        H = self.width
        states = np.zeros((len(parts[0][1]), self._filled), np.float32)
        before = None
        if state is not None:
            before = np.zeros((2, len(lengths), self._filled), np.float32)
            before[0, :, :H], before[1, :, :H] = state
        hidden, cell = self._kernels.lstm(
            self._recurrent, parts, starts, lengths, states, state=before, backwards=backwards
        )
        if self._filled == H:
            return states, (hidden, cell)
        return states[:, :H], (hidden[:, :H], cell[:, :H])

    def read_into(
        self,
        out: Floats,
        column: int,
        parts: Sequence[tuple[Floats, Numbers]],
        starts: Numbers,
        lengths: Numbers,
        *,
        backwards: bool,
    ) -> None:
        """The same from zeros, with the states written to H columns of `out`, (tokens, …)."""
        H = self.width
        if self._filled == H:
            self._kernels.lstm(
                self._recurrent, parts, starts, lengths, out, column=column, backwards=backwards
            )
        else:
            states, _ = self.read(parts, starts, lengths, backwards=backwards)
            out[:, column : column + H] = states

    def _gates(self, rows: Array) -> Floats:
        """Rows of four gates, each filled up with zeros, in the order of the kernels."""
        gates = rows.reshape(4, self.width, -1)
        filled = np.pad(gates, ((0, 0), (0, self._filled - self.width), (0, 0)))
        ordered: Floats = filled.reshape(4 * self._filled, -1)[self._order]
        return ordered
