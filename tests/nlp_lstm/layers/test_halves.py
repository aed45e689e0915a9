"""Reading in bfloat16: nearly the same states, and the same ones alone and in a batch."""

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from nlp_lstm.layers.halves import HalfLstm, halves_are_fast, set_precision
from nlp_lstm.layers.turn_encoder import TurnEncoder, TurnEncoderConfig


@pytest.fixture(autouse=True)
def _as_shipped() -> Iterator[None]:
    yield
    set_precision("auto")


def encoder() -> TurnEncoder:
    torch.manual_seed(1)
    config = TurnEncoderConfig(token_width=12, hidden_width=10, layers=2, dropout=0.0)
    return TurnEncoder(config).eval()


@torch.inference_mode()
def test_rounded_weights_give_nearly_the_same_states() -> None:
    lstm = nn.LSTM(12, 10, batch_first=True)
    turns = torch.randn(5, 9, 12)

    states, (hidden, cell) = HalfLstm(lstm)(turns.bfloat16())
    expected, (last, kept) = lstm(turns)

    assert states.dtype == torch.bfloat16
    torch.testing.assert_close(states.float(), expected, rtol=0, atol=0.02)
    torch.testing.assert_close(hidden.float(), last, rtol=0, atol=0.02)
    torch.testing.assert_close(cell.float(), kept, rtol=0, atol=0.04)


@torch.inference_mode()
def test_weights_kept_as_the_kernel_reads_them_say_the_same() -> None:
    lstm = nn.LSTM(13, 11, batch_first=True)
    plain = HalfLstm(lstm, arranged=False)
    try:
        arranged = HalfLstm(lstm, arranged=True)
    except (AttributeError, RuntimeError):
        return  # a torch without oneDNN's LSTM has nothing to arrange

    for turns in (torch.randn(1, 1, 13), torch.randn(1, 30, 13), torch.randn(40, 9, 13)):
        expected, (last, kept) = plain(turns.bfloat16())
        states, (hidden, cell) = arranged(turns.bfloat16())
        assert torch.equal(states, expected)
        assert torch.equal(hidden, last)
        assert torch.equal(cell, kept)


@torch.inference_mode()
def test_a_turn_alone_is_a_turn_in_a_batch_whatever_the_precision() -> None:
    reader = encoder()
    turns = torch.randn(9, 6, 12)
    lengths = torch.tensor([6, 6, 5, 4, 4, 3, 2, 1, 1])

    together = reader(turns, lengths)

    for row, length in enumerate(lengths.tolist()):
        alone = reader(turns[row : row + 1, :length], lengths[row : row + 1])
        torch.testing.assert_close(together[row, :length], alone[0], rtol=0, atol=1e-6)


def test_learning_is_in_full_precision() -> None:
    reader = encoder()
    turns, lengths = torch.randn(3, 4, 12), torch.full((3,), 4)
    with_gradients = reader(turns, lengths)
    set_precision("float32")

    with torch.inference_mode():
        torch.testing.assert_close(reader(turns, lengths), with_gradients.detach())


@torch.inference_mode()
def test_new_weights_are_read_after_eval() -> None:
    reader = encoder()
    turns, lengths = torch.randn(3, 4, 12), torch.full((3,), 4)
    before = reader(turns, lengths)
    for parameter in reader.parameters():
        parameter.mul_(0.5)

    assert not torch.allclose(reader.eval()(turns, lengths), before)


def test_float32_is_always_to_be_had() -> None:
    set_precision("float32")

    assert not halves_are_fast()
    with pytest.raises(ValueError, match="precision 'half' is neither"):
        set_precision("half")
