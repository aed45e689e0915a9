"""Vectors of many turns: however many words are looked up at once, they are the same."""

import random
from unittest.mock import patch

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp_lstm.native.kernels import find_kernels
from nlp_lstm.sentiment import reading
from nlp_lstm.sentiment.network import SentimentNetwork
from nlp_lstm.sentiment.reading import encode_turns
from tests.nlp_lstm.sentiment.tiny_sentiment import tiny_config
from tests.nlp_lstm.tiny import tiny_table

WORDS = ("book", "cheap", "no", "table", "the", "north", "booking", "tables", "x9", "17:30")
STRETCH = 7  # words that are read one after the other


def tiny_network() -> SentimentNetwork:
    torch.manual_seed(1)
    return SentimentNetwork(tiny_config(), tiny_table()).eval()


NETWORK = tiny_network()


def assert_same_vectors(found: torch.Tensor, expected: torch.Tensor) -> None:
    if find_kernels() is None:
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
    else:
        assert torch.equal(found, expected)


def turns() -> st.SearchStrategy[list[list[str]]]:
    """Of all lengths in any order, blank ones and longer ones than a stretch among them."""
    turn = st.lists(st.sampled_from(WORDS), max_size=2 * STRETCH)
    return st.lists(turn, min_size=1, max_size=12)


@settings(max_examples=40)
@given(turns(), st.integers(1, 30), st.integers(1, 40), st.randoms())
@torch.inference_mode()
def test_turns_have_the_same_vectors_in_chunks_as_in_one(
    said: list[list[str]], chunk: int, batch: int, chance: random.Random
) -> None:
    expected = encode_turns(NETWORK, said, STRETCH)
    order = list(range(len(said)))
    chance.shuffle(order)

    with patch.object(reading, "CHUNK_WORDS", chunk), patch.object(reading, "MOST_WORDS", batch):
        found = encode_turns(NETWORK, [said[index] for index in order], STRETCH)

    assert_same_vectors(found, expected[order])


@torch.inference_mode()
def test_forms_may_be_forgotten_between_chunks() -> None:
    said = [[word, "no", word] for word in WORDS]
    network = tiny_network()
    forget = network.rows.table.bound

    with (
        patch.object(reading, "CHUNK_WORDS", 5),
        patch.object(network.rows.table, "bound", lambda: forget(0)),
    ):
        found = encode_turns(network, said, STRETCH)

    assert_same_vectors(found, encode_turns(NETWORK, said, STRETCH))


@torch.inference_mode()
def test_a_turn_longer_than_a_chunk_is_read_whole() -> None:
    said = [list(WORDS), ["no"], list(WORDS[::-1])]

    with patch.object(reading, "CHUNK_WORDS", 3):
        found = encode_turns(NETWORK, said, 100)

    assert_same_vectors(found, encode_turns(NETWORK, said, 100))
