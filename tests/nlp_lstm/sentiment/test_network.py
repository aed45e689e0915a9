"""A turn alone is a turn in a batch, and memories read what is theirs."""

import random
from itertools import pairwise

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp_lstm.layers.memory import CausalMemory
from nlp_lstm.sentiment.network import SentimentNetwork, read_sequences
from tests.nlp_lstm.sentiment.tiny_sentiment import tiny_config
from tests.nlp_lstm.tiny import tiny_table

TURNS = st.lists(st.lists(st.integers(2, 5), max_size=6), min_size=1, max_size=5)


def tiny_network() -> SentimentNetwork:
    torch.manual_seed(1)
    table = tiny_table()
    table.ids(["book", "cheap", "no", "table"])
    return SentimentNetwork(tiny_config(), table).eval()


@settings(deadline=None, max_examples=25)
@given(TURNS)
def test_padding_changes_nothing(turns: list[list[int]]) -> None:
    network = tiny_network()
    longest = max(map(len, turns))
    ids = torch.tensor([[*turn, *[0] * (longest - len(turn))] for turn in turns]).long()

    together = network.encode(ids, torch.tensor([len(turn) for turn in turns]))

    for turn, vector in zip(turns, together, strict=True):
        alone = network.encode(torch.tensor([turn]).long(), torch.tensor([len(turn)]))
        torch.testing.assert_close(alone[0], vector)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.randoms())
def test_sequences_are_read_apart(sizes: list[int], chance: random.Random) -> None:
    torch.manual_seed(2)
    memory = CausalMemory(4, 3)
    turns = torch.randn(sum(sizes), 4)
    order = list(range(sum(sizes)))
    chance.shuffle(order)
    bounds = [sum(sizes[:n]) for n in range(len(sizes) + 1)]
    sequences = [order[a:b] for a, b in pairwise(bounds)]

    found = read_sequences(memory, turns, sequences)

    assert found.shape == (sum(sizes), 3)
    for sequence in sequences:
        state = memory.start(1)
        for index in sequence:
            state = memory.step(turns[index : index + 1], state)
            torch.testing.assert_close(found[index], state[0][0])


def test_every_word_is_read() -> None:
    network = tiny_network()
    turns = torch.tensor([[2, 3, 4], [5, 3, 4], [2, 5, 4], [2, 3, 5]])

    vectors = network.encode(turns, torch.full((4,), 3))

    assert (vectors[1:] - vectors[0]).abs().amax(dim=1).min() > 1e-4


def test_every_head_has_its_labels() -> None:
    network = tiny_network()
    heard = network.remember(
        network.encode(torch.tensor([[2, 3]]), torch.tensor([2])), [[0]], [[0]]
    )

    assert {n: tuple(t.shape) for n, t in network.name(heard).items()} == {
        "many": (1, 4),
        "one": (1, 2),
        "sentiment": (1, 3),
    }
