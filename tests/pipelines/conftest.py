from pathlib import Path

import pytest

from nlp_lstm.artefact import save_artefact
from nlp_lstm.component import Task
from tests.nlp_lstm.entities import tiny_entities
from tests.nlp_lstm.sentiment import tiny_sentiment
from tests.nlp_lstm.tiny import tiny_tokenizer


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> dict[Task, Path]:
    """Directories of random models that are too small to know anything."""
    folder = tmp_path_factory.mktemp("models")
    tagger = tiny_entities.tiny_tagger()
    save_artefact(
        folder / "tiny-entities",
        task="entities",
        config={"network": tagger.config.model_dump(mode="json"), "validated_tokens": 50},
        tensors=tagger.network.state_dict(),
        calibration=tagger.calibration.model_dump(mode="json"),
        tokenizer=tiny_tokenizer(),
        metrics={},
        card="# Tiny",
    )
    feeler = tiny_sentiment.tiny_tagger()
    save_artefact(
        folder / "tiny-sentiment",
        task="sentiment",
        config={"network": feeler.config.model_dump(mode="json"), "validated_tokens": 50},
        tensors=feeler.network.state_dict(),
        calibration={
            name: head.model_dump(mode="json") for name, head in feeler.calibration.items()
        },
        tokenizer=tiny_tokenizer(),
        metrics={},
        card="# Tiny",
    )
    return {"entities": folder / "tiny-entities", "sentiment": folder / "tiny-sentiment"}
