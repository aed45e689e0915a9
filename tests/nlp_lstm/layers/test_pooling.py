"""Turns as one vector: by compiled kernels nearly what PyTorch has, and the same alone."""

from collections.abc import Iterator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from nlp_lstm.layers.pooling import AttentionPool, max_and_mean
from nlp_lstm.native.kernels import find_kernels
from nlp_lstm.native.precision import set_kernels, set_precision

LENGTHS = st.lists(st.integers(1, 9), min_size=1, max_size=6)


@pytest.fixture(autouse=True)
def _as_shipped() -> Iterator[None]:
    yield
    set_precision("auto")
    set_kernels(True)


def padded(lengths: list[int], width: int) -> tuple[Tensor, Tensor]:
    """States with numbers after turns' ends that are larger than all others, and lengths."""
    torch.manual_seed(len(lengths))
    states = torch.randn(len(lengths), max(lengths), width)
    own = torch.tensor(lengths)
    states[torch.arange(max(lengths)) >= own[:, None]] = 1e3
    return states, own


def attention(width: int) -> AttentionPool:
    torch.manual_seed(width)
    pool = AttentionPool(width, key_width=5).eval()
    with torch.no_grad():
        pool.query.weight.mul_(4)
    return pool


@settings(max_examples=40)
@given(LENGTHS, st.integers(1, 40))
@torch.inference_mode()
def test_the_largest_and_the_mean_are_the_same_without_kernels(
    lengths: list[int], width: int
) -> None:
    states, own = padded(lengths, width)
    set_kernels(True)
    largest, means = max_and_mean(states, own)

    set_kernels(False)
    expected = max_and_mean(states, own)

    assert torch.equal(largest, expected[0])
    torch.testing.assert_close(means, expected[1], rtol=0, atol=1e-6)


@settings(max_examples=40)
@given(LENGTHS, st.integers(1, 40))
@torch.inference_mode()
def test_attention_finds_the_same_without_kernels(lengths: list[int], width: int) -> None:
    states, own = padded(lengths, width)
    pool = attention(width)
    set_precision("float32")
    set_kernels(True)
    found = pool(states, own)

    set_kernels(False)
    expected = pool.eval()(states, own)

    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


def test_what_learns_is_nearly_what_reads() -> None:
    set_precision("float32")
    states, own = padded([6, 1, 9, 3], 21)
    pool = attention(21)
    learning = [pool(states, own), *max_and_mean(states, own)]

    with torch.inference_mode():
        read = [pool(states, own), *max_and_mean(states, own)]

    assert learning[0].requires_grad
    for found, expected in zip(read, learning, strict=True):
        torch.testing.assert_close(found, expected.detach(), rtol=0, atol=1e-5)


@pytest.mark.parametrize("precision", ["auto", "float32"])
@torch.inference_mode()
def test_a_turn_alone_is_a_turn_in_a_batch_whatever_the_precision(precision: str) -> None:
    set_precision(precision)
    states, own = padded([6, 1, 9, 3, 9, 2, 1], 21)
    pool = attention(21)
    together = torch.cat([pool(states, own), *max_and_mean(states, own)], dim=1)

    for row, length in enumerate(own.tolist()):
        turn, only = states[row : row + 1, :length], own[row : row + 1]
        alone = torch.cat([pool(turn, only), *max_and_mean(turn, only)], dim=1)[0]
        if find_kernels() is None:
            torch.testing.assert_close(alone, together[row], rtol=0, atol=1e-6)
        else:
            assert torch.equal(alone, together[row])
