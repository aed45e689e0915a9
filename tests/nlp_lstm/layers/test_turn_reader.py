"""Reading turns by compiled kernels: nearly what PyTorch reads, and the same alone and together."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from nlp_lstm.layers import turn_encoder
from nlp_lstm.layers.turn_encoder import TurnEncoder, TurnEncoderConfig
from nlp_lstm.layers.turn_reader import TurnReader
from nlp_lstm.native.kernels import find_kernels
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
