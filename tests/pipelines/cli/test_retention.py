"""`nlp-lstm retention` as a user runs it."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpora.errors import InputError
from corpora.labelled import write_labelled
from nlp_lstm.artefact import ArtefactError, find_artefact, load_artefact
from nlp_lstm.loading import load_component
from pipelines.cli.app import app
from tests.nlp_lstm.test_recalibration import half_right

MODEL = "entities-support"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labelled")
    write_labelled(half_right(MODEL)[:20], folder / "dev.jsonl")
    return folder


def run(data: Path, *arguments: str | Path) -> tuple[int, str, str]:
    asked = ["retention", MODEL, "--corpus", "labelled", "--data", data, *arguments]
    result = CliRunner().invoke(app, [*map(str, asked)])
    told = str(result.exception) if isinstance(result.exception, InputError) else result.stderr
    return result.exit_code, result.stdout, told


def test_curves_and_histories_are_told_and_drawn(data: Path, tmp_path: Path) -> None:
    plot = tmp_path / "curves.svg"

    code, told, _ = run(data, "--history", "full,none", "--plot", plot)

    assert code == 0
    titles = [block.splitlines()[0] for block in told.split("\n\n")]
    assert titles == [
        "Span f1 by turn (degradation point: none)",
        "Span f1 by words so far (degradation point: none)",
        "What was said before, of 20 conversations",
    ]
    assert [line.split()[0] for line in told.splitlines()[-2:]] == ["none", "full"]
    assert "<svg" in plot.read_text(encoding="utf-8")


def test_json_names_the_degradation_points(data: Path) -> None:
    code, told, _ = run(data, "--json")

    answer = json.loads(told)
    assert code == 0
    assert answer["degradation"] == [
        {"figure": "span_f1", "by": by, "bucket": None} for by in ("turn", "words so far")
    ]
    assert answer["tables"][0]["columns"] == ["turn", "span_f1", "low", "high", "judged"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        pytest.param(["--history", "some"], "'some' is none of none, shuffled, full", id="history"),
        pytest.param(["--stretch", "x"], "'x' is no number of turns", id="stretch"),
        pytest.param(["--plot", "a.txt"], "found suffix '.txt'", id="plot"),
        pytest.param(["--stretch", "5"], "found no turn of unrelated talk", id="no talk"),
    ],
)
def test_what_cannot_be_measured_is_refused(data: Path, options: list[str], told: str) -> None:
    code, _, line = run(data, *options)

    assert code == 2
    assert told in line


def test_the_context_found_good_is_stored_in_the_model_told_and_kept_to(
    data: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(find_artefact(MODEL), mine)
    asked = ["retention", str(mine), "--corpus", "labelled", "--data", str(data), "--store"]

    result = CliRunner().invoke(app, asked)
    told = CliRunner().invoke(app, ["info", str(mine)]).stdout

    assert result.exit_code == 0
    assert f"{mine / 'validated.json'}: stored" in result.stdout
    stored = load_artefact(mine)
    assert stored.fingerprint == load_artefact(MODEL).fingerprint
    words = json.loads((mine / "validated.json").read_text())["tokens"]
    assert 0 < words < 60  # of twenty chats of four short turns
    assert load_component(mine).validated_tokens == words
    assert f"validated context: {words} words, on labelled dev" in told


def test_states_are_not_validated_by_a_figure_that_falls_anyway(tmp_path: Path) -> None:
    asked = ["retention", "states-woz2", "--corpus", "labelled", "--data", str(tmp_path)]

    result = CliRunner().invoke(app, [*asked, "--store"])

    assert result.exit_code == 2
    assert "add --stretch 0,50,100" in result.stderr


def test_a_damaged_measurement_is_refused(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(find_artefact(MODEL), mine)
    (mine / "validated.json").write_text('{"tokens": "many"}')

    with pytest.raises(ArtefactError, match="found tokens 'many', expected a number of words"):
        load_artefact(mine)
