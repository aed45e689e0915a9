"""Copies of what has read: they answer alike, and neither learns with the other."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from corpora.conversation import Conversation, Turn
from nlp_lstm.entities.component import EntityTagger
from nlp_lstm.entities.network import EntityNetwork, MemoryPlan, TurnBatch
from nlp_lstm.layers.linear import Linear
from nlp_lstm.layers.memory import CausalMemory
from nlp_lstm.layers.turn_encoder import TurnEncoder, TurnEncoderConfig
from nlp_lstm.sentiment.component import SentimentTagger
from nlp_lstm.sentiment.network import SentimentNetwork
from nlp_lstm.states.batches import batch_steps
from nlp_lstm.states.component import StateTracker
from nlp_lstm.states.history import START, Historian
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.reading import StepReader
from nlp_lstm.states.tracking import score_all, start_tracking, track
from tests.nlp_lstm.entities import tiny_entities
from tests.nlp_lstm.sentiment import tiny_sentiment
from tests.nlp_lstm.states import tiny_states

WORDS = ["book", "a", "cheap", "table"]
LENGTHS = torch.tensor([4, 2])
CHAT = Conversation(
    "c",
    (
        Turn("the acorn guest house is in the north", role="agent"),
        Turn("then a table in the north at 17:15", role="customer"),
    ),
)


def encoder() -> TurnEncoder:
    return TurnEncoder(TurnEncoderConfig(token_width=7, hidden_width=5, layers=2, dropout=0.1))


def numbers(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(5))


def name_turns(network: SentimentNetwork) -> Tensor:
    ids = torch.tensor([network.rows.table.ids(WORDS)] * 2)
    heard = network.remember(network.encode(ids, LENGTHS), [[0, 1]], [[0], [1]])
    return torch.cat(list(network.name(heard).values()), dim=1)


def tag_turns(network: EntityNetwork) -> Tensor:
    ids = torch.tensor([network.rows.table.ids(WORDS)] * 2)
    first, second = torch.arange(2), torch.tensor([0, 1])
    [scores] = network([TurnBatch(ids, LENGTHS, first, first, second)], MemoryPlan(1, 2))
    return torch.as_tensor(scores)


def follow_step(network: StateNetwork) -> Tensor:
    """Scores that can be learnt from, and what is decided where nothing learns."""
    [step] = StepReader(tiny_states.SCHEMA).steps((), 0, CHAT.turns[1].text)
    update = Historian(tiny_states.SCHEMA).update(
        START, step.mentions, step.user_starts, step.quotes
    )
    batch = batch_steps([[(step, update)]], network.rows.table, carried=False)
    reading, carried = network.read(batch), start_tracking(network, 1)
    scores = score_all(network, batch, reading, carried.values[None]).logits
    [(decision, after)] = track(network, batch, reading, carried)
    return torch.cat([scores[scores.isfinite()], decision.chosen[0], after.slots[0].flatten()])


MODULES = [
    pytest.param(lambda: Linear(7, 5), lambda layer: layer(numbers(3, 7)), id="linear layer"),
    pytest.param(lambda: CausalMemory(7, 5), lambda memory: memory(numbers(2, 4, 7)), id="memory"),
    pytest.param(encoder, lambda encode: encode(numbers(2, 4, 7), LENGTHS), id="encoder"),
    pytest.param(lambda: tiny_sentiment.tiny_tagger().network, name_turns, id="sentiment"),
    pytest.param(tiny_entities.tiny_network, tag_turns, id="entities"),
    pytest.param(tiny_states.tiny_network, follow_step, id="states"),
]
COMPONENTS = [
    pytest.param(tiny_sentiment.tiny_tagger, id="sentiment"),
    pytest.param(tiny_entities.tiny_tagger, id="entities"),
    pytest.param(tiny_states.tiny_tracker, id="states"),
]
with_modules = pytest.mark.parametrize(("make", "read"), MODULES)
with_copies = pytest.mark.parametrize(
    "copied",
    [
        pytest.param(copy.deepcopy, id="deep copy"),
        pytest.param(lambda module: pickle.loads(pickle.dumps(module)), id="pickle"),
    ],
)
Make = Callable[[], nn.Module]
Read = Callable[[Any], Tensor]
Copied = Callable[[nn.Module], nn.Module]


@torch.inference_mode()
def answers(read: Read, module: nn.Module) -> Tensor:
    return read(module)


def learn(read: Read, module: nn.Module) -> None:
    """One step of learning, large enough to be seen."""
    optimiser = torch.optim.SGD(module.train().parameters(), lr=0.5)
    read(module).sum().backward()
    optimiser.step()
    module.eval()


@with_modules
@with_copies
def test_a_copy_of_what_has_read_answers_alike(make: Make, read: Read, copied: Copied) -> None:
    original = make().eval()
    expected = answers(read, original)

    twin = copied(original)

    torch.testing.assert_close(answers(read, twin), expected, rtol=0, atol=1e-6)
    assert torch.equal(answers(read, original), expected)


@with_modules
@with_copies
@pytest.mark.parametrize("learns", ["original", "copy"])
def test_neither_learns_with_the_other(make: Make, read: Read, copied: Copied, learns: str) -> None:
    original = make().eval()
    answers(read, original)
    twin = copied(original)
    learner, other = (original, twin) if learns == "original" else (twin, original)
    expected = answers(read, other)

    learn(read, learner)

    assert torch.equal(answers(read, other), expected)
    assert not torch.allclose(answers(read, learner), expected, atol=1e-3)


@with_modules
@with_copies
def test_a_copy_learns_what_the_original_would(make: Make, read: Read, copied: Copied) -> None:
    original = make().eval()
    answers(read, original)
    twin = copied(original)

    for module in (original, twin):
        torch.manual_seed(1)  # of dropout
        learn(read, module)

    torch.testing.assert_close(answers(read, twin), answers(read, original), rtol=0, atol=1e-5)


@pytest.mark.parametrize("make", COMPONENTS)
def test_a_copy_of_a_component_at_work_goes_on_alike(
    make: Callable[[], SentimentTagger | EntityTagger | StateTracker],
) -> None:
    component = make()
    component.annotate([CHAT])
    _, memory = component.step(component.start(), CHAT.turns[0])
    labels, _ = component.step(memory, CHAT.turns[1])

    twin = copy.deepcopy(component)

    assert twin.annotate([CHAT]) == component.annotate([CHAT])
    assert twin.step(memory, CHAT.turns[1])[0] == labels
