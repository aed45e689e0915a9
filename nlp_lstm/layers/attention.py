"""Self-attention in place of recurrence: within a turn both ways, across turns backwards only."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from nlp_lstm.layers.dropout import LockedDropout

HEADS = 4
# What follows attention in a block is so many times as wide as the block.
WIDENING = 2
# Blocks of an encoder for each layer of a BiLSTM.
BLOCKS_A_LAYER = 2


class AttentionBlock(nn.Module):
    """Attention, then two linear layers, each added to what came in (pre-norm).

    Dimensions: B rows, T new places, P places attended to, D width.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        if width % HEADS:
            raise ValueError(f"width {width} is no multiple of {HEADS} heads")
        self.width = width
        self.before = nn.LayerNorm(width)
        self.asked = nn.Linear(width, width)
        self.kept = nn.Linear(width, 2 * width)
        self.found = nn.Linear(width, width)
        self.between = nn.LayerNorm(width)
        self.wide = nn.Linear(width, WIDENING * width)
        self.narrow = nn.Linear(WIDENING * width, width)

    def keys_and_values(self, inputs: Tensor) -> Tensor:
        """What others may attend to: (B, T, D) → (B, T, 2D)."""
        kept: Tensor = self.kept(self.before(inputs))
        return kept

    def forward(self, inputs: Tensor, kept: Tensor, bias: Tensor | None) -> Tensor:
        """Args: inputs (B, T, D), kept (B, P, 2D), bias added to scores. Returns: (B, T, D)."""
        keys, values = kept.chunk(2, dim=2)
        found = scaled_dot_product_attention(
            _apart(self.asked(self.before(inputs))), _apart(keys), _apart(values), attn_mask=bias
        )
        inputs = inputs + self.found(found.transpose(1, 2).flatten(2))
        outputs: Tensor = inputs + self.narrow(gelu(self.wide(self.between(inputs))))
        return outputs


class AttentionEncoder(nn.Module):
    """Attention over the words of a turn; takes the place of a `TurnEncoder`.

    Dimensions: B turns, T words in the longest, E token width, D output width.
    """

    def __init__(self, token_width: int, output_width: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.output_width = output_width
        self.into = nn.Linear(token_width, output_width)
        self.blocks = nn.ModuleList(
            AttentionBlock(output_width) for _ in range(BLOCKS_A_LAYER * layers)
        )
        self.after = nn.LayerNorm(output_width)
        self.dropout = LockedDropout(dropout)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """As `TurnEncoder.forward`: (B, T, E) and (B,) → (B, T, D), zero after each turn's end."""
        T = tokens.shape[1]
        inside = torch.arange(T, device=tokens.device) < lengths.to(tokens.device)[:, None]
        bias = torch.where(inside, 0.0, -torch.inf)[:, None, None].to(tokens.dtype)
        states = self.into(self.dropout(tokens))
        states = states + _positions(T, self.output_width).to(states)
        for block in self.blocks:
            assert isinstance(block, AttentionBlock)
            kept = block.keys_and_values(states)
            states = self.dropout(block(states, kept, bias.to(states.dtype)))
        outputs: Tensor = self.after(states).float() * inside[..., None]
        return outputs


def _apart(states: Tensor) -> Tensor:
    """The heads of a width: (B, T, D) → (B, heads, T, D / heads)."""
    rows, places, width = states.shape
    return states.reshape(rows, places, HEADS, width // HEADS).transpose(1, 2)


def _positions(count: int, width: int) -> Tensor:
    """Sines and cosines of positions (Vaswani et al. 2017): (count, width)."""
    rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000.0) / width))
    angles = torch.arange(count)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)
