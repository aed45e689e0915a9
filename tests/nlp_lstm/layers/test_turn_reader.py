"""Reading turns by compiled kernels: nearly what PyTorch reads, and the same alone and together."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from nlp_lstm.layers import turn_encoder
from nlp_lstm.layers.turn_encoder import TurnEncoder, TurnEncoderConfig
from nlp_lstm.layers.turn_reader import MOST_TOLD, TurnReader
from nlp_lstm.native.kernels import Floats, find_kernels
from nlp_lstm.native.precision import set_precision

LENGTHS = torch.tensor([6, 6, 5, 4, 4, 3, 2, 1, 1])
# How far states may be from PyTorch's.
CLOSE = {"auto": 0.02, "float32": 1e-5}


@pytest.fixture(autouse=True)
def _as_shipped() -> Iterator[None]:
    yield
    set_precision("auto")


@pytest.fixture(params=CLOSE)
def precision(request: pytest.FixtureRequest) -> str:
    set_precision(request.param)
    return str(request.param)


@pytest.fixture
def turns() -> Tensor:
    torch.manual_seed(2)
    return torch.randn(9, 6, 12)


def encoder(hidden_width: int = 10, layers: int = 2) -> TurnEncoder:
    torch.manual_seed(1)
    config = TurnEncoderConfig(
        token_width=12, hidden_width=hidden_width, layers=layers, dropout=0.5
    )
    return TurnEncoder(config).eval()


def reader_of(encode: TurnEncoder) -> TurnReader:
    with torch.inference_mode():
        reader = encode.reader()
    if reader is None:
        pytest.skip("no kernels were compiled")
    return reader


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize(
    "hidden_width",
    [
        pytest.param(1, id="less than a register"),
        pytest.param(10, id="no register, and no half of one"),
        pytest.param(16, id="whole registers"),
        pytest.param(35, id="one more than pairs of them"),
    ],
)
def test_states_are_nearly_those_that_learning_has(
    turns: Tensor, precision: str, hidden_width: int, layers: int
) -> None:
    encode = encoder(hidden_width, layers)
    learning = encode(turns, LENGTHS).detach()

    with torch.inference_mode():
        read = encode(turns, LENGTHS)

    torch.testing.assert_close(read, learning, rtol=0, atol=CLOSE[precision])
    for row, length in enumerate(LENGTHS.tolist()):
        assert not read[row, length:].any()


@torch.inference_mode()
def test_states_without_kernels_are_nearly_the_same(
    turns: Tensor, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = encoder()(turns, LENGTHS)
    monkeypatch.setattr(turn_encoder, "find_kernels", lambda: None)
    without = encoder()

    torch.testing.assert_close(read, without(turns, LENGTHS), rtol=0, atol=CLOSE[precision])
    assert without.reader() is None


@torch.inference_mode()
def test_a_turn_alone_is_a_turn_in_a_batch_whatever_the_precision(
    turns: Tensor, precision: str
) -> None:
    encode = encoder()

    together = encode(turns, LENGTHS)

    for row, length in enumerate(LENGTHS.tolist()):
        alone = encode(turns[row : row + 1, :length], LENGTHS[row : row + 1])[0]
        if find_kernels() is None:
            torch.testing.assert_close(together[row, :length], alone, rtol=0, atol=1e-6)
        else:
            assert torch.equal(together[row, :length], alone)


@torch.inference_mode()
def test_what_stands_after_a_turns_end_is_ignored(turns: Tensor, precision: str) -> None:
    encode = encoder()
    expected = encode(turns, LENGTHS)
    turns[torch.arange(6) >= LENGTHS[:, None]] = torch.nan
    reader_of(encode)

    assert torch.equal(encode(turns, LENGTHS), expected)


def test_learning_is_in_full_precision(turns: Tensor) -> None:
    encode = encoder()
    with_gradients = encode(turns, LENGTHS)
    set_precision("float32")

    assert with_gradients.requires_grad
    with torch.inference_mode():
        read = encode(turns, LENGTHS)
        torch.testing.assert_close(read, with_gradients.detach(), rtol=0, atol=1e-5)
        assert encode.train().reader() is None


@torch.inference_mode()
def test_new_weights_are_read_after_eval(turns: Tensor) -> None:
    encode = encoder()
    before = encode(turns, LENGTHS)
    for parameter in encode.parameters():
        parameter.mul_(0.5)

    assert not torch.allclose(encode.eval()(turns, LENGTHS), before, atol=0.02)


def test_float32_is_always_to_be_had() -> None:
    set_precision("float32")

    kernels = find_kernels()

    assert kernels is None or kernels.version != "half"


def test_other_cells_are_read_by_torch() -> None:
    config = TurnEncoderConfig(token_width=12, hidden_width=4, layers=1, dropout=0, cell="gru")

    with torch.inference_mode():
        assert TurnEncoder(config).eval().reader() is None


def test_parts_of_tokens_give_what_whole_tokens_give(turns: Tensor) -> None:
    set_precision("float32")
    reader = reader_of(encoder())
    random = np.random.default_rng(3)
    words, roles = turns[0].numpy(), turns[1].numpy()
    of_words, of_roles = random.integers(0, 6, (2, 9, 6))
    tokens = np.concatenate([words[of_words, :7], roles[of_roles, 7:]], axis=2)
    every = np.arange(54).reshape(9, 6)

    found = reader.padded(
        [(reader.tables(words[:, :7]), of_words), (reader.tables(roles[:, 7:], 7), of_roles)],
        LENGTHS.numpy(),
    )

    expected = reader.padded([(reader.tables(tokens.reshape(54, 12)), every)], LENGTHS.numpy())
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_turns_may_stand_anywhere(turns: Tensor, precision: str) -> None:
    reader = reader_of(encoder())
    tokens = turns.reshape(54, 12).numpy()
    starts, lengths = np.array([40, 3, 20]), np.array([5, 1, 14])

    states = reader([(reader.tables(tokens), np.arange(54))], starts, lengths)

    expected = np.zeros_like(states)
    for start, length in zip(starts, lengths, strict=True):
        expected[start : start + length] = reader.turn(tokens[start : start + length])
    assert np.array_equal(states, expected)


# What rows told before


def turn_of(random: np.random.Generator, words: int, distinct: int) -> Floats:
    """Words of a turn, some of them twice where fewer are distinct."""
    rows = random.standard_normal((distinct, 12), np.float32)
    return rows[random.integers(0, distinct, words)]


def assert_told(reader: TurnReader, rows: Floats) -> None:
    """That words tell what they give when it is computed."""
    tables, places = reader.told(rows)
    for table, expected in zip(tables, reader.tables(rows), strict=True):
        assert np.array_equal(table[places], expected)


@pytest.mark.parametrize(
    "again", [pytest.param(False, id="met first"), pytest.param(True, id="met before")]
)
@pytest.mark.parametrize(
    ("words", "distinct"),
    [
        pytest.param(1, 1, id="one word"),
        pytest.param(7, 1, id="one word again and again"),
        pytest.param(9, 4, id="some words twice"),
        pytest.param(MOST_TOLD // 4, MOST_TOLD // 4, id="as long as is kept"),
        pytest.param(MOST_TOLD // 4 + 1, 5, id="longer than is kept"),
        pytest.param(2 * MOST_TOLD, 2 * MOST_TOLD, id="longer than all that is kept"),
    ],
)
def test_words_tell_what_they_give(precision: str, words: int, distinct: int, again: bool) -> None:
    reader, random = reader_of(encoder()), np.random.default_rng(words)
    rows = turn_of(random, words, distinct)
    if again:  # some of the words, and others
        reader.told(np.concatenate([turn_of(random, 5, 5), rows[: words // 2]]))

    assert_told(reader, rows)
    assert_told(reader, rows[::-1])


def test_words_tell_the_same_after_more_than_is_kept(precision: str) -> None:
    reader, random = reader_of(encoder()), np.random.default_rng(4)
    turns = [turn_of(random, words, 1 + words // 2) for words in range(2, 80)]
    assert sum(1 + words // 2 for words in range(2, 80)) > 1.5 * MOST_TOLD

    for turn in turns + turns[::-1]:
        assert_told(reader, turn)


def test_a_turn_that_fills_what_is_kept_to_the_last_row_is_told(precision: str) -> None:
    reader, random = reader_of(encoder()), np.random.default_rng(5)
    rows = random.standard_normal((MOST_TOLD + 1, 12), np.float32)

    for quarter in np.split(rows[:MOST_TOLD], 4):
        assert_told(reader, quarter)
    assert_told(reader, rows[-1:])  # the first for which there is no room
    assert_told(reader, rows[:9])


def test_turns_are_read_as_a_reader_does_that_has_read_nothing(precision: str) -> None:
    reader, random = reader_of(encoder()), np.random.default_rng(6)
    known = random.standard_normal((40, 12), np.float32)
    for words in (3, 40, MOST_TOLD // 4, MOST_TOLD // 4 + 1):
        for _ in range(9):
            reader.turn(turn_of(random, words, words))
            turn = known[random.integers(0, 40, 12)]

            assert np.array_equal(reader.turn(turn), reader_of(encoder()).turn(turn))
