"""A memory can be stored and is refused by any model but its own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_lstm.artefact import ArtefactError
from nlp_lstm.component import Memory, check_memory

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.text(), JSON, max_size=3), st.integers(0, 9))
def test_bytes_give_the_memory_back(facts: dict[str, object], turns: int) -> None:
    transposed = np.arange(6.0).reshape(2, 3).T  # not contiguous
    memory = Memory("f00d", turns, 3 * turns, {"hidden": transposed}, facts)

    back = Memory.from_bytes(memory.to_bytes())

    assert (back.fingerprint, back.turns, back.tokens) == ("f00d", turns, 3 * turns)
    assert back.facts == facts
    assert np.array_equal(back.arrays["hidden"], transposed)


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x80\x04\x95\x00", id="a pickle"),
        pytest.param(b"\x02\x00\x00\x00\x00\x00\x00\x00{}", id="safetensors, but no memory"),
        pytest.param(Memory("f", 0, 0, {"h": np.ones(9)}, {}).to_bytes()[:-1], id="truncated"),
    ],
)
def test_other_bytes_are_refused(stored: bytes) -> None:
    with pytest.raises(ArtefactError, match="that are no memory"):
        Memory.from_bytes(stored)


def test_another_models_memory_is_refused() -> None:
    check_memory(Memory("f00d", 0, 0, {}, {}), "f00d")
    with pytest.raises(ArtefactError, match="a memory of model f00d, expected one of model cafe"):
        check_memory(Memory("f00d", 0, 0, {}, {}), "cafe")
