"""Weights as they lie on disk: word tables in 8 bits, everything else in 16.

    rows.pieces.weight        int8     (27624, 160)
    rows.pieces.weight.scale  float16  (27624,)
    encoder.key.weight        float16  (64, 480)

Two thirds of a model are the vectors of its WordPieces. A row of them is at most 127 times its
scale, and what rounding does to it is half a percent of its largest number.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# The tables of `WordRows`, wherever a network keeps it.
TABLES = ("pieces.weight", "grams.weight")
_SCALE = ".scale"
_MOST = 127
# Below the smallest normal half a scale would be too coarse to be found again from its own row.
_LEAST_SCALE = 2.0**-14


class StoredWeights(Mapping[str, Array]):
    """Weights by name, as float32; other than floating point stays as it is.

    What is asked for is unpacked then: who reads two words need not unpack all.
    """

    def __init__(self, stored: Mapping[str, Array]) -> None:
        """Read what `packed` made.

        Raises:
            ValueError: A table has no scale.
        """
        tables = {name for name, array in stored.items() if array.dtype == np.int8}
        for name in tables:
            scale = stored.get(name + _SCALE)
            if scale is None or scale.shape != stored[name].shape[:1]:
                raise ValueError(f"{name} without a scale for each of its rows")
        self._stored = stored
        # In order, each once.
        kept = (name for name in stored if name.removesuffix(_SCALE) not in tables - {name})
        self._names = dict.fromkeys(kept)

    def __getitem__(self, name: str) -> Array:
        array = self._stored[name]
        if array.dtype == np.int8:
            return self.rows(name, slice(None))
        return array.astype(np.float32) if array.dtype.kind == "f" else array

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def shape(self, name: str) -> tuple[int, ...]:
        """Of one of them, without unpacking it."""
        return self._stored[name].shape

    def rows(self, name: str, numbers: Sequence[int] | Array | slice) -> npt.NDArray[np.float32]:
        """Some rows of a table, in the order of their numbers: (R, W)."""
        rows = self._stored[name][numbers].astype(np.float32)
        if self._stored[name].dtype == np.int8:
            with np.errstate(invalid="ignore"):  # a scale that is no number; `not_finite` tells
                rows *= self._stored[name + _SCALE][numbers].astype(np.float32)[:, None]
        return rows

    def not_finite(self) -> str | None:
        """The name of a weight that holds NaN or infinity; None where all are numbers."""
        for name, array in self._stored.items():
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                return name.removesuffix(_SCALE) if name not in self._names else name
        return None


def packed(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Weights by name as they are written to a file."""
    stored: dict[str, Array] = {}
    for name, array in arrays.items():
        if array.dtype.kind != "f":
            stored[name] = array
        elif name.endswith(TABLES):
            stored[name], stored[name + _SCALE] = _in_bytes(array.astype(np.float32))
        else:
            stored[name] = _half(array)
    return stored


def as_stored(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """What loading gives back after saving; of that, saving and loading changes nothing more."""
    return dict(StoredWeights(packed(arrays)))


def _in_bytes(table: Array) -> tuple[Array, Array]:
    """A table as whole numbers and the scale of each row: (R, W) → int8 (R, W), float16 (R,)."""
    # `maximum` keeps what is no number: such a row gets a scale that is none either, which
    # loading refuses.
    scale = _half(np.maximum(np.abs(table).max(axis=1) / np.float32(_MOST), _LEAST_SCALE))
    with np.errstate(invalid="ignore"):
        numbers = np.rint(table / scale.astype(np.float32)[:, None])
    return np.nan_to_num(np.clip(numbers, -_MOST, _MOST), nan=0).astype(np.int8), scale


def _half(array: Array) -> Array:
    with np.errstate(over="ignore"):  # to infinity, which loading refuses
        return array.astype(np.float16)
