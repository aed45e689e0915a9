"""A student learns its teacher's vectors, and a sentiment training starts from what it learnt."""

import random

import torch
from torch import Tensor

from nlp_lstm.sentiment.distilling import DistillingTrainee, build_student
from nlp_lstm.training.loop import train_network
from nlp_lstm.training.recipe import LoopSettings
from tests.nlp_lstm.sentiment.test_trainee import Silent, build, tiny_pieces
from tests.nlp_lstm.sentiment.tiny_sentiment import tiny_config

TURNS = (
    "no",
    "cheap table",
    "book four",
    "the north",
    "no no",
    "cheap",
    "table !",
    "book the table",
)


def student(seed: int = 1) -> tuple[DistillingTrainee, Tensor]:
    settings = tiny_config(dropout=0.0).model_dump(exclude={"schemes", "emotions"})
    settings |= {"hidden_width": 16, "turn_width": 24, "memory_width": 16}
    torch.manual_seed(7)
    vectors = torch.nn.functional.normalize(torch.randn(len(TURNS), 12), dim=1).half()
    trainee = build_student(settings, TURNS, vectors, tiny_pieces(), longest_turn=8, seed=seed)
    return trainee, vectors


def test_the_vectors_of_a_few_turns_are_learnt() -> None:
    trainee, vectors = student()
    assert len(trainee.judging.ids) == 1
    assert torch.equal(trainee.learnt.vectors, vectors[1:])
    before = trainee.loss(next(iter(trainee.batches(0, _rng()))), 0)

    train_network(trainee, LoopSettings(epochs=60, learning_rate=0.02), seed=1, watcher=Silent())
    trainee.network.train()
    after = trainee.loss(next(iter(trainee.batches(0, _rng()))), 0)

    assert before > 0.5
    # A hidden word now and then is never made up for.
    assert after < 0.35


def test_a_training_takes_over_what_reads_a_turn() -> None:
    trainee, _ = student()
    tensors = trainee.tensors()
    goes_on, _ = student(seed=2)
    goes_on.take_over(tensors)

    assert all(torch.equal(tensor, tensors[name]) for name, tensor in goes_on.tensors().items())
    own = build().network.state_dict()
    taken = {
        name for name, tensor in tensors.items() if name in own and own[name].shape == tensor.shape
    }
    assert {"start", "rows.pieces.weight", "attention.key.weight", "turn.weight"} <= taken
    assert not any(name.startswith(("conversation", "speaker", "heads")) for name in tensors)


def _rng() -> random.Random:
    return random.Random(0)
