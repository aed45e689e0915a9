"""Models on disk: whole and consistent, or refused with a line that says why."""

import hashlib
import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from nlp_lstm.artefact import (
    ArtefactError,
    find_artefact,
    load_artefact,
    load_weights,
    save_artefact,
)
from tests.nlp_lstm.tiny import tiny_tokenizer

Damage = Callable[[Path], None]


def save_linear(directory: Path) -> Path:
    save_artefact(
        directory,
        task="entities",
        config={"width": 3},
        tensors=nn.Linear(3, 2).state_dict(),
        tokenizer=tiny_tokenizer(),
        calibration={"temperature": 1.5},
        metrics={},
        card="# tiny",
    )
    return directory


def test_what_is_saved_is_loaded_in_half_precision(tmp_path: Path) -> None:
    network = nn.Linear(3, 2)
    fingerprint = save_artefact(
        tmp_path / "tiny",
        task="entities",
        config={"width": 3},
        tensors=network.state_dict(),
        tokenizer=tiny_tokenizer(),
        calibration={"temperature": 1.5},
        metrics={"evaluations": []},
        card="# tiny",
    )

    artefact = load_artefact(tmp_path / "tiny", task="entities")

    assert (artefact.name, artefact.task, artefact.fingerprint) == ("tiny", "entities", fingerprint)
    assert artefact.config == {"width": 3}
    assert artefact.calibration == {"temperature": 1.5}
    assert torch.equal(artefact.tensors["weight"], network.weight.half().float())


def test_equal_models_have_equal_fingerprints_and_others_not(tmp_path: Path) -> None:
    torch.manual_seed(0)
    first = load_artefact(save_linear(tmp_path / "a")).fingerprint
    torch.manual_seed(0)
    same = load_artefact(save_linear(tmp_path / "b")).fingerprint
    other = load_artefact(save_linear(tmp_path / "c")).fingerprint

    assert first == same != other


def test_what_was_saved_in_the_first_format_is_loaded(tmp_path: Path) -> None:
    """All in half precision, tables too; only config.json says which format it is."""
    config = {"format": "nlp-lstm-artefact/1", "task": "entities", "width": 3}
    table = torch.randn(7, 3).half()
    model = save_linear(tmp_path / "old")
    save_file({"pieces.weight": table}, model / "weights.safetensors")
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    for name in ("weights.safetensors", "tokenizer.json"):
        digest.update((model / name).read_bytes())
    stated = {**config, "fingerprint": digest.hexdigest()[:16]}
    (model / "config.json").write_text(json.dumps(stated))

    assert torch.equal(load_artefact(model).tensors["pieces.weight"], table.float())


def _drop_tokenizer(model: Path) -> None:
    (model / "tokenizer.json").unlink()


def _truncate_weights(model: Path) -> None:
    weights = model / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-3])


def _pickle_weights(model: Path) -> None:
    (model / "weights.safetensors").write_bytes(pickle.dumps({"weight": [1.0]}))


def _swap_weights(model: Path) -> None:
    save_file({"weight": torch.ones(2, 3), "bias": torch.ones(2)}, model / "weights.safetensors")


def _break_config(model: Path) -> None:
    (model / "config.json").write_text('{"format": ')


def _list_config(model: Path) -> None:
    (model / "config.json").write_text("[]")


def _age_config(model: Path) -> None:
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({**config, "format": "nlp-lstm-artefact/0"}))


def _lose_scales(model: Path) -> None:
    table = torch.ones(3, 2, dtype=torch.int8)
    save_file({"pieces.weight": table}, model / "weights.safetensors")


def _poison_weights(model: Path) -> None:
    save_file({"weight": torch.full((2, 3), torch.nan)}, model / "weights.safetensors")


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        pytest.param(_drop_tokenizer, "no tokenizer.json", id="a file is missing"),
        pytest.param(_truncate_weights, "no readable safetensors", id="truncated"),
        pytest.param(_pickle_weights, "no readable safetensors", id="a pickle, renamed"),
        pytest.param(_swap_weights, "fingerprint", id="weights of another model"),
        pytest.param(_break_config, "no JSON", id="half a config"),
        pytest.param(_list_config, "JSON of type list", id="a config that is no object"),
        pytest.param(_age_config, "format 'nlp-lstm-artefact/0'", id="an old format"),
        pytest.param(_lose_scales, "pieces.weight without a scale", id="a table without scales"),
        pytest.param(_poison_weights, "NaN or infinity in weight", id="NaN weights"),
    ],
)
def test_what_is_damaged_is_refused(tmp_path: Path, damage: Damage, found: str) -> None:
    model = save_linear(tmp_path / "model")
    damage(model)

    with pytest.raises(ArtefactError, match=found) as refusal:
        load_artefact(model)

    assert str(model) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_model_of_another_task_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ArtefactError, match="a model of task entities, expected one of task states"
    ):
        load_artefact(save_linear(tmp_path / "model"), task="states")


@pytest.mark.parametrize(
    ("network", "found"),
    [
        pytest.param(nn.Linear(4, 2), r"weight of shape \(2, 3\), expected \(2, 4\)", id="wider"),
        pytest.param(nn.Linear(3, 2, bias=False), r"bias of shape \(2,\), expected no", id="more"),
        pytest.param(nn.Bilinear(1, 3, 2), r"weight of shape \(2, 3\)", id="another kind"),
    ],
)
def test_weights_of_other_shapes_are_refused(
    tmp_path: Path, network: nn.Module, found: str
) -> None:
    artefact = load_artefact(save_linear(tmp_path / "model"))

    with pytest.raises(ArtefactError, match=found):
        load_weights(network, artefact)


def test_a_name_that_is_no_model_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="no model directory, expected a path, or one of"):
        find_artefact("states-of-mind")
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ArtefactError, match="something that is no directory"):
        find_artefact(file)
