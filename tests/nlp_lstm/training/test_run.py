"""From labelled chats of one's own to an artefact that loads, for all three tasks."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch

from corpora.errors import InputError
from nlp_lstm.artefact import load_artefact
from nlp_lstm.component import Task
from nlp_lstm.loading import load_component
from nlp_lstm.text.vectors import PretrainedPieces, save_pieces
from nlp_lstm.training.data import LABELLED, load_corpus, read_split
from nlp_lstm.training.recipe import CorpusUse, Recipe
from nlp_lstm.training.run import train_recipe
from tests.nlp_lstm.tiny import ROWS, tiny_table, tiny_tokenizer

TURNS = [
    {
        "text": "book the cheap table in the north",
        "role": "customer",
        "entities": [{"start": 9, "end": 14, "label": "price"}],
        "state": [{"slot": "area", "value": "north"}],
        "requests": [],
        "sentiment": {"label": "neutral", "emotions": ["neutral"]},
    },
    {"text": "for how many?", "role": "agent"},
    {
        "text": "no",
        "role": "customer",
        "entities": [],
        "state": [{"slot": "area", "value": "north"}],
        "requests": ["phone"],
        "sentiment": {"label": "negative", "emotions": ["anger"]},
    },
]
NETWORKS: dict[Task, dict[str, object]] = {
    "entities": {"hidden_width": 6, "turn_width": 6, "memory_width": 5, "tagger_width": 6},
    "sentiment": {
        "hidden_width": 6,
        "layers": 1,
        "input_dropout": 0.1,
        "key_width": 4,
        "turn_width": 8,
        "memory_width": 5,
        "speaker_width": 3,
        "most_speakers": 3,
        "longest_stretch": 7,
        "emotions": LABELLED,
    },
    "states": {
        "queries": 2,
        **{
            f"{part}_width": 6
            for part in (
                *("tag", "side", "hidden", "key", "summary", "memory", "slot", "mix"),
                *("slot_memory", "value", "mention", "offer", "match"),
            )
        },
    },
}
EXAMPLES: dict[Task, dict[str, object]] = {
    "entities": {"conversations": 4, "word_dropout": 0.1, "role_dropout": 0.1},
    "sentiment": {
        "batch_turns": 8,
        "longest_turn": 20,
        "word_dropout": 0.1,
        "held_out": 0.2,
        "judges": [LABELLED],
        "losses": {LABELLED: 1.0, "sentiment": 1.0},
    },
    "states": {
        "conversations": 4,
        "word_dropout": 0.02,
        "mention_dropout": 0.1,
        "own_states_from": 1,
        "most_own_states": 0.5,
        "own_states_growth": 0.5,
        "stale_weight": 0.2,
        "outside": 0.0,
        "request_weight": 1.0,
    },
}
METRICS: dict[Task, str] = {
    "entities": "span_f1",
    "sentiment": "macro_f1",
    "states": "joint_goal_accuracy",
}


class Silent:
    """A watcher that only counts."""

    steps = 0

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None:
        self.steps += 1

    def validated(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None:
        assert figures


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    """A folder of labelled chats, a schema guide and word vectors."""
    folder = tmp_path / "chats"
    folder.mkdir()
    for split, count in (("train", 12), ("dev", 3)):
        lines = (json.dumps({"id": f"{split}-{n}", "turns": TURNS}) for n in range(count))
        (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "guide.toml").write_text('dontcare = "dontcare"\n')
    vectors = torch.randn(tiny_table().piece_count, ROWS.piece_width)
    save_pieces(PretrainedPieces(vectors, tiny_tokenizer()), folder / "vectors.safetensors")
    return folder


def recipe(task: Task, chats: Path) -> Recipe:
    examples = dict(EXAMPLES[task])
    if task == "states":
        examples["guide"] = str(chats / "guide.toml")
    return Recipe.model_validate(
        {
            "name": f"{task}-mine",
            "task": task,
            "seed": 1,
            "vectors": True,
            "corpora": [{"name": LABELLED}],
            "network": {"rows": ROWS.model_dump(), "dropout": 0.1, **NETWORKS[task]},
            "examples": examples,
            "loop": {"epochs": 2, "learning_rate": 0.01, "average": 0.5},
            "card": {
                "description": "Learnt from three turns.",
                "licence": "mit",
                "data": ["Invented."],
                "architecture": "Tiny.",
                "limits": ["Knows nothing."],
            },
        }
    )


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
