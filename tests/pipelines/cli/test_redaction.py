"""Nothing that was redacted may be found in anything that a command writes, but for the mapping."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from corpora.conversation import Turn
from corpora.labels import EntitySpan, TurnLabels
from nlp_lstm.component import Component, Memory, Task
from pipelines.cli.app import app
from pipelines.pipeline import ConversationPipeline
from tests.pipelines.fakes import FakeComponent

SECRETS = (
    "Zelda Quark", "quark", "zelda.quark@example.org", "4111111111111111", "+442079460018",
    "88213344", "hunter2", "Ottokar",
)  # fmt: skip
CHAT = """Ottokar: hi, i am Zelda Quark, code=88213344
Agent: ZELDA, is 8821-3344 right? and your card?
Ottokar: 4111 1111 1111 1111, mail zelda.quark@example.org or +44 20 7946 0018
Agent: thank you Ms. Quark, password?
Ottokar: hunter2
"""
LABELS = {"Zelda Quark": "name", "88213344": "order_number", "hunter2": "password"}
# Every answer is routed, so that all of them reach the queue.
POLICY = "[entities]\nleast_confidence = 1.0\n[states]\nleast_confidence = 1.0\n"


class Tagger(FakeComponent):
    """Knows three texts, and falls over telling what it read."""

    def step(self, memory: Memory, turn: Turn) -> tuple[TurnLabels, Memory]:
        if "boom" in turn.text:
            raise ValueError(f"cannot read {turn.text!r} of {turn.speaker}")
        labels, after = super().step(memory, turn)
        if self.task != "entities":
            return labels, after
        spans = tuple(
            EntitySpan(match.start(), match.end(), label, 0.6)
            for said, label in LABELS.items()
            for match in re.finditer(re.escape(said), turn.text)
        )
        return TurnLabels(entities=tuple(sorted(spans))), after


TASKS: tuple[Task, ...] = ("states", "entities", "sentiment")


def pipeline() -> ConversationPipeline:
    return ConversationPipeline([Tagger(task, name=f"fake-{task}") for task in TASKS])


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_name: str | Path, *, task: Task, **_: object) -> Component:
        return Tagger(task, name=f"fake-{task}")

    def load_all(
        _: type[ConversationPipeline], /, *_models: object, **_more: object
    ) -> ConversationPipeline:
        return pipeline()

    monkeypatch.setattr("nlp_lstm.loading.load_component", load)
    monkeypatch.setattr(ConversationPipeline, "load", classmethod(load_all))
    monkeypatch.setattr("pipelines.cli.models.check_tasks", lambda models: None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    chats = tmp_path / "chats"
    chats.mkdir()
    (chats / "zelda_quark.txt").write_text(CHAT)
    (chats / "boom.txt").write_text(CHAT + "Agent: boom hunter2 88213344\n")
    (chats / "bad.jsonl").write_text('{"text": "i am Zelda Quark, hunter2"\n{"text": 88213344}\n')
    (tmp_path / "policy.toml").write_text(POLICY)
    return tmp_path


def run(folder: Path, command: str, *arguments: str | Path, stdin: str | None = None) -> Result:
    settings = ["--policy", folder / "policy.toml", "--queue", folder / "queue.jsonl"]
    mapping = ["--redact-map", folder / "map.jsonl", "--debug"]
    every = [command, *arguments, *settings, *mapping]
    return CliRunner().invoke(app, list(map(str, every)), input=stdin)


def squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def assert_discreet(result: Result, folder: Path) -> None:
    """Neither what was printed nor any file but inputs and mapping holds a secret."""
    written = [
        path for path in folder.rglob("*")
        if path.is_file() and "chats" not in path.parts and path.name != "map.jsonl"
    ]  # fmt: skip
    # The path of an input is the user's own word for it, on the user's own terminal.
    leaving = [text.replace("zelda_quark.txt", "") for text in (result.stdout, result.stderr)]
    leaving += [path.read_text() for path in written] + [path.name for path in written]
    for text in leaving:
        shown = squeezed(text)
        assert [secret for secret in SECRETS if squeezed(secret) in shown] == [], text


def assert_mapped(folder: Path) -> None:
    mapping = folder / "map.jsonl"
    assert mapping.stat().st_mode & 0o777 == 0o600
    texts = {
        one["text"] for line in mapping.read_text().splitlines()
        for one in json.loads(line)["placeholders"]
    }  # fmt: skip
    assert {"Ottokar", "Zelda Quark", "hunter2", "88213344"} <= texts
    assert sorted(path.name for path in folder.glob(".map*")) == []


def test_analyze(folder: Path) -> None:
    chats = sorted((folder / "chats").iterdir())
    result = run(folder, "analyze", *chats, "--json", "--out", folder / "records.jsonl")

    assert result.exit_code == 1
    assert_discreet(result, folder)
    assert_mapped(folder)
    (record,) = map(json.loads, (folder / "records.jsonl").read_text().splitlines())
    texts = [turn["text"] for turn in record["turns"]]
    assert texts[0] == "hi, i am PERSON_2, code=IDENTIFIER_1"
    assert texts[1] == "PERSON_2, is IDENTIFIER_1 right? and your card?"
    assert texts[3:] == ["thank you Ms. PERSON_2, password?", "PASSWORD_1"]
    assert record["turns"][0]["speaker"] == "PERSON_1"
    assert record["turns"][0]["state"] == [{"slot": "code", "value": "IDENTIFIER_1"}]
    assert len((folder / "queue.jsonl").read_text().splitlines()) == 3
    assert "bad.jsonl" in result.stderr


def test_the_view(folder: Path) -> None:
    result = run(folder, "analyze", folder / "chats" / "zelda_quark.txt")
    assert result.exit_code == 0
    assert "thank you Ms. PERSON_2" in result.stdout
    assert_discreet(result, folder)


@pytest.mark.parametrize("form", ["--parquet", "--resume"])
def test_batch(folder: Path, form: str) -> None:
    result = run(folder, "batch", folder / "chats", "--out", folder / "out", "--workers", "0", form)

    assert result.exit_code == 1
    assert_mapped(folder)
    for path in folder.glob("out/*.parquet"):
        from pyarrow import parquet

        (folder / "out" / "read.txt").write_text(str(parquet.read_table(path).to_pylist()))
        path.unlink()
    assert_discreet(result, folder)
    errors = (folder / "out" / "errors.jsonl").read_text().splitlines()
    assert any("ValueError" in line for line in errors)
    queued = (folder / "queue.jsonl").read_text()
    settings: list[str | Path] = ["--out", folder / "out", "--workers", "0", "--force"]
    again = run(folder, "batch", folder / "chats", *settings)
    assert again.exit_code == 1
    assert (folder / "queue.jsonl").read_text() == queued


def test_stream(folder: Path) -> None:
    said = [line.split(": ", 1) for line in CHAT.splitlines()]
    lines = [
        json.dumps({"conversation": "Zelda Quark", "speaker": who, "text": text})
        for who, text in said
    ]
    lines[2:2] = ['{"text": "i am Zelda Quark" hunter2', '{"text": 88213344}',
                  '{"conversation": "Zelda Quark", "text": "boom hunter2"}',
                  '{"text": "x", "role": "Zelda Quark"}']  # fmt: skip
    result = run(folder, "stream", stdin="".join(f"{line}\n" for line in lines))

    assert result.exit_code == 1
    assert_discreet(result, folder)
    assert_mapped(folder)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [("error" in answer) for answer in answers] == [*[False] * 2, *[True] * 4, *[False] * 3]
    assert {a["conversation"] for a in answers if "error" not in a} == {"PERSON_2-1"}
    assert answers[-2]["text"] == "thank you Ms. PERSON_2, password?"


def crash(*_: object, **__: object) -> bytes:
    raise RuntimeError(" ".join(SECRETS))


@pytest.mark.parametrize(
    ("command", "where"),
    [
        ("analyze", "pipelines.cli.analysis.conversation_record"),
        ("batch", "pipelines.analyst.conversation_record"),
        ("stream", "pipelines.queues.JsonLinesQueue.append"),
    ],
)
def test_a_crash_tells_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, where: str
) -> None:
    monkeypatch.setattr(where, crash)
    arguments: dict[str, list[str | Path]] = {
        "analyze": [folder / "chats" / "zelda_quark.txt"],
        "batch": [folder / "chats", "--out", folder / "out", "--workers", "0"],
        "stream": [],
    }
    line = json.dumps({"speaker": "Ottokar", "text": "i am Zelda Quark"})
    result = run(folder, command, *arguments[command], stdin=line)

    assert result.exit_code == 1
    assert "RuntimeError" in result.stderr + result.stdout
    assert_discreet(result, folder)


@pytest.mark.parametrize("command", ["analyze", "stream"])
def test_a_queue_that_cannot_be_written_tells_nothing(folder: Path, command: str) -> None:
    (folder / "queue.jsonl").mkdir()
    arguments = [folder / "chats" / "zelda_quark.txt"] if command == "analyze" else []
    line = json.dumps({"speaker": "Ottokar", "text": "i am Zelda Quark"})
    result = run(folder, command, *arguments, stdin=line)

    assert result.exit_code != 0
    assert "queue.jsonl" in result.stderr
    assert_discreet(result, folder)


def test_the_mapping_keeps_what_earlier_runs_told(folder: Path) -> None:
    chat = folder / "chats" / "zelda_quark.txt"
    mapping = folder / "map.jsonl"
    mapping.write_text('{"conversation":"old","redacted":"old","source":null,"placeholders":[]}\n')
    mapping.chmod(0o644)
    for _ in range(2):
        assert run(folder, "analyze", chat).exit_code == 0
    names = [json.loads(line)["conversation"] for line in mapping.read_text().splitlines()]
    assert names == ["old", "zelda_quark"]
    assert_mapped(folder)


def test_a_mapping_that_cannot_be_written_is_told_before_anything_is_done(folder: Path) -> None:
    (folder / "map.jsonl").mkdir()
    (folder / "map.jsonl" / "x").touch()
    result = run(folder, "analyze", folder / "chats" / "zelda_quark.txt", "--json")
    assert result.exit_code == 2
    assert "map.jsonl" in result.stderr


def test_unknown_labels_are_refused(folder: Path) -> None:
    chat = folder / "chats" / "zelda_quark.txt"
    result = run(folder, "analyze", chat, "--redact-labels", "name,personn")
    assert result.exit_code == 2
    assert "personn" in result.stderr


def test_without_the_option_nothing_is_redacted(folder: Path) -> None:
    every = ["analyze", str(folder / "chats" / "zelda_quark.txt"), "--json"]
    result = CliRunner().invoke(app, every)
    assert "Zelda Quark" in result.stdout
