"""What slots hold after a step, by a compiled kernel: scores and decision in one.

It computes what `candidates` and `deciding` do for many conversations, and `single` for one: the
same numbers for a conversation whatever others there are.
"""

import ctypes
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nlp_lstm.native.kernels import Doubles, Floats, Kernels, Numbers, address
from nlp_lstm.states.layout import LEAST_SURE_DELETION, MATCH_SCALE
from nlp_lstm.states.schema import DONTCARE, EMPTY, OTHER
from nlp_lstm.states.tables import SchemaTables
from nlp_lstm.stored_weights import Array


class Offered(NamedTuple):
    """The E offers of N rows of S slots, ascending by cell.

    Attributes:
        cells: Row times S, and the slot. (E,)
        values: Value numbers. (E,)
        users: The mention vector of what the customer says now. (E,)
        others: That of what the other side said. (E,)
        bits: Features, as `nlp_lstm.states.history.FEATURES` names them. (E,)
    """

    cells: Numbers
    values: Numbers
    users: Numbers
    others: Numbers
    bits: Numbers


class Chosen(NamedTuple):
    """What every slot holds after a step; as `nlp_lstm.states.deciding.Decision`.

    Attributes:
        values: (N, S)
        chosen: (N, S)
        stayed: (N, S)
        copied: (N, S)
    """

    values: Numbers
    chosen: Doubles
    stayed: Doubles
    copied: npt.NDArray[np.bool_]


_SIZES = ("slots", "width", "offered", "related", "match", "offer", "features")
_VALUES = ("empty", "dont_care", "other")
_NUMBERS = ("least_sure_deletion", "match_scale", "present_bonus", "copy_bias", "offer_bias")
_ARRAYS = (
    *("plain_bias", "offered_values", "offered_rows", "always", "related_slots", "pairs"),
    *("copy_score", "value_rows", "value_offers", "feature_offers", "slot_offers"),
    *("present_offers", "offer_score"),
)


class _Parameters(ctypes.Structure):
    """`struct chooser` of choose.c."""

    _fields_ = (
        *((name, ctypes.c_int64) for name in (*_SIZES, *_VALUES)),
        *((name, ctypes.c_double) for name in _NUMBERS),
        *((name, ctypes.c_void_p) for name in _ARRAYS),
    )


class Chooser:
    """Chooses with a tracker's weights as they were when this was made.

    Dimensions: N rows, S slots, W slot width, K match, H offer, E offers, V mention vectors.
    """

    def __init__(
        self, kernels: Kernels, weights: Mapping[str, Array], tables: SchemaTables
    ) -> None:
        """Args: kernels, what computes; weights, the tracker's by name; tables, its schema's."""
        self._kernels = kernels
        S, A = tables.offered.shape
        arrays: dict[str, Array] = {
            "plain_bias": weights["plain_bias"],
            "offered_values": tables.offered,
            "offered_rows": weights["offered_rows"],
            "always": weights["offered_bias"],
            "related_slots": tables.related,
            "pairs": weights["copy_to"][:, None] + weights["copy_from"][tables.related],
            "copy_score": weights["copy_score.weight"],
            "value_rows": tables.value_rows,
            "value_offers": weights["values.weight"] @ weights["offer_value.weight"].T,
            "feature_offers": weights["offer_features.weight"].T,
            "slot_offers": weights["offer_slots"],
            "present_offers": weights["offer_present.weight"].T,
            "offer_score": weights["offer_score.weight"],
        }
        # Kept, because the kernel reads them where they lie.
        self._arrays = {
            name: np.ascontiguousarray(array, np.int64 if array.dtype.kind == "i" else np.float32)
            for name, array in arrays.items()
        }
        self._parameters = _Parameters(
            slots=S,
            width=weights["offered_rows"].shape[2],
            offered=A,
            related=tables.related.shape[1],
            match=weights["copy_score.weight"].shape[1],
            offer=weights["offer_score.weight"].shape[1],
            features=weights["offer_features.weight"].shape[1],
            empty=EMPTY,
            dont_care=DONTCARE,
            other=OTHER,
            least_sure_deletion=LEAST_SURE_DELETION,
            match_scale=MATCH_SCALE,
            present_bonus=float(weights["present_bonus"]),
            copy_bias=float(weights["copy_score.bias"][0]),
            offer_bias=float(weights["offer_score.bias"][0]),
            **{name: address(array) for name, array in self._arrays.items()},
        )

    def __deepcopy__(self, memo: object) -> "Chooser":
        return self  # the parameters hold the addresses of these arrays

    def __call__(
        self, hidden: Floats, heads: Floats, previous: Numbers, offered: Offered, mapped: Floats
    ) -> Chosen:
        """Choose.

        Args:
            hidden: Slots, and what is remembered of them. (N, S, W)
            heads: What `Kept.heads` makes of them. (N, S, PLAIN + K + H + K)
            previous: Value numbers before the step. (N, S)
            offered: What was said.
            mapped: Mention vectors as an offer's, first as the customer's, then as the other
                side's. (2 * V, H + K)
        """
        values = np.empty(previous.shape, np.int64)
        chosen, stayed = np.empty(previous.shape), np.empty(previous.shape)
        copied = np.empty(previous.shape, np.bool_)
        self._kernels.choose(
            ctypes.addressof(self._parameters),
            [hidden, heads, mapped],
            [previous, *offered],
            [values, chosen, stayed, copied],
        )
        return Chosen(values, chosen, stayed, copied)
