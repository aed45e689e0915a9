"""The memory across turns: stepping is reading at once, and nothing looks ahead."""

import pytest
import torch

from nlp_lstm.layers.memory import CausalMemory


@pytest.fixture
def memory() -> CausalMemory:
    torch.manual_seed(1)
    return CausalMemory(5, 4).eval()


def test_stepping_gives_what_reading_at_once_gives(memory: CausalMemory) -> None:
    turns = torch.randn(3, 30, 5)

    together = memory(turns)

    state = memory.start(3)
    for number in range(30):
        state = memory.step(turns[:, number], state)
        assert torch.allclose(state[0], together[:, number], atol=1e-6)


def test_reading_goes_on_from_a_state(memory: CausalMemory) -> None:
    turns = torch.randn(2, 6, 5)
    state = memory.start(2)
    for number in range(4):
        state = memory.step(turns[:, number], state)

    rest = memory(turns[:, 4:], state)

    assert torch.allclose(rest, memory(turns)[:, 4:], atol=1e-6)


def test_no_turn_knows_of_a_later_one(memory: CausalMemory) -> None:
    turns = torch.randn(1, 8, 5)
    changed = turns.clone()
    changed[:, 5:] = 9

    assert torch.equal(memory(turns)[:, :5], memory(changed)[:, :5])
    assert not torch.equal(memory(turns)[:, 5], memory(changed)[:, 5])


def test_a_state_is_never_changed(memory: CausalMemory) -> None:
    state = memory.start(1)

    memory.step(torch.randn(1, 5), state)

    assert not state[0].any()
    assert not state[1].any()
