from collections.abc import Mapping
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import torch
from torch import nn

from nlp_lstm.artefact import save_artefact
from nlp_lstm.component import Task
from nlp_lstm.states.calibration import UNCALIBRATED
from nlp_lstm.states.config import StateNetworkConfig
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.schema import Schema, Slot, Value
from nlp_lstm.states.tables import schema_tables
from tests.nlp_lstm.entities import tiny_entities
from tests.nlp_lstm.sentiment import tiny_sentiment
from tests.nlp_lstm.states.described import tiny_described
from tests.nlp_lstm.tiny import ROWS, tiny_table, tiny_tokenizer

# No test judges how quick the machine is.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

AREAS = ("north", "south")
SCHEMA = Schema(
    slots=(
        Slot(name="area", kind="closed", offered=AREAS, related=()),
        Slot(name="people", kind="number", offered=("4",), related=()),
    ),
    values=(
        *(Value(name=area, slots=(0,), count=3, aliases=()) for area in AREAS),
        Value(name="4", slots=(1,), count=3, aliases=("four",)),
    ),
    requests=("phone",),
    dontcare="dontcare",
    rewrites=(),
    dropped=(),
    tails=(),
    common_words=(),
    known_words=("table",),
)


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> dict[Task, Path]:
    """Directories of random models of all tasks, too small to know anything."""
    folder = tmp_path_factory.mktemp("models")
    tagger = tiny_entities.tiny_tagger()
    feeler = tiny_sentiment.tiny_tagger()
    widths = {name: 6 for name in StateNetworkConfig.model_fields if name.endswith("_width")}
    config = StateNetworkConfig.model_validate(
        {"rows": ROWS, "queries": 2, "dropout": 0.1, **widths}
    )
    torch.manual_seed(3)
    tracker = StateNetwork(config, schema_tables(SCHEMA), tiny_table())
    with torch.no_grad():
        for parameter in tracker.parameters():  # larger than at a training's start: states change
            parameter.mul_(2.0).add_(torch.randn_like(parameter) * 0.3)
    stored: dict[Task, tuple[nn.Module, Mapping[str, Any], Mapping[str, Any]]] = {
        "states": (
            tracker,
            {
                "network": config.model_dump(mode="json"),
                "schema": SCHEMA.model_dump(mode="json"),
            },
            UNCALIBRATED.model_dump(mode="json"),
        ),
        "entities": (
            tagger.network,
            {"network": tagger.config.model_dump(mode="json")},
            {**tagger.calibration.model_dump(mode="json"), "turn": {"slope": 1, "offset": 0}},
        ),
        "sentiment": (
            feeler.network,
            {"network": feeler.config.model_dump(mode="json")},
            {name: head.model_dump(mode="json") for name, head in feeler.calibration.items()},
        ),
    }
    for task, (network, settings, calibration) in stored.items():
        save_artefact(
            folder / f"tiny-{task}",
            task=task,
            config={**settings, "validated_tokens": 50},
            tensors=network.state_dict(),
            tokenizer=tiny_tokenizer(),
            calibration=calibration,
            metrics={},
            card="# Tiny",
        )
    return {task: folder / f"tiny-{task}" for task in stored}


@pytest.fixture(scope="session")
def tiny_reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of a random model that reads schemas."""
    folder = tmp_path_factory.mktemp("readers") / "tiny-reader"
    save_artefact(
        folder,
        task="states",
        config={
            "tracker": "described",
            "network": tiny_described.CONFIG.model_dump(mode="json"),
            "schema": tiny_described.SCHEMA.model_dump(mode="json"),
            "validated_tokens": 50,
        },
        tensors=tiny_described.tiny_network().state_dict(),
        tokenizer=tiny_tokenizer(),
        calibration=UNCALIBRATED.model_dump(mode="json"),
        metrics={},
        card="# Tiny",
    )
    return folder
