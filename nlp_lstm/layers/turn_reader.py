"""The BiLSTM over the words of turns, by compiled kernels: what `TurnEncoder` computes, faster.

Half of an LSTM's work is what each token gives to its gates, and that depends on the token alone.
In chats one word of ten is distinct, so it is computed once for each distinct row, and a turn is
read by adding up the rows of its tokens.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from nlp_lstm.layers.packed_lstm import PackedLstm
from nlp_lstm.native.kernels import Floats, Kernels, Numbers
from nlp_lstm.stored_weights import Array

# What rows give to the gates of both directions: (V, G) each.
Tables = tuple[Floats, Floats]

_WAYS = ("forwards", "backwards")


class TurnReader:
    """Reads turns with the weights of a `TurnEncoder` as they were when this was made.

    Dimensions: B turns, T tokens in the longest, E token width, H hidden width, G gates, V rows.
    """

    def __init__(self, kernels: Kernels, weights: Mapping[str, Array], name: str) -> None:
        """Pack an encoder's weights.

        Args:
            kernels: What computes.
            weights: Of a network.
            name: Of the encoder in it, with the dot that follows: `encoder.`, or nothing.
        """
        layers = sum(part.startswith(f"{name}forwards.") for part in weights) // 4
        self._layers = [
            [PackedLstm(kernels, weights, f"{name}{way}.{layer}.") for way in _WAYS]
            for layer in range(layers)
        ]
        self.width = 2 * self._layers[0][0].width

    def tables(self, rows: Floats, first: int = 0) -> Tables:
        """What rows give to the gates of the first layer.

        Args:
            rows: Tokens, or the part of them that starts at number `first`. (V, …)
            first: What a token's parts give is summed; the part that starts at 0 brings the bias.
        """
        ahead, back = self._layers[0]
        return ahead.table(rows, first), back.table(rows, first)

    def __call__(
        self, parts: Sequence[tuple[Tables, Numbers]], starts: Numbers, lengths: Numbers
    ) -> Floats:
        """States of both directions, zeros for tokens of no turn.

        Args:
            parts: Tables, and which of their rows each token has: (tokens,).
            starts: The first token of each turn. (B,)
            lengths: Tokens of each, at least 1. (B,)

        Returns:
            (tokens, 2H)
        """
        count, width = len(parts[0][1]), self.width // 2
        states = np.zeros((count, 0), np.float32)
        for number, layer in enumerate(self._layers):
            if number:
                tables = layer[0].table(states), layer[1].table(states)
                parts = [(tables, np.arange(count))]
            states = np.zeros((count, 2 * width), np.float32)
            for way, direction in enumerate(layer):
                direction.read_into(
                    states,
                    way * width,
                    [(both[way], places) for both, places in parts],
                    starts,
                    lengths,
                    backwards=bool(way),
                )
        return states

    def padded(self, parts: Sequence[tuple[Tables, Numbers]], lengths: Numbers) -> Floats:
        """The same for turns side by side: places (B, T) of each part, lengths (B,) → (B, T, 2H).

        Places after a turn's end are ignored, states there are zeros.
        """
        B, T = parts[0][1].shape
        flat = [(tables, places.reshape(-1)) for tables, places in parts]
        return self(flat, T * np.arange(B), lengths).reshape(B, T, self.width)

    def turn(self, tokens: Floats) -> Floats:
        """The states of one turn: tokens (T, E), at least one, → (T, 2H)."""
        count = len(tokens)
        return self([(self.tables(tokens), np.arange(count))], np.zeros(1, int), np.array([count]))
