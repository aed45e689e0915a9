"""Between NumPy's arrays, in which weights and memories are kept, and torch's tensors."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor


def as_arrays(tensors: Mapping[str, Tensor]) -> dict[str, npt.NDArray[Any]]:
    """Tensors of any device by name as arrays; those of the CPU are not copied."""
    return {
        name: (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).detach().cpu().numpy()
        for name, tensor in tensors.items()
    }


def as_tensors(arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, Tensor]:
    """Arrays by name as tensors, not copied."""
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def mean_weights(networks: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of several networks' weights by name; what is no weight is the first one's.

    Raises:
        ValueError: They are not of one shape.
    """
    first, *others = networks
    if any(
        {name: tensor.shape for name, tensor in other.items()}
        != {name: tensor.shape for name, tensor in first.items()}
        for other in others
    ):
        raise ValueError("networks of several shapes have no mean")
    return {
        name: torch.stack([network[name] for network in networks]).mean(dim=0)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in first.items()
    }
