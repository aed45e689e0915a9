"""What a command says of a model that cannot be used: one line, exit code 2, nothing analysed."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner, Result

from pipelines.cli.app import app
from tests.nlp_lstm.entities.tiny_entities import tiny_network
from tests.pipelines.cli.conftest import save_tiny

Damage = Callable[[Path], None]


def entities_only(model: Path | str, *files: Path, stdin: str = "") -> Result:
    options = ["--entities", str(model), "--without", "states", "--without", "sentiment"]
    return CliRunner().invoke(
        app, ["analyze", *map(str, files or ["-"]), *options, "--json"], input=stdin
    )


def test_a_model_of_ones_own_is_taken_by_its_path(tiny_model: Path) -> None:
    result = entities_only(tiny_model, stdin='{"text": "book a table for four"}\n')

    assert result.exit_code == 0
    record = json.loads(result.stdout)
    assert record["models"][0]["name"] == "tiny"


def truncate(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps({"weights": [1.0]}))


def with_nan(path: Path) -> None:
    tensors = load_file(path)
    name = next(name for name, tensor in tensors.items() if tensor.is_floating_point())
    tensors[name].view(-1)[0] = torch.nan
    save_file(tensors, path)


def with_another_task(path: Path) -> None:
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "task": "sentiment"}))


@pytest.mark.parametrize(
    ("file", "damage", "told"),
    [
        pytest.param("weights.safetensors", Path.unlink, "no weights.safetensors", id="missing"),
        pytest.param("config.json", Path.unlink, "no config.json", id="no config"),
        pytest.param("weights.safetensors", truncate, "no readable safetensors", id="truncated"),
        pytest.param("weights.safetensors", pickled, "pickles are never opened", id="pickle"),
        pytest.param("weights.safetensors", with_nan, "NaN", id="NaN"),
        pytest.param("config.json", truncate, "no JSON", id="half a config"),
        pytest.param("config.json", with_another_task, "task sentiment", id="another task"),
    ],
)
def test_a_model_that_cannot_be_used(
    file: str, damage: Damage, told: str, tiny_model: Path
) -> None:
    damage(tiny_model / file)

    result = entities_only(tiny_model, stdin='{"text": "hi"}\n')

    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert str(tiny_model) in line
    assert told in line


def test_weights_of_other_shapes(tmp_path: Path) -> None:
    name = next(iter(tiny_network().state_dict()))
    model = save_tiny(tmp_path / "odd", **{name: torch.zeros(3, 3)})

    result = entities_only(model, stdin='{"text": "hi"}\n')

    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert f"{name} of shape (3, 3)" in line


def test_a_model_for_another_task_than_named(tiny_model: Path) -> None:
    result = CliRunner().invoke(app, ["analyze", "-", "--states", str(tiny_model)], input="")

    assert result.exit_code == 2
    assert "found a model of task entities, expected one of task states" in result.stderr


def test_batch_refuses_a_model_of_another_task_too(tiny_model: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["batch", str(tmp_path), "--out", str(tmp_path / "o"), "--states", str(tiny_model)]
    )

    assert result.exit_code == 2
    assert "expected one of task states" in result.stderr


def test_info_shows_a_card(tiny_model: Path) -> None:
    result = CliRunner().invoke(app, ["info", str(tiny_model)])

    assert result.exit_code == 0
    assert result.stdout.startswith("tiny  entities  ")
    assert "For tests." in result.stdout


def test_info_lists_models_with_figures_and_names_broken_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nlp_lstm.artefact.SHIPPED", tmp_path)
    save_tiny(tmp_path / "entities-tiny")
    with_nan(save_tiny(tmp_path / "entities-broken") / "weights.safetensors")

    result = CliRunner().invoke(app, ["info"])

    assert result.exit_code == 2
    assert "entities-broken" in result.stderr
    listed, figure, recipes = result.stdout.splitlines()
    assert listed.split()[:2] == ["entities-tiny", "entities"]
    assert figure == "  span_f1 0.250  multidogo dev, strict spans"
    assert "entities-support" in recipes
