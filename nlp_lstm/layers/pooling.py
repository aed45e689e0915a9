"""One vector a turn from the vectors of its words."""

import numpy as np
import torch
from torch import Tensor, nn

from nlp_lstm.layers.linear import Linear
from nlp_lstm.native.kernels import TANH, Kernels, find_kernels


def inside_turn(lengths: Tensor, longest: int, device: torch.device) -> Tensor:
    """Which positions belong to a turn: (B, T) bool for lengths (B,)."""
    return torch.arange(longest, device=device) < lengths.to(device)[:, None]


def max_and_mean(states: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """The largest value of each feature within a turn, and its mean.

    Args:
        states: (B, T, W)
        lengths: Words in each turn, each at least 1. (B,) int64

    Returns:
        (B, W) each.
    """
    pooled = _pooled(states, lengths)
    if pooled is None:
        return masked_max(states, lengths), masked_mean(states, lengths)
    return pooled


def masked_max(states: Tensor, lengths: Tensor) -> Tensor:
    """The largest value of each feature within a turn.

    Args:
        states: (B, T, W)
        lengths: Words in each turn, each at least 1. (B,) int64

    Returns:
        (B, W)
    """
    pooled = _pooled(states, lengths)
    if pooled is not None:
        return pooled[0]
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
        self.key = Linear(width, key_width)
        self.query = nn.Linear(key_width, 1, bias=False)

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Args: states (B, T, W), lengths (B,) int64, each at least 1. Returns: (B, W)."""
        keys, kernels = self.key(states, TANH), _kernels(states)
        if kernels is not None:
            B, T, W = states.shape
            found = kernels.attend(
                kernels.questions(self.query.weight.numpy()),
                np.zeros((1, W), np.float32),
                keys.reshape(B * T, -1).numpy(),
                [states.reshape(B * T, W).numpy()],
                T * np.arange(B),
                lengths.numpy(),
            )
            return torch.from_numpy(found[:, 0])
        scores = self.query(keys)[..., 0]  # (B, T)
        if not _is_full(lengths, states):
            inside = inside_turn(lengths, states.shape[1], states.device)
            scores = scores.masked_fill(~inside, -torch.inf)
        return torch.bmm(scores.softmax(dim=1)[:, None], states)[:, 0]


def _pooled(states: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor] | None:
    """Largest values and means by kernels; None where there are none for it."""
    kernels = _kernels(states)
    if kernels is None:
        return None
    B, T, W = states.shape
    starts = T * np.arange(B)
    largest, means = kernels.pool(states.reshape(B * T, W).numpy(), starts, lengths.numpy())
    return torch.from_numpy(largest), torch.from_numpy(means)


def _kernels(states: Tensor) -> Kernels | None:
    """What reads turns where nothing learns; None where there are no kernels for it."""
    if torch.is_grad_enabled() or states.device.type != "cpu":
        return None
    return find_kernels(exact=True)


def _is_full(lengths: Tensor, states: Tensor) -> bool:
    """Whether no turn is padded, where finding out costs nothing: (B,), (B, T, …)."""
    return lengths.device.type == "cpu" and bool((lengths == states.shape[1]).all())
