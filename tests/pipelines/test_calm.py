"""One thread, rare looks for rings, and a bound on kernels that yields to the environment's own."""

import gc
import os

import pytest
import torch

from pipelines.calm import KERNELS_KEPT, OBJECTS_AT_ONCE, calm_torch

SETTING = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"


@pytest.mark.parametrize(("given", "kept"), [(None, KERNELS_KEPT), ("7", "7")])
def test_what_is_set(monkeypatch: pytest.MonkeyPatch, given: str | None, kept: str) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    if given is not None:
        monkeypatch.setenv(SETTING, given)

    before = gc.get_threshold()
    calm_torch()
    rarely = gc.get_threshold()
    gc.set_threshold(*before)

    assert rarely == (OBJECTS_AT_ONCE, *before[1:])
    assert os.environ[SETTING] == kept
    assert torch.get_num_threads() == 1
    monkeypatch.delenv(SETTING)
