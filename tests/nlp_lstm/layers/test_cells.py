"""Whatever a memory is made of: stepping is reading at once, and nothing looks ahead."""

import pytest
import torch

from nlp_lstm.layers.attention_memory import WINDOW
from nlp_lstm.layers.cells import CELLS, Cell
from nlp_lstm.layers.exchange import turn_encoder, turn_memory
from nlp_lstm.layers.turn_encoder import TurnEncoderConfig


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_stepping_gives_what_reading_at_once_gives(cell: Cell) -> None:
    torch.manual_seed(1)
    memory = turn_memory(cell, 5, 8).eval()
    turns = torch.randn(3, WINDOW + 7, 5)

    together = memory(turns)

    state = memory.start(3)
    for number in range(turns.shape[1]):
        state = memory.step(turns[:, number], state)
        assert torch.allclose(state[0], together[:, number], atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_reading_goes_on_from_a_state(cell: Cell) -> None:
    torch.manual_seed(1)
    memory = turn_memory(cell, 5, 8).eval()
    turns = torch.randn(2, 6, 5)
    state = memory.start(2)
    for number in range(4):
        state = memory.step(turns[:, number], state)

    assert torch.allclose(memory(turns[:, 4:], state), memory(turns)[:, 4:], atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_no_turn_knows_of_a_later_one(cell: Cell) -> None:
    memory = turn_memory(cell, 5, 8).eval()
    turns = torch.randn(1, 8, 5)
    changed = turns.clone()
    changed[:, 5:] = 9

    assert torch.equal(memory(turns)[:, :5], memory(changed)[:, :5])
    assert not torch.equal(memory(turns)[:, 5], memory(changed)[:, 5])


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_what_pads_a_batch_changes_no_turn(cell: Cell) -> None:
    torch.manual_seed(2)
    config = TurnEncoderConfig(token_width=6, hidden_width=8, layers=2, dropout=0.1, cell=cell)
    encoder = turn_encoder(config).eval()
    turn = torch.randn(1, 4, 6)
    padded = torch.cat([turn, torch.full((1, 3, 6), 5.0)], dim=1)

    alone = encoder(turn, torch.tensor([4]))
    together = encoder(padded, torch.tensor([4]))

    assert alone.shape[2] == encoder.output_width == 16
    assert torch.allclose(together[:, :4], alone, atol=1e-5)
    assert not together[:, 4:].any()


@torch.no_grad()
def test_attention_forgets_what_left_its_window() -> None:
    torch.manual_seed(3)
    memory = turn_memory("transformer", 5, 8).eval()
    turns = torch.randn(1, WINDOW + 1, 5)
    changed = turns.clone()
    changed[:, 0] = 9

    assert torch.allclose(memory(turns)[:, WINDOW], memory(changed)[:, WINDOW], atol=1e-6)
    assert not torch.allclose(memory(turns)[:, WINDOW - 1], memory(changed)[:, WINDOW - 1])
