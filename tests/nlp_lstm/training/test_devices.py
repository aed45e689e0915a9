"""What a GPU needs of the loop and the components, as far as a CPU can tell."""

import random
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Tensor

from nlp_lstm.component import Task
from nlp_lstm.text.vectors import load_pieces
from nlp_lstm.training.data import load_corpus
from nlp_lstm.training.loop import moved
from nlp_lstm.training.run import trainee_builder
from tests.nlp_lstm.training.labelled_chats import recipe


@dataclass(frozen=True, slots=True)
class Inner:
    tensor: Tensor
    name: str


@dataclass(frozen=True, slots=True)
class Outer:
    inner: list[Inner]
    pair: tuple[Tensor, int]


def test_every_tensor_of_a_batch_moves() -> None:
    batch = Outer([Inner(torch.ones(2), "a")], (torch.zeros(1), 3))

    there = moved(batch, torch.device("meta"))

    assert there.inner[0].tensor.device.type == "meta"
    assert there.pair[0].device.type == "meta"
    assert (there.inner[0].name, there.pair[1]) == ("a", 3)
    assert moved(batch, torch.device("cpu")) is batch


@pytest.mark.parametrize("task", ["entities", "sentiment", "states"])
def test_losses_bear_mixed_precision(task: Task, chats: Path) -> None:
    asked = recipe(task, chats)
    corpora = [load_corpus(use, chats) for use in asked.corpora]
    pieces = load_pieces(chats / "vectors.safetensors")
    torch.manual_seed(1)
    trainee = trainee_builder(asked)(asked, corpora, pieces, None, 1)
    trainee.network.train()

    for batch in trainee.batches(0, random.Random(1)):
        with torch.autocast("cpu", torch.bfloat16):
            loss = trainee.loss(batch, 0)
        loss.backward()
        assert torch.isfinite(loss)

    for parameter in trainee.network.parameters():
        assert parameter.grad is None or torch.isfinite(parameter.grad).all()
