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


def test_results_are_not_written_over_unasked(chats: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch(chats, "--out", out)

    refused = batch(chats, "--out", out)
    again = batch(chats, "--out", out, "--force", "--shard", "1")

    assert refused.exit_code == 2
    assert "a batch of 2 conversations" in refused.stderr
    assert "--resume" in refused.stderr
    assert "--force" in refused.stderr
    assert again.exit_code == 0
    assert sorted(path.name for path in out.glob("records*")) == [
        "records-00000.jsonl", "records-00001.jsonl",
    ]  # fmt: skip


def test_inputs_that_have_changed_are_gone_on_with_if_forced(chats: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch(chats, "--out", out)
    (chats / "c.txt").write_text(GOOD)

    refused = batch(chats, "--out", out, "--resume")

    assert refused.exit_code == 2
    assert "other inputs" in refused.stderr
    assert batch(chats, "--out", out, "--resume", "--force").exit_code == 0


def test_an_address_without_ray_is_wrong_usage(chats: Path, tmp_path: Path) -> None:
    result = batch(chats, "--out", tmp_path / "out", "--ray-address", "auto")

    assert result.exit_code == 2
    assert "without the engine ray" in result.stderr
