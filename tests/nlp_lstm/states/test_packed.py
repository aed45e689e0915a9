"""Trackers by compiled kernels: nearly what PyTorch tracks, and the same in steps and at once."""

import copy
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import fields
from unittest.mock import patch

import numpy as np
import pytest
import torch
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from torch import Tensor

from corpora.conversation import Conversation, Turn
from corpora.labels import TurnLabels
from nlp_lstm.component import Memory
from nlp_lstm.native.kernels import find_kernels
from nlp_lstm.native.precision import set_kernels, set_precision
from nlp_lstm.states import component, hearing, packed_batches
from nlp_lstm.states.batches import StepBatch, batch_steps
from nlp_lstm.states.carried import Carried, Thread
from nlp_lstm.states.component import StateTracker
from nlp_lstm.states.cursor import Cursor
from nlp_lstm.states.deciding import Decision
from nlp_lstm.states.hearing import Reading
from nlp_lstm.states.history import START, TABLE_ROWS, Historian
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.reading import StepReader
from nlp_lstm.states.tracking import start_tracking, track
from tests.nlp_lstm.states.test_component import WORDS, bare, chats, confidences
from tests.nlp_lstm.states.tiny_states import SCHEMA, tiny_network, tiny_tracker

# Two candidates may happen to be as likely as each other: the same conversations every time.
LAW = settings(max_examples=30, derandomize=True)
CLOSE = 1e-4
SEEDS = st.integers(0, 3)
CHAT = Conversation(
    "c",
    (
        Turn("the acorn guest house is in the north", role="agent"),
        Turn("then a table in the north at 17:15", role="customer"),
        Turn("and the king s lynn ?", role="customer"),
    ),
)


def asked_tracker(seed: int) -> StateTracker:
    """A tracker that now and then hears that something is asked."""
    tracker = tiny_tracker(seed)
    with torch.no_grad():
        tracker.network.request_bias.zero_()
    return tracker


# Weights are packed when they are first read with: each is read in one way alone.
PACKED = [asked_tracker(seed) for seed in range(4)]
TORCHS = [asked_tracker(seed) for seed in range(4)]
AS_SHIPPED = [asked_tracker(seed) for seed in range(4)]


@pytest.fixture(autouse=True)
def _with_kernels() -> Iterator[None]:
    if find_kernels() is None:
        pytest.skip("no kernels were compiled")
    yield
    as_shipped()


def as_shipped() -> None:
    set_kernels(True)
    set_precision("auto")


def with_kernels() -> None:
    """From now on by kernels, in full precision."""
    set_kernels(True)
    set_precision("float32")


def without_kernels() -> None:
    set_kernels(False)


def some_chats() -> st.SearchStrategy[list[Conversation]]:
    return st.lists(chats(), min_size=1, max_size=4)


def first_steps(
    network: StateNetwork, conversations: Sequence[Conversation], *, carried: bool
) -> StepBatch:
    """All steps of conversations as the network reads them."""
    reader, historian = StepReader(SCHEMA), Historian(SCHEMA)
    table = torch.zeros(TABLE_ROWS, network.mention.out_features)
    before = Thread(0, 0, (), START, table, start_tracking(network, 1))
    taken = [
        Cursor(reader, historian, before, conversation.turns).take()
        for conversation in conversations
    ]
    steps = sorted(filter(None, taken), key=len, reverse=True)
    if not steps:
        reject()
    return batch_steps(steps, network.rows.table, carried=carried)


@torch.inference_mode()
def read(network: StateNetwork, conversations: Sequence[Conversation], seed: int) -> Reading:
    """A reading of all steps; odd seeds carry mention vectors from before."""
    carried = bool(seed % 2)
    batch = first_steps(network, conversations, carried=carried)
    assert (network.packed() is None) == (find_kernels() is None)
    if not carried:
        return network.read(batch)
    torch.manual_seed(seed)
    rows = batch.conversations * TABLE_ROWS
    return network.read(batch, torch.randn(rows, network.mention.out_features))


@torch.inference_mode()
def followed(
    network: StateNetwork, conversations: Sequence[Conversation], reading: Reading
) -> list[tuple[Decision, Carried[Tensor]]]:
    batch = first_steps(network, conversations, carried=False)
    return list(track(network, batch, reading, start_tracking(network, batch.conversations)))


def assert_close(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=0, atol=CLOSE)


# What is made of steps


@LAW
@given(some_chats(), SEEDS, st.sampled_from([1, 3, 40]))
def test_a_reading_is_torchs_in_groups_of_any_size(
    conversations: list[Conversation], seed: int, group: int
) -> None:
    with ExitStack() as patches:
        for module in (hearing, packed_batches):
            patches.enter_context(patch.object(module, "GROUP", group))
        with_kernels()
        found = read(PACKED[seed].network, conversations, seed)
        without_kernels()
        expected = read(TORCHS[seed].network, conversations, seed)

    for field in fields(Reading):
        assert_close(getattr(found, field.name), getattr(expected, field.name))


def test_a_reading_of_steps_with_mentions_says_something() -> None:
    """Or the law above would say nothing."""
    with_kernels()
    reading = read(PACKED[1].network, [CHAT], 0)

    for field in fields(Reading):
        assert getattr(reading, field.name).abs().amax() > 0.1, field.name
    assert len(reading.vectors) > 3
    asked = torch.cat([read(tracker.network, [CHAT], 0).requests for tracker in PACKED])
    assert (asked > 0).any()
    assert (asked < 0).any()


