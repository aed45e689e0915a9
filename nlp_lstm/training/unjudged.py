"""A training whose epochs are not chosen among: a budget spent is the end of it."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

from torch import Tensor, nn

from nlp_lstm.training.loop import ArtefactParts, ParameterGroup, Trainee


class Unjudged:
    """A trainee that dev does not see before its last epoch, whose weights are kept.

    Where networks are compared, the best of several epochs on dev would be a figure that each had
    several tries at.
    """

    metric = "unjudged"

    def __init__(self, trainee: Trainee) -> None:
        self._trainee = trainee

    @property
    def network(self) -> nn.Module:
        """The trainee's."""
        return self._trainee.network

    def batch_count(self) -> int:
        """The trainee's."""
        return self._trainee.batch_count()

    def batches(self, epoch: int, rng: random.Random) -> Iterable[Any]:
        """The trainee's."""
        return self._trainee.batches(epoch, rng)

    def loss(self, batch: Any, epoch: int) -> Tensor:
        """The trainee's."""
        return self._trainee.loss(batch, epoch)

    def validate(self) -> dict[str, float]:
        """Nothing: of equals the loop keeps the last."""
        return {self.metric: 0.0}

    def parameter_groups(self) -> Sequence[ParameterGroup]:
        """The trainee's."""
        return self._trainee.parameter_groups()

    def describe(self, *, measured: bool = True) -> ArtefactParts:
        """The trainee's."""
        return self._trainee.describe(measured=measured)

    def calibrate(self) -> dict[str, Any]:
        """The trainee's."""
        return self._trainee.calibrate()
