"""Labelled chats of one's own and tiny recipes that learn from them."""

import json
from pathlib import Path

import torch

from nlp_lstm.component import Task
from nlp_lstm.text.vectors import PretrainedPieces, save_pieces
from nlp_lstm.training.own import LABELLED
from nlp_lstm.training.recipe import Recipe
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


def write_chats(folder: Path) -> Path:
    """A folder of labelled chats, a schema guide and word vectors."""
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