# What is decided


@LAW
@given(some_chats(), SEEDS)
def test_of_the_same_reading_the_same_is_decided(
    conversations: list[Conversation], seed: int
) -> None:
    without_kernels()
    network = TORCHS[seed].network
    reading = read(network, conversations, 0)
    expected = followed(network, conversations, reading)
    with_kernels()
    found = followed(PACKED[seed].network, conversations, reading)

    assert len(found) == len(expected)
    for (decision, carried), (decided, after) in zip(found, expected, strict=True):
        assert torch.equal(decision.values, decided.values)
        assert torch.equal(decision.copied, decided.copied)
        assert torch.equal(carried.values, after.values)
        assert_close(decision.chosen, decided.chosen)
        assert_close(decision.stayed, decided.stayed)
        assert_close(carried.confidence, after.confidence)
        for one, other in zip(
            (*carried.turns, *carried.slots), (*after.turns, *after.slots), strict=True
        ):
            assert_close(one, other)


@LAW
@given(some_chats(), SEEDS, st.sampled_from([1, 2, 5, 16]))
def test_conversations_are_annotated_as_by_torch_in_any_windows(
    conversations: list[Conversation], seed: int, window: int
) -> None:
    with patch.object(component, "WINDOW", window):
        with_kernels()
        found = PACKED[seed].annotate(conversations)
        without_kernels()
        expected = TORCHS[seed].annotate(conversations)

    for labels, others in zip(found, expected, strict=True):
        assert [bare(label) for label in labels] == [bare(label) for label in others]
        for left, right in zip(labels, others, strict=True):
            assert confidences(left) == pytest.approx(confidences(right), abs=CLOSE)


def stepped(tracker: StateTracker, conversation: Conversation) -> list[TurnLabels]:
    memory = tracker.start()
    labels = []
    for turn in conversation.turns:
        label, memory = tracker.step(Memory.from_bytes(memory.to_bytes()), turn)
        labels.append(label)
    return labels


@LAW
@given(chats(), SEEDS)
def test_stepping_answers_as_numpy_does(conversation: Conversation, seed: int) -> None:
    with_kernels()
    found = stepped(PACKED[seed], conversation)
    without_kernels()
    expected = stepped(TORCHS[seed], conversation)

    assert [bare(label) for label in found] == [bare(label) for label in expected]
    for left, right in zip(found, expected, strict=True):
        assert confidences(left) == pytest.approx(confidences(right), abs=CLOSE)


# Steps and windows, to the last bit


@settings(max_examples=30)
@given(some_chats(), SEEDS, st.sampled_from([1, 2, 5, 16]))
def test_annotating_at_once_is_stepping_to_the_last_bit(
    conversations: list[Conversation], seed: int, window: int
) -> None:
    """Alone or among others, through stored memories, in windows or turn by turn."""
    tracker = AS_SHIPPED[seed]

    with patch.object(component, "WINDOW", window):
        at_once = tracker.annotate(conversations)

    for conversation, labels in zip(conversations, at_once, strict=True):
        assert stepped(tracker, conversation) == labels


def test_many_conversations_at_once_are_each_alone_to_the_last_bit() -> None:
    random = np.random.default_rng(1)
    conversations = [
        Conversation(
            f"c{number}",
            tuple(
                Turn(" ".join(random.choice(WORDS, random.integers(1, 30))), role="customer")
                for _ in range(random.integers(1, 9))
            ),
        )
        for number in range(component.TOGETHER + 9)
    ]

    at_once = AS_SHIPPED[1].annotate(conversations)

    for conversation, labels in zip(conversations, at_once, strict=True):
        assert AS_SHIPPED[1].annotate([conversation]) == [labels]
        assert stepped(AS_SHIPPED[1], conversation) == labels


# Weights as they were


def learn(network: StateNetwork) -> None:
    """Change all weights where they lie."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(-0.7).add_(0.1)
    network.eval()


def test_a_copy_that_has_stepped_does_not_learn_with_the_original() -> None:
    tracker = tiny_tracker()
    expected = stepped(tracker, CHAT)
    annotated = tracker.annotate([CHAT])
    twin = copy.deepcopy(tracker)

    learn(tracker.network)

    assert stepped(twin, CHAT) == expected
    assert twin.annotate([CHAT]) == annotated
    assert stepped(tracker, CHAT) != expected


def test_a_network_reads_with_its_new_weights_after_learning() -> None:
    tracker, learnt = tiny_tracker(), tiny_tracker()
    stepped(tracker, CHAT)
    tracker.annotate([CHAT])

    for one in (tracker, learnt):
        learn(one.network)

    assert tracker.annotate([CHAT]) == learnt.annotate([CHAT])
    assert stepped(tracker, CHAT) == stepped(learnt, CHAT)


@torch.inference_mode()
def test_nothing_is_packed_where_weights_learn() -> None:
    network = tiny_network()

    assert network.packed() is not None
    with torch.inference_mode(mode=False):
        assert network.packed() is None
    assert network.train().packed() is None
    set_kernels(False)
    assert network.eval().packed() is None
