"""`nlp-lstm calibrate` as a user runs it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpora.errors import InputError
from corpora.labelled import write_labelled
from nlp_lstm.loading import load_component
from pipelines.cli.app import app
from tests.nlp_lstm.test_recalibration import half_right

MODEL = "entities-support"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labelled")
    write_labelled(half_right(MODEL), folder / "dev.jsonl")
    return folder


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["calibrate", MODEL, *map(str, arguments)])
    told = str(result.exception) if isinstance(result.exception, InputError) else result.stderr
    return result.exit_code, result.stdout, told


def test_before_and_after_stand_side_by_side_and_the_copy_is_usable(
    data: Path, tmp_path: Path
) -> None:
    out, plot = tmp_path / "mine", tmp_path / "reliability.svg"

    code, told, _ = run("--corpus", "labelled", "--data", data, "--out", out, "--plot", plot)

    assert code == 0
    lines = told.splitlines()
    assert lines[0] == "fitted on 52 conversations, judged on 48 others"
    assert lines[2] == "Confidence of spans"
    assert lines[4].split()[:2] == ["all", "before"]
    assert lines[-1] == f"{out}: the model, calibrated"
    assert "<svg" in plot.read_text(encoding="utf-8")
    assert load_component(out).fingerprint == load_component(MODEL).fingerprint
    assert "Confidences were fitted to 52 conversations" in (out / "card.md").read_text()


def test_json_holds_both_measurements_and_the_fit(data: Path) -> None:
    code, told, _ = run("--corpus", "labelled", "--data", data, "--json")

    answer = json.loads(told)
    assert code == 0
    assert answer["calibration"].keys() >= {"slope", "offset"}
    assert [answer[when][0]["rows"][0][0] for when in ("before", "after")] == ["all", "all"]


def test_a_model_is_not_written_over(data: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")

    code, _, told = run("--corpus", "labelled", "--data", data, "--out", tmp_path)

    assert code == 2
    assert "already holds a model" in told


def test_a_picture_of_no_known_form_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    code, _, told = run(
        "--corpus", "labelled", "--data", tmp_path / "none", "--plot", tmp_path / "a.doc"
    )

    assert code == 2
    assert "found suffix '.doc', expected one of .png, .svg, .pdf" in told


def test_without_matplotlib_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.plots.find_spec", lambda name: None)

    code, _, told = run(
        "--corpus", "labelled", "--data", tmp_path / "none", "--plot", tmp_path / "a.png"
    )

    assert code == 2
    assert "pip install 'nlp-lstm[plots]'" in told
