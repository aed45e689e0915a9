"""One vector a turn from the vectors of its words."""

import torch
from torch import Tensor, nn


def inside_turn(lengths: Tensor, longest: int, device: torch.device) -> Tensor:
    """Which positions belong to a turn: (B, T) bool for lengths (B,)."""
    return torch.arange(longest, device=device) < lengths.to(device)[:, None]


def masked_max(states: Tensor, lengths: Tensor) -> Tensor:
    """The largest value of each feature within a turn.

    Args:
        states: (B, T, W)
        lengths: Words in each turn, each at least 1. (B,) int64

    Returns:
        (B, W)
    """
    if _is_full(lengths, states):
        return states.amax(dim=1)
    inside = inside_turn(lengths, states.shape[1], states.device)
    # Padding is 0 and 0 beats any negative state: unmasked, a short turn's vector would change
    # with the longest turn that happens to share its batch.
    return states.masked_fill(~inside[..., None], -torch.inf).amax(dim=1)


def masked_mean(states: Tensor, lengths: Tensor) -> Tensor:
    """The mean of each feature within a turn: states (B, T, W), lengths (B,) → (B, W)."""
    if not _is_full(lengths, states):
        inside = inside_turn(lengths, states.shape[1], states.device)
        states = states.masked_fill(~inside[..., None], 0)
    return states.sum(dim=1) / lengths.to(states)[:, None]


class AttentionPool(nn.Module):
    """A mean over a turn's words, weighted by how much each has to say (Yang et al. 2016)."""

    def __init__(self, width: int, key_width: int) -> None:
        super().__init__()
        self.key = nn.Linear(width, key_width)
        self.query = nn.Linear(key_width, 1, bias=False)

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Args: states (B, T, W), lengths (B,) int64, each at least 1. Returns: (B, W)."""
        scores = self.query(self.key(states).tanh())[..., 0]  # (B, T)
        if not _is_full(lengths, states):
            inside = inside_turn(lengths, states.shape[1], states.device)
            scores = scores.masked_fill(~inside, -torch.inf)
        return torch.bmm(scores.softmax(dim=1)[:, None], states)[:, 0]


def _is_full(lengths: Tensor, states: Tensor) -> bool:
    """Whether no turn is padded, where finding out costs nothing: (B,), (B, T, …)."""
    return lengths.device.type == "cpu" and bool((lengths == states.shape[1]).all())
