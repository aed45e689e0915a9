"""Dropout with one mask a row, shared over time."""

from torch import Tensor, nn


class LockedDropout(nn.Module):
    """Drops the same features at every word of a turn (Gal and Ghahramani 2016).

    Fresh noise at every step washes a recurrent state out, and costs more to draw.
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, states: Tensor) -> Tensor:
        """Args: states: (B, T, W). Returns: the same shape, scaled in training."""
        if not self.training or self.probability == 0:
            return states
        keep = 1 - self.probability
        mask = states.new_empty(states.shape[0], 1, states.shape[2]).bernoulli_(keep)
        return states * (mask / keep)
