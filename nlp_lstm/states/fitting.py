"""Fitting the confidences of slots and of whole states."""

from torch import Tensor

from nlp_lstm.scoring.calibration import fit_platt, log_odds
from nlp_lstm.states.calibration import Platt, StateCalibration


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
