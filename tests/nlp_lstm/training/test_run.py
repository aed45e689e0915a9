"""From labelled chats of one's own to an artefact that loads, for all three tasks."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from corpora.errors import InputError
from nlp_lstm.artefact import load_artefact
from nlp_lstm.component import Task
from nlp_lstm.loading import load_component
from nlp_lstm.training.checkpoint import FILE
from nlp_lstm.training.data import load_corpus, read_split
from nlp_lstm.training.own import LABELLED
from nlp_lstm.training.recipe import CorpusUse
from nlp_lstm.training.run import train_recipe
from tests.nlp_lstm.training.labelled_chats import TURNS, recipe

METRICS: dict[Task, str] = {
    "entities": "span_f1",
    "sentiment": "macro_f1",
    "states": "joint_goal_accuracy",
}


class Silent:
    """A watcher that only counts."""

    steps = 0

    def noticed(self, what: str) -> None: ...

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None:
        self.steps += 1

    def validated(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None:
        assert figures


@pytest.mark.parametrize("task", ["entities", "sentiment", "states"])
def test_labelled_chats_become_a_model_with_a_card(task: Task, chats: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    vectors = chats / "vectors.safetensors"

    (evaluation,) = train_recipe(recipe(task, chats), chats, out, watcher=Silent(), vectors=vectors)

    artefact = load_artefact(out, task=task)
    value = evaluation.scores.metrics[METRICS[task]]
    assert artefact.metrics["evaluations"][0]["metrics"][METRICS[task]] == value
    assert f"| {METRICS[task]} | {value:.4f} |" in artefact.card
    assert evaluation.scores.protocol in artefact.card
    assert artefact.config["validated_tokens"] > 0
    component = load_component(out)
    (dev, *_) = read_split(LABELLED, chats, "dev")
    (annotated,) = component.annotate([dev.conversation])
    assert len(annotated) == len(TURNS)


@pytest.mark.parametrize("task", ["entities", "sentiment", "states"])
def test_training_again_goes_on_from_the_checkpoint_to_the_same_model(
    task: Task, chats: Path, tmp_path: Path
) -> None:
    vectors = chats / "vectors.safetensors"
    first, again = Silent(), Silent()
    train_recipe(recipe(task, chats), chats, tmp_path / "mine", watcher=first, vectors=vectors)
    fingerprint = load_artefact(tmp_path / "mine").fingerprint
    train_recipe(recipe(task, chats), chats, tmp_path / "mine", watcher=again, vectors=vectors)

    assert first.steps > 0
    assert again.steps == 0
    assert load_artefact(tmp_path / "mine").fingerprint == fingerprint


@pytest.mark.parametrize("task", ["entities", "sentiment", "states"])
def test_further_seeds_go_from_the_same_start_and_are_averaged(
    task: Task, chats: Path, tmp_path: Path
) -> None:
    vectors = chats / "vectors.safetensors"
    plain = recipe(task, chats)
    train_recipe(plain, chats, tmp_path / "start", watcher=Silent(), vectors=vectors)
    update = {"start": str(tmp_path / "start"), "vectors": False, "further_seeds": [2]}
    train_recipe(plain.model_copy(update=update), chats, tmp_path / "mean", watcher=Silent())

    checkpoints = tmp_path / "mean.checkpoints"
    first, second = (load_file(path / FILE) for path in (checkpoints, checkpoints / "seed-2"))
    biases = {n: t for n, t in load_artefact(tmp_path / "mean").tensors.items() if "bias" in n}
    assert any(not torch.equal(first[f"best/{name}"], second[f"best/{name}"]) for name in biases)
    for name, tensor in biases.items():
        mean = (first[f"best/{name}"] + second[f"best/{name}"]) / 2
        torch.testing.assert_close(tensor.float(), mean, rtol=2e-3, atol=2e-4)
    assert "the mean of what seeds 1, 2 learnt" in load_artefact(tmp_path / "mean").card


def test_no_dev_chat_is_a_clear_error(chats: Path, tmp_path: Path) -> None:
    (chats / "dev.jsonl").write_text("")

    with pytest.raises(InputError, match=r"dev\.jsonl: found no conversation, expected"):
        train_recipe(recipe("entities", chats), chats, tmp_path / "mine", watcher=Silent())


def test_a_published_split_without_a_row_is_a_clear_error(tmp_path: Path) -> None:
    split = tmp_path / "data" / "original"
    split.mkdir(parents=True)
    for name in ("train.tsv", "dev.tsv", "labels.txt"):
        (split / name).write_text("neutral" if name == "labels.txt" else "")
    (tmp_path / "data" / "group").mkdir()
    for name in ("train.tsv", "dev.tsv", "labels.txt"):
        (tmp_path / "data" / "group" / name).write_text("neutral" if name == "labels.txt" else "")

    with pytest.raises(InputError, match="no conversation in split train of goemotions"):
        load_corpus(CorpusUse(name="goemotions"), tmp_path)
