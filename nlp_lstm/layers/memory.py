"""Causal LSTM across the turns of a conversation, its memory a value."""

import torch
from torch import Tensor, nn

State = tuple[Tensor, Tensor]


class CausalMemory(nn.Module):
    """Reads turn vectors forwards only, so that what it says of a turn never changes later.

    Dimensions: C conversations, N turns, E turn width, H memory width.
    """

    def __init__(self, turn_width: int, memory_width: int) -> None:
        super().__init__()
        self.width = memory_width
        self.lstm = nn.LSTM(turn_width, memory_width, batch_first=True)

    def start(self, conversations: int) -> State:
        """The memory before the first turn: two tensors of zeros, (C, H) each."""
        weight = next(self.lstm.parameters())
        zeros = weight.new_zeros(conversations, self.width)
        return zeros, zeros

    def forward(self, turns: Tensor, state: State | None = None) -> Tensor:
        """The memory after each turn.

        Padding must stand after a conversation's last turn; what is read there is ignored by
        every turn before it.

        Args:
            turns: (C, N, E)
            state: The memory before the first of them, (C, H) each; None starts anew.

        Returns:
            (C, N, H)
        """
        before = None if state is None else (state[0][None], state[1][None])
        states: Tensor = self.lstm(turns, before)[0]
        return states

    def step(self, turn: Tensor, state: State) -> State:
        """The memory after one more turn: turn (C, E) → two tensors (C, H).

        One LSTM cell with the same weights: `nn.LSTM` for a single step costs five times as much.
        """
        hidden, cell = torch.lstm_cell(turn, state, *self.lstm.all_weights[0])
        return hidden, cell
