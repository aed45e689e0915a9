"""Causal LSTM across the turns of a conversation, its memory a value."""

import torch
from torch import Tensor, nn

from nlp_lstm.layers.cells import Cell
from nlp_lstm.layers.recurrent import RECURRENT, Recurrence

State = tuple[Tensor, Tensor]


class CausalMemory(nn.Module):
    """Reads turn vectors forwards only, so that what it says of a turn never changes later.

    Dimensions: C conversations, N turns, E turn width, H memory width.
    """

    def __init__(self, turn_width: int, memory_width: int, cell: Cell = "lstm") -> None:
        super().__init__()
        self.width = memory_width
        self.cell = cell
        # Called what it is: `lstm` in every artefact that ships.
        self.add_module(cell, RECURRENT[cell](turn_width, memory_width, batch_first=True))

    @property
    def recurrence(self) -> Recurrence:
        """What reads."""
        module = self.get_submodule(self.cell)
        assert isinstance(module, (nn.LSTM, nn.GRU, nn.RNN))
        return module

    def start(self, conversations: int) -> State:
        """The memory before the first turn, zeros: (C, H), and of an LSTM's cells (C, H) as well.

        Other cells have one state; their second tensor is empty, (C, 0).
        """
        weight = next(self.parameters())
        hidden = weight.new_zeros(conversations, self.width)
        return hidden, hidden if self.cell == "lstm" else hidden[:, :0]

    def forward(self, turns: Tensor, state: State | None = None) -> Tensor:
        """The memory after each turn.

        Padding must stand after a conversation's last turn; what is read there is ignored by
        every turn before it.

        Args:
            turns: (C, N, E)
            state: The memory before the first of them; None starts anew.

        Returns:
            (C, N, H)
        """
        before: Tensor | State | None
        if state is None:
            before = None
        elif self.cell == "lstm":
            before = state[0][None], state[1][None]
        else:
            before = state[0][None]
        states: Tensor = self.recurrence(turns, before)[0]
        return states

    def step(self, turn: Tensor, state: State) -> State:
        """The memory after one more turn, (C, E).

        One cell with the same weights: `nn.LSTM` for a single step costs five times as much.
        """
        weights = self.recurrence.all_weights[0]
        if self.cell == "lstm":
            hidden, cell = torch.lstm_cell(turn, state, *weights)
            return hidden, cell
        step = torch.gru_cell if self.cell == "gru" else torch.rnn_tanh_cell
        return step(turn, state[0], *weights), state[1]
