"""Attention over the last turns of a conversation, in place of a recurrent memory."""

import torch
from torch import Tensor, nn

from nlp_lstm.layers.attention import HEADS, AttentionBlock
from nlp_lstm.layers.memory import State

# How many turns back it sees, its own included: what is kept grows with it. Nine of ten chats of
# the corpora here end sooner.
WINDOW = 32


class AttentionMemory(nn.Module):
    """Reads turn vectors forwards only; takes the place of a `CausalMemory`.

    What a turn was is kept as its key and value until it is `WINDOW` turns old, and then forgotten.

    Dimensions: C conversations, N turns, W window, E turn width, H memory width.
    """

    def __init__(self, turn_width: int, memory_width: int) -> None:
        super().__init__()
        self.width = memory_width
        self.into = nn.Linear(turn_width, memory_width)
        self.block = AttentionBlock(memory_width)
        self.after = nn.LayerNorm(memory_width)
        # Of each head, how much a turn counts for being so many turns ago.
        self.ages = nn.Parameter(torch.zeros(HEADS, WINDOW))

    def start(self, conversations: int) -> State:
        """The memory before the first turn: its answer (C, H), what is kept (C, W, 2H + 1).

        The last number of what is kept says whether there was such a turn.
        """
        weight = self.ages
        return (
            weight.new_zeros(conversations, self.width),
            weight.new_zeros(conversations, WINDOW, 2 * self.width + 1),
        )

    def forward(self, turns: Tensor, state: State | None = None) -> Tensor:
        """The memory after each turn: (C, N, E) → (C, N, H); see `CausalMemory.forward`."""
        return self._read(turns, state)[0]

    def step(self, turn: Tensor, state: State) -> State:
        """The memory after one more turn: (C, E)."""
        answers, kept = self._read(turn[:, None], state)
        return answers[:, 0], kept[:, -WINDOW:]

    def _read(self, turns: Tensor, state: State | None) -> tuple[Tensor, Tensor]:
        """Answers to new turns, and everything kept before and of them: (C, P, 2H + 1)."""
        N = turns.shape[1]
        inputs = self.into(turns)
        new = self.block.keys_and_values(inputs)
        kept = torch.cat([new, new.new_ones(*new.shape[:2], 1)], dim=2)
        if state is not None:
            kept = torch.cat([state[1].to(kept.dtype), kept], dim=1)
        P = kept.shape[1]
        places = torch.arange(P, device=turns.device)
        ages = places[P - N :, None] - places  # (N, P)
        seen = (ages >= 0) & (ages < WINDOW)
        bias = self.ages[:, ages.clamp(0, WINDOW - 1)]  # (heads, N, P)
        bias = bias.masked_fill(~seen, -torch.inf)[None]
        if state is not None:
            bias = bias.masked_fill((kept[..., -1] == 0)[:, None, None], -torch.inf)
        states = self.block(inputs, kept[..., :-1], bias.to(inputs.dtype))
        return self.after(states), kept
