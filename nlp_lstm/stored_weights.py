"""Weights as they lie on disk: word tables in 8 bits, everything else in 16.

    rows.pieces.weight        int8     (27624, 160)
    rows.pieces.weight.scale  float16  (27624,)
    encoder.key.weight        float16  (64, 480)

Two thirds of a model are the vectors of its WordPieces. A row of them is at most 127 times its
scale, and what rounding does to it is half a percent of its largest number.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

# The tables of `WordRows`, wherever a network keeps it.
TABLES = ("pieces.weight", "grams.weight")
_SCALE = ".scale"
_MOST = 127
# Below the smallest normal half a scale would be too coarse to be found again from its own row.
_LEAST_SCALE = 2.0**-14


def packed(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors by name as they are written to a file."""
    stored: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        plain = tensor.detach().cpu()
        if name.endswith(TABLES) and plain.is_floating_point():
            stored[name], stored[name + _SCALE] = _in_bytes(plain.float())
        else:
            stored[name] = (plain.half() if plain.is_floating_point() else plain).contiguous()
    return stored


def unpacked(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What `packed` made, as float32; other than floating point stays as it is.

    Raises:
        ValueError: A table has no scale.
    """
    tensors: dict[str, Tensor] = {}
    for name, tensor in stored.items():
        if tensor.dtype == torch.int8:
            scale = stored.get(name + _SCALE)
            if scale is None or scale.shape != tensor.shape[:1]:
                raise ValueError(f"{name} without a scale for each of its rows")
            tensors[name] = tensor.float() * scale.float()[:, None]
        elif stored.get(name.removesuffix(_SCALE), tensor).dtype != torch.int8:
            tensors[name] = tensor.float() if tensor.is_floating_point() else tensor
    return tensors


def as_stored(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What loading gives back after saving; of that, saving and loading changes nothing more."""
    return unpacked(packed(tensors))


def _in_bytes(table: Tensor) -> tuple[Tensor, Tensor]:
    """A table as whole numbers and the scale of each row: (R, W) → int8 (R, W), float16 (R,)."""
    scale = (table.abs().amax(dim=1) / _MOST).clamp(min=_LEAST_SCALE).half()
    # A row that holds no number gets a scale that is none either, which loading refuses.
    numbers = (table / scale.float()[:, None]).round().clamp(-_MOST, _MOST).nan_to_num(0)
    return numbers.to(torch.int8), scale
