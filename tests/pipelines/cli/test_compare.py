"""`nlp-lstm compare` and `nlp-lstm pays`: wrong usage is one line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(
            ["entities-support", "--cells", "lstm,elman"],
            "--cells: found 'elman', expected some of lstm, gru, rnn, transformer",
            id="a cell that there is not",
        ),
        pytest.param(["states"], "a tracker that reads schemas", id="no other cell fits"),
        pytest.param(["no-such"], "no-such: found no recipe", id="no recipe"),
        pytest.param(["entities-support", "--seeds", "1,x"], "'x' is no whole number", id="seed"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    arguments: list[str], told: str, tmp_path: Path
) -> None:
    asked = ["compare", *arguments, "--data", str(tmp_path), "--out", str(tmp_path / "out")]

    result = CliRunner().invoke(app, asked)

    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())
    assert not (tmp_path / "out").exists()


def test_pays_knows_its_tasks(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["pays", "--data", str(tmp_path), "--tasks", "moods"])

    assert result.exit_code == 2
    assert "'moods' is none of entities, sentiment, states" in " ".join(result.stderr.split())
