"""Confidences that mean something: two numbers for slots, two for whole states."""

import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from nlp_lstm.layers.single import Doubles
from nlp_lstm.scoring.platt import platt


class Platt(BaseModel):
    """sigmoid(slope * log-odds + offset), as in Platt 1999."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slope: float
    offset: float

    def __call__(self, raw: npt.ArrayLike) -> Doubles:
        """Calibrated probabilities from raw ones, of the same shape."""
        return platt(self.slope, self.offset, raw)


class StateCalibration(BaseModel):
    """What was fitted on dev.

    Attributes:
        slots: For a filled slot's chained confidence.
        state: For the product of all slots' chained confidences.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slots: Platt
    state: Platt


UNCALIBRATED = StateCalibration(slots=Platt(slope=1, offset=0), state=Platt(slope=1, offset=0))
