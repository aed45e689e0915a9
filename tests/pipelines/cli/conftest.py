from pathlib import Path

import pytest
import torch

from nlp_lstm.artefact import save_artefact
from nlp_lstm.component import Component, Task
from nlp_lstm.loading import Backend
from tests.nlp_lstm.entities.tiny_entities import CONFIG, tiny_network
from tests.nlp_lstm.tiny import tiny_tokenizer
from tests.pipelines.fakes import FakeComponent

ROOT = Path(__file__).parents[3]
ORDERS = r"""
name = "orders"

[[slot]]
name = "order number"
description = "number of the order"
kind = "identifier"
pattern = '[A-Z]{2}\d{6}'

[[slot]]
name = "email"
description = "e-mail address of the customer"
kind = "email"
"""


@pytest.fixture
def fake_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands load components whose answers can be worked out by hand."""

    def load(name: str | Path, *, task: Task, backend: Backend) -> Component:
        return FakeComponent(task, name=f"fake-{task}")

    monkeypatch.setattr("nlp_lstm.loading.load_component", load)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Somebody's own schema, which no shipped model has read."""
    path = tmp_path / "orders.toml"
    path.write_text(ORDERS, encoding="utf-8")
    return path


@pytest.fixture
def tiny_model(tmp_path: Path) -> Path:
    """An entity model on disk, its weights random."""
    return save_tiny(tmp_path / "tiny")


def save_tiny(directory: Path, **tensors: torch.Tensor) -> Path:
    save_artefact(
        directory,
        task="entities",
        config={"network": CONFIG.model_dump(mode="json"), "validated_tokens": 50},
        tensors={**tiny_network().state_dict(), **tensors},
        tokenizer=tiny_tokenizer(),
        calibration={"slope": 0.8, "offset": -0.1},
        metrics={
            "evaluations": [
                {
                    "corpus": "multidogo",
                    "split": "dev",
                    "protocol": "strict spans",
                    "metrics": {"span_precision": 0.5, "span_f1": 0.25},
                    "counts": {"turns": 7},
                }
            ]
        },
        card="# tiny\n\nFor tests.\n",
    )
    return directory
