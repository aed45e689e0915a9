"""Causal LSTM across the turns of a conversation, its memory a value."""

import numpy as np
import torch
from torch import Tensor, nn

from nlp_lstm.layers.cells import Cell
from nlp_lstm.layers.packed_lstm import PackedLstm
from nlp_lstm.layers.recurrent import RECURRENT, Recurrence
from nlp_lstm.layers.single import PackedCell
from nlp_lstm.native.kernels import find_kernels
from nlp_lstm.tensors import as_arrays

State = tuple[Tensor, Tensor]


class CausalMemory(nn.Module):
    """Reads turn vectors forwards only, so that what it says of a turn never changes later.

    Dimensions: C conversations, N turns, E turn width, H memory width.
    """

    def __init__(self, turn_width: int, memory_width: int, cell: Cell = "lstm") -> None:
        super().__init__()
        self.width = memory_width
        self.cell = cell
        self._packed: PackedCell | None = None
        # Called what it is: `lstm` in every artefact that ships.
        self.add_module(cell, RECURRENT[cell](turn_width, memory_width, batch_first=True))

    @property
    def recurrence(self) -> Recurrence:
        """What reads."""
        module = self.get_submodule(self.cell)
        assert isinstance(module, (nn.LSTM, nn.GRU, nn.RNN))
        return module

    def train(self, mode: bool = True) -> "CausalMemory":
        """Switch between learning and reading; either way the packed weights are dropped."""
        self._packed = None
        return super().train(mode)

    def __getstate__(self) -> dict[str, object]:
        """What copies and pickles are made of: no packed weights."""
        return {**nn.Module.__getstate__(self), "_packed": None}

    def packed(self) -> PackedCell | None:
        """What reads where nothing learns; None where there are no kernels for it.

        In full precision, because what it remembers is rounded again at every turn.
        """
        if self.training or torch.is_grad_enabled() or self.cell != "lstm":
            return None
        if self._packed is None:
            kernels = find_kernels(exact=True)
            if kernels is None or next(self.parameters()).device.type != "cpu":
                return None
            lstm = PackedLstm(kernels, as_arrays(self.recurrence.state_dict()), "")
            self._packed = PackedCell(lstm)
        return self._packed

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
        packed = self.packed()
        if packed is not None:
            return _read(packed, turns, state)
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
        packed = self.packed()
        if packed is not None:
            after = packed(turn.numpy(), (state[0].numpy(), state[1].numpy()))
            return torch.from_numpy(after[0]), torch.from_numpy(after[1])
        weights = self.recurrence.all_weights[0]
        if self.cell == "lstm":
            hidden, cell = torch.lstm_cell(turn, state, *weights)
            return hidden, cell
        step = torch.gru_cell if self.cell == "gru" else torch.rnn_tanh_cell
        return step(turn, state[0], *weights), state[1]


def _read(packed: PackedCell, turns: Tensor, state: State | None) -> Tensor:
    """Every memory of conversations side by side: turns (C, N, E) → (C, N, H)."""
    C, N, E = turns.shape
    every, lstm = np.arange(C * N), packed.lstm
    table = lstm.table(turns.reshape(C * N, E).numpy())
    before = None if state is None else (state[0].numpy(), state[1].numpy())
    states, _ = lstm.read([(table, every)], every[::N], np.full(C, N), state=before)
    return torch.from_numpy(np.ascontiguousarray(states)).view(C, N, lstm.width)
