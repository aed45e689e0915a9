import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipelines.cli.app import app
from pipelines.pipeline import ConversationPipeline
from tests.pipelines.fakes import fake_pipeline

GOOD = "Ana: order 4711\nBen: sorry\nAna: well\nBen: hm\n"


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: type[ConversationPipeline], models: Sequence[str]) -> ConversationPipeline:
        assert list(models) == ["states-multiwoz", "entities-chat", "sentiment-chat"]
        return fake_pipeline()

    monkeypatch.setattr(ConversationPipeline, "load", classmethod(load))
    monkeypatch.setattr("pipelines.cli.models.check_tasks", lambda models: None)


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    folder = tmp_path / "chats"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text(GOOD)
    return folder


def batch(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["batch", *map(str, arguments), "--workers", "0"])


def test_a_folder(chats: Path, tmp_path: Path) -> None:
    result = batch(chats, "--out", tmp_path / "out")

    assert result.exit_code == 0
    assert "2 conversations, 8 turns" in result.stderr
    assert str(tmp_path / "out" / "records.jsonl") in result.stdout.splitlines()
    lines = (tmp_path / "out" / "records.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a", "b"]


def test_failures_are_named(chats: Path, tmp_path: Path) -> None:
    (chats / "bad.jsonl").write_text('{"text": \n')
    (chats / "boom.txt").write_text(GOOD.replace("well", "boom"))

    result = batch(chats, "--out", tmp_path / "out")

    assert result.exit_code == 1
    assert f"{chats / 'bad.jsonl'}:1: found" in result.stderr
    assert f"{chats / 'boom.txt'}" in result.stderr
    assert "2 failed" in result.stderr


def test_resuming_a_finished_batch_changes_nothing(chats: Path, tmp_path: Path) -> None:
    batch(chats, "--out", tmp_path / "out")
    before = (tmp_path / "out" / "records.jsonl").read_bytes()

    result = batch(chats, "--out", tmp_path / "out", "--resume")

    assert result.exit_code == 0
    assert (tmp_path / "out" / "records.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [["nowhere", "--out", "o"], [".", "--out", "o", "--format", "docx"], [".", "--workers", "-1"]],
)
def test_wrong_usage(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert batch(*arguments).exit_code == 2
