"""`corpora` and `corpora check` at the command line."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from corpora.published import CORPORA
from pipelines.cli.app import app

SAMPLES = Path(__file__).parents[2] / "samples"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["corpora", *map(str, arguments)])


def test_every_corpus_is_listed_with_task_licence_and_size() -> None:
    listed = [json.loads(line) for line in run("--json").stdout.splitlines()]

    assert [corpus["name"] for corpus in listed] == list(CORPORA)
    assert all(corpus["task"] and corpus["licence"] for corpus in listed)
    assert all(corpus["conversations"] for corpus in listed)
    text = run().stdout
    assert all(name in text for name in CORPORA)
    assert "CC BY-SA 4.0" in text


def test_a_check_counts_and_says_what_is_not_there() -> None:
    result = run("check", "wnut17", "--data", SAMPLES)

    assert result.exit_code == 0
    assert "entities       7: person 3, group 2, corporation 1, location 1" in result.stdout
    assert "wnut17 test: not there" in result.stdout
    assert "leakage        0 conversations of train stand in dev too (0 there)" in result.stdout


def test_a_check_says_what_could_not_be_aligned() -> None:
    result = run("check", "multiwoz21-raw", "--data", SAMPLES, "--json")

    assert json.loads(result.stdout)["splits"]["dev"]["losses"] == {
        "spans whose words are not their value": 1
    }


def test_wrong_names_and_places() -> None:
    unknown, nowhere = run("check", "woz3", "--data", SAMPLES), run("check", "sgd", "--data", "/no")

    assert unknown.exit_code == nowhere.exit_code == 2
    assert "no corpus 'woz3'" in " ".join(unknown.stderr.split())
    assert "found no such file" in nowhere.stderr
