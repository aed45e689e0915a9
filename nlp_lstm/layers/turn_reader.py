"""The BiLSTM over the words of turns, by compiled kernels: what `TurnEncoder` computes, faster.

Half of an LSTM's work is what each token gives to its gates, and that depends on the token alone.
In chats one word of ten is distinct, so it is computed once for each distinct row, and a turn is
read by adding up the rows of its tokens.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from nlp_lstm.layers.packed_lstm import PackedLstm
from nlp_lstm.native.kernels import Floats, Kernels, Numbers
from nlp_lstm.stored_weights import Array

# What rows give to the gates of both directions: (V, G) each.
Tables = tuple[Floats, Floats]

# Rows of which is kept what they give: some megabytes a model.
MOST_TOLD = 1024

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
        self._told = _Told(self.tables)

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

    def told(self, rows: Floats) -> tuple[Tables, Numbers]:
        """What the rows of one turn give, as one of the parts that are read.

        Most rows were met in turns before, and are not computed again.

        Args:
            rows: Tokens, or their first part, as long in every call. (T, …)
        """
        return self._told(rows)

    def turn(self, tokens: Floats) -> Floats:
        """The states of one turn: tokens (T, E), at least one, → (T, 2H)."""
        return self([self.told(tokens)], np.zeros(1, np.int64), np.array([len(tokens)]))


class _Told:
    """What rows give to the gates, of those that were met lately."""

    def __init__(self, tables: Callable[[Floats], Tables]) -> None:
        """Args: tables, what computes it."""
        self._compute = tables
        self._places: dict[bytes, int] = {}
        self._tables: Tables | None = None

    def __call__(self, rows: Floats) -> tuple[Tables, Numbers]:
        """Tables, and where the rows of a turn stand in them: (T, …) → (V, G) twice, (T,)."""
        if len(rows) > MOST_TOLD // 4:
            return self._compute(rows), np.arange(len(rows))
        keys = [row.tobytes() for row in rows]
        if len(self._places) + len(keys) > MOST_TOLD:
            self._places = {}
        places = self._places
        new = [place for place, key in enumerate(keys) if key not in places]
        if new:
            known = len(places)
            for place in new:
                places.setdefault(keys[place], len(places))
            if len(places) - known < len(new):  # one word twice
                new = [keys.index(key) for key in list(places)[known:]]
            found = self._compute(rows[new])
            if self._tables is None:
                ahead, back = (np.empty((MOST_TOLD, part.shape[1]), np.float32) for part in found)
                self._tables = ahead, back
            for table, part in zip(self._tables, found, strict=True):
                table[known : len(places)] = part
        assert self._tables is not None
        return self._tables, np.array([places[key] for key in keys])
