"""The recipes for chats of one's own suit their components and the models that they start from."""

import random
from pathlib import Path

import pytest
import torch

from nlp_lstm.artefact import load_artefact
from nlp_lstm.component import TASKS, Task
from nlp_lstm.text.vectors import PretrainedPieces
from nlp_lstm.training.data import load_corpus
from nlp_lstm.training.recipe import read_recipe
from nlp_lstm.training.run import trainee_builder
from tests.nlp_lstm.tiny import tiny_table, tiny_tokenizer


@pytest.mark.parametrize("task", TASKS)
def test_own_chats_with_own_labels_are_learnt_from(task: Task, chats: Path) -> None:
    recipe = read_recipe(f"own-{task}")
    corpora = [load_corpus(use, chats) for use in recipe.corpora]
    vectors = torch.randn(tiny_table().piece_count, recipe.network["rows"]["piece_width"])
    pieces = PretrainedPieces(vectors, tiny_tokenizer()) if recipe.vectors else None
    start = load_artefact(recipe.start, task=task) if recipe.start else None

    trainee = trainee_builder(recipe)(recipe, corpora, pieces, start, recipe.seed)

    batch = next(iter(trainee.batches(0, random.Random(0))))
    assert torch.isfinite(trainee.loss(batch, 0))
