"""The versions of the kernels that can be tried here, and the precision that each computes in."""

import pytest
import torch

from nlp_lstm.native.kernels import _NEEDS, Floats, Kernels, _flags, _library

VERSIONS = tuple(_NEEDS)


def version_here(name: str) -> Kernels:
    """One version; the test is skipped where it was not compiled or the processor lacks it."""
    library = _library()
    if library is None:
        pytest.skip("no kernels were compiled")
    if missing := _NEEDS[name] - _flags():
        pytest.skip(f"this processor has no {', '.join(sorted(missing))}")
    try:
        return Kernels(library, name)
    except AttributeError:
        pytest.skip(f"the compiler knew no {name}")


def as_read(kernels: Kernels, numbers: Floats) -> Floats:
    """Numbers as products take them in."""
    if kernels.version != "half":
        return numbers
    rounded: Floats = torch.from_numpy(numbers).bfloat16().float().numpy()
    return rounded
