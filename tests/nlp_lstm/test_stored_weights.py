import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_lstm.stored_weights import StoredWeights, as_stored, packed

Floats = npt.NDArray[np.float32]


def tables() -> st.SearchStrategy[Floats]:
    """Word tables of all magnitudes that a training could leave behind, rows of zeros included."""
    sizes = st.lists(st.sampled_from([0.0, 1e-7, 1e-4, 7.7e-3, 0.5, 30.0]), min_size=1, max_size=5)
    seeds = st.integers(0, 2**31)
    return st.builds(_table, sizes, seeds)


def _table(sizes: list[float], seed: int) -> Floats:
    noise = np.random.default_rng(seed).standard_normal((len(sizes), 6), dtype=np.float32)
    return noise * np.array(sizes, dtype=np.float32)[:, None]


@given(tables())
def test_what_is_stored_is_stored_the_same_again(table: Floats) -> None:
    """Or what was calibrated would not be what is shipped."""
    once = as_stored({"rows.pieces.weight": table, "bias": table})
    twice = as_stored(once)

    assert all(np.array_equal(once[name], twice[name]) for name in once)


@given(tables())
def test_a_row_of_a_table_loses_half_a_step_at_most(table: Floats) -> None:
    stored = as_stored({"rows.grams.weight": table})["rows.grams.weight"]

    step = np.maximum(np.abs(table).max(axis=1, keepdims=True) / 127, 2.0**-14)
    assert (np.abs(stored - table) <= 0.51 * step).all()


def test_tables_take_a_byte_a_number_and_all_else_two() -> None:
    stored = packed({"rows.pieces.weight": _ones(5, 4), "key.weight": _ones(3, 4)})

    assert {name: (array.dtype, array.shape) for name, array in stored.items()} == {
        "rows.pieces.weight": (np.dtype(np.int8), (5, 4)),
        "rows.pieces.weight.scale": (np.dtype(np.float16), (5,)),
        "key.weight": (np.dtype(np.float16), (3, 4)),
    }


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_what_is_no_number_stays_visible(number: float) -> None:
    table = _ones(2, 3)
    table[1, 2] = number

    stored = as_stored({"rows.pieces.weight": table})["rows.pieces.weight"]

    assert np.isfinite(stored[0]).all()
    assert not np.isfinite(stored[1]).all()


@given(tables())
def test_a_few_rows_are_rows_of_the_table(table: Floats) -> None:
    weights = StoredWeights(packed({"rows.pieces.weight": table, "key": table}))
    last = len(table) - 1

    assert list(weights) == ["rows.pieces.weight", "key"]
    for name in weights:
        assert np.array_equal(weights.rows(name, [last, 0]), weights[name][[last, 0]])


def _ones(*shape: int) -> Floats:
    return np.ones(shape, dtype=np.float32)
