"""Confidences that mean something: two numbers for slots, two for whole states."""

from pydantic import BaseModel, ConfigDict
from torch import Tensor

from nlp_lstm.scoring.calibration import fit_platt, log_odds


class Platt(BaseModel):
    """sigmoid(slope * log-odds + offset), as in Platt 1999."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slope: float
    offset: float

    def __call__(self, raw: Tensor) -> Tensor:
        """Calibrated probabilities from raw ones, of the same shape."""
        return (self.slope * log_odds(raw) + self.offset).sigmoid()


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


def fit_calibration(
    slots: Tensor, slots_right: Tensor, states: Tensor, states_right: Tensor
) -> StateCalibration:
    """Fit both on answers whose truth is known.

    Args:
        slots: Chained confidence of filled slots. (F,)
        slots_right: Whether each holds the labelled value. (F,) bool
        states: Product over all slots. (N,)
        states_right: Whether the whole state is right. (N,) bool
    """
    slope, offset = fit_platt(log_odds(slots), slots_right)
    state_slope, state_offset = fit_platt(log_odds(states), states_right)
    return StateCalibration(
        slots=Platt(slope=slope, offset=offset),
        state=Platt(slope=state_slope, offset=state_offset),
    )
