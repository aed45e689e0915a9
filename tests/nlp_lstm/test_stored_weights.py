import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from nlp_lstm.stored_weights import as_stored, packed


def tables() -> st.SearchStrategy[Tensor]:
    """Word tables of all magnitudes that a training could leave behind, rows of zeros included."""
    sizes = st.lists(st.sampled_from([0.0, 1e-7, 1e-4, 7.7e-3, 0.5, 30.0]), min_size=1, max_size=5)
    seeds = st.integers(0, 2**31)
    return st.builds(_table, sizes, seeds)


def _table(sizes: list[float], seed: int) -> Tensor:
    noise = torch.randn(len(sizes), 6, generator=torch.Generator().manual_seed(seed))
    return noise * torch.tensor(sizes)[:, None]


@given(tables())
def test_what_is_stored_is_stored_the_same_again(table: Tensor) -> None:
    """Or what was calibrated would not be what is shipped."""
    once = as_stored({"rows.pieces.weight": table, "bias": table})
    twice = as_stored(once)

    assert all(torch.equal(once[name], twice[name]) for name in once)


@given(tables())
def test_a_row_of_a_table_loses_half_a_step_at_most(table: Tensor) -> None:
    stored = as_stored({"rows.grams.weight": table})["rows.grams.weight"]

    step = (table.abs().amax(dim=1, keepdim=True) / 127).clamp(min=2.0**-14)
    assert ((stored - table).abs() <= 0.51 * step).all()


def test_tables_take_a_byte_a_number_and_all_else_two() -> None:
    stored = packed({"rows.pieces.weight": torch.ones(5, 4), "key.weight": torch.ones(3, 4)})

    assert {name: (tensor.dtype, tuple(tensor.shape)) for name, tensor in stored.items()} == {
        "rows.pieces.weight": (torch.int8, (5, 4)),
        "rows.pieces.weight.scale": (torch.float16, (5,)),
        "key.weight": (torch.float16, (3, 4)),
    }


@pytest.mark.parametrize("number", [torch.nan, torch.inf])
def test_what_is_no_number_stays_visible(number: float) -> None:
    table = torch.ones(2, 3)
    table[1, 2] = number

    stored = as_stored({"rows.pieces.weight": table})["rows.pieces.weight"]

    assert torch.isfinite(stored[0]).all()
    assert not torch.isfinite(stored[1]).all()
