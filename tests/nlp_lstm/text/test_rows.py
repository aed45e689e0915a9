"""Rows of words: what they are made of, and that looking up is computing."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp_lstm.stored_weights import StoredWeights
from nlp_lstm.tensors import as_arrays
from nlp_lstm.text.forms import LONGEST_FORM, FormTable
from nlp_lstm.text.lookup import RowLookup
from tests.nlp_lstm.tiny import PIECES, ROWS, tiny_rows, tiny_table


def test_a_form_has_one_number() -> None:
    table = tiny_table()

    assert table.ids(["book", "a", "book"]) == [2, 3, 2]
    assert table.ids(["a"]) == [3]


def test_a_piece_row_is_the_mean_of_the_pieces() -> None:
    rows = tiny_rows().eval()
    pieces = {form: rows.table.features(rows.table.ids([form])).pieces for form in ("booking",)}
    expected = rows.pieces.weight[pieces["booking"]].mean(dim=0)

    found = rows(torch.tensor(rows.table.ids(["booking"])))[0, : ROWS.piece_width]

    assert pieces["booking"].tolist() == [4, 5]  # book, ##ing
    torch.testing.assert_close(found, expected)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=8))
def test_looking_up_gives_what_computing_gives(forms: list[str]) -> None:
    rows = tiny_rows()
    ids = torch.tensor(rows.table.ids(forms))

    learning = rows.train()(ids)
    looking_up = rows.eval()(ids)

    torch.testing.assert_close(learning, looking_up)


@given(
    st.lists(st.text(min_size=1), min_size=1, max_size=8),
    st.lists(st.integers(0, 10**6), max_size=30),
)
def test_forms_that_occur_are_looked_up_once_each(forms: list[str], chosen: list[int]) -> None:
    rows = tiny_rows().eval()
    known = [FormTable.PADDING, *rows.table.ids(forms)]
    ids = torch.tensor([known[n % len(known)] for n in chosen], dtype=torch.int64).view(-1, 1)

    distinct, places = rows.distinct(ids)

    assert len(distinct) == len(ids.unique())
    assert torch.equal(distinct[places], rows(ids))


def test_padding_is_nothing() -> None:
    assert tiny_rows().eval()(torch.tensor([FormTable.PADDING])).abs().sum() == 0


def test_rows_follow_the_weights() -> None:
    rows = tiny_rows().eval()
    ids = torch.tensor(rows.table.ids(["cheap"]))
    before = rows(ids)
    with torch.no_grad():
        rows.pieces.weight += 1

    after = rows.train().eval()(ids)

    torch.testing.assert_close(after[:, : ROWS.piece_width], before[:, : ROWS.piece_width] + 1)


def test_a_full_table_forgets_and_numbers_anew() -> None:
    rows = tiny_rows().eval()
    rows(torch.tensor(rows.table.ids([f"form{i}" for i in range(50)])))
    expected = tiny_rows().load_state_dict(rows.state_dict())
    assert not expected.missing_keys

    rows.table.bound(limit=20)
    ids = torch.tensor(rows.table.ids(["cheap"]))

    assert len(rows.table) == 3
    torch.testing.assert_close(rows(ids), rows.train()(ids))


def test_a_form_of_a_megabyte_costs_what_a_word_costs() -> None:
    table = tiny_table()
    features = table.features(table.ids(["x" * 1_000_000]))

    assert len(features.grams) <= 3 * (LONGEST_FORM + 2)


def test_digits_share_their_pattern() -> None:
    table = tiny_table()
    first, second = (table.features(table.ids([form])).grams.tolist() for form in ("4523", "9071"))

    assert first == second


def test_an_emoji_is_read_by_its_name() -> None:
    table = tiny_table()
    (bookmark,) = table.ids(["\N{BOOKMARK}"])

    pieces = table.features([bookmark]).pieces.tolist()

    assert pieces == table.features(table.ids(["bookmark"])).pieces.tolist()
    assert pieces[0] == PIECES.index("book")


@settings(deadline=None)
@given(st.lists(st.lists(st.text(min_size=1), max_size=8), min_size=1, max_size=4))
def test_rows_without_torch_are_the_same(turns: list[list[str]]) -> None:
    rows = tiny_rows().eval()
    weights = StoredWeights(as_arrays({f"rows.{n}": t for n, t in rows.state_dict().items()}))
    look_up = RowLookup(weights, tiny_table())

    for forms in turns:
        expected = rows(torch.tensor(rows.table.ids(forms), dtype=torch.int64)).numpy()
        np.testing.assert_allclose(look_up(forms), expected, atol=1e-6)
    look_up.table.bound(limit=0)
    np.testing.assert_allclose(look_up(forms), expected, atol=1e-6)
