"""Faults that are of no single room, by their numbers in tests/faults.md."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
import spacy

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, ToolkitError
from corpora.labels import TurnLabels
from nlp_lstm.component import Task
from nlp_lstm.scoring.answers import Answer
from pipelines.batch import BatchReport, Output, annotate_inputs
from pipelines.chunks import Work
from pipelines.inputs import Reading, find_inputs
from pipelines.pipeline import ConversationPipeline
from pipelines.plots import draw_reliability
from pipelines.records import read_records
from pipelines.results import Counts
from pipelines.routing import Policy
from tests.pipelines.fakes import FakeComponent, conversation, fake_pipeline

ROOT = Path(__file__).parents[1]


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    folder = tmp_path / "chats"
    folder.mkdir()
    for name in ("a", "ß", "Ω", "z", "İ"):
        (folder / f"{name}.txt").write_text(f"{name}: area=n1 for 4\nB: bye é\n", encoding="utf-8")
    return folder


def run(
    chats: Path,
    out: Path,
    *,
    make: Callable[[], ConversationPipeline] = fake_pipeline,
    progress: Callable[[Counts], None] | None = None,
    resume: bool = False,
) -> BatchReport:
    return annotate_inputs(
        find_inputs([chats], out),
        Reading(format="plain"),
        Output(out, resume=resume),
        work=Work(make, Policy()),
        progress=progress,
        chunk_turns=3,
    )


def written(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.name != ".lock"}


def test_fault_12_what_is_remembered_of_a_very_long_conversation_is_bounded() -> None:
    pipeline = fake_pipeline()
    memory, sizes = pipeline.start(), []
    for number in range(4_000):
        _, memory = pipeline.step(memory, Turn(f"area=n{number % 7} for 4", "Ana", "customer"))
        if number % 1_000 == 999:
            sizes.append(len(memory.to_bytes()))

    assert memory.course.turns == 4_000
    assert max(sizes) - min(sizes) < 200


def test_fault_43_a_model_that_nobody_may_write_to_without_home_or_network(
    tiny_models: dict[Task, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise OSError("no network")

    before = {path: path.stat().st_mtime_ns for m in tiny_models.values() for path in m.iterdir()}
    for model in tiny_models.values():
        model.chmod(0o555)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(socket.socket, "connect", no_network)

    pipeline = ConversationPipeline.load(list(tiny_models.values()))
    [annotated] = pipeline.annotate([conversation("a table for 4 in the north")])

    for model in tiny_models.values():
        model.chmod(0o755)
    assert annotated.failure is None
    after = {path: path.stat().st_mtime_ns for m in tiny_models.values() for path in m.iterdir()}
    assert (after, list(tmp_path.iterdir())) == (before, [])


def test_fault_47_a_batch_that_is_terminated_is_resumed(chats: Path, tmp_path: Path) -> None:
    def terminated(_: Counts) -> None:
        raise SystemExit(143)

    with pytest.raises(SystemExit):
        run(chats, tmp_path / "out", progress=terminated)
    run(chats, tmp_path / "out", resume=True)
    run(chats, tmp_path / "whole")

    assert written(tmp_path / "out") == written(tmp_path / "whole")


def test_fault_51_locale_zone_and_hash_seed_change_no_byte(chats: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\nfrom tests import test_faults\n"
        "test_faults.run(Path(sys.argv[1]), Path(sys.argv[2]))\n"
    )
    odd = {"PYTHONHASHSEED": "77", "LC_ALL": "C", "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, script, chats, tmp_path / "odd"], env=odd, check=True)
    run(chats, tmp_path / "here")

    assert written(tmp_path / "odd") == written(tmp_path / "here")


class Hungry(FakeComponent):
    """Asks for more memory than there is when somebody says so."""

    def annotate(self, conversations: Sequence[Conversation]) -> list[list[TurnLabels]]:
        if any("memory" in turn.text for each in conversations for turn in each.turns):
            bytearray(2**62)
        return super().annotate(conversations)


def test_fault_53_a_conversation_for_which_memory_is_short_fails_alone(
    chats: Path, tmp_path: Path
) -> None:
    (chats / "m.txt").write_text("A: memory\nB: yes\n")
    report = run(chats, tmp_path / "out", make=lambda: ConversationPipeline([Hungry("entities")]))

    assert (report.counts.conversations, report.counts.failed) == (5, 1)
    assert "MemoryError" in (tmp_path / "out" / "errors.jsonl").read_text()


def test_fault_55_what_a_conversation_is_called_names_no_file(tmp_path: Path) -> None:
    ids = ["../../x", "a/b", "/etc/passwd", "nul\0", "x" * 300, "CON", ".", "é\u202e"]
    chats = tmp_path / "chats.jsonl"
    turns = [{"speaker": "A", "text": "hi"}]
    chats.write_bytes(b"".join(orjson.dumps({"id": name, "turns": turns}) + b"\n" for name in ids))
    before = sorted(tmp_path.iterdir())

    found = find_inputs([chats], tmp_path / "out")
    work = Work(fake_pipeline, Policy())
    annotate_inputs(found, Reading(), Output(tmp_path / "out"), work=work)

    assert [record.id for record in read_records(tmp_path / "out" / "records.jsonl")] == ids
    assert sorted(tmp_path.iterdir()) == [*before, tmp_path / "out"]
    assert sorted(written(tmp_path / "out")) == [
        "errors.jsonl", "journal.jsonl", "records.jsonl", "summary.json",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["records.jsonl.part", "errors.jsonl.part", "journal.jsonl.part"])
def test_fault_56_a_link_where_results_go_is_not_followed(
    chats: Path, tmp_path: Path, name: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("somebody else's")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to(elsewhere)

    with suppress(InputError):  # it is refused, or put in the link's place
        run(chats, tmp_path / "out")
    assert elsewhere.read_text() == "somebody else's"


def test_fault_56_what_is_unfinished_is_its_owners_alone(chats: Path, tmp_path: Path) -> None:
    out, modes = tmp_path / "out", set[str]()
    run(
        chats,
        out,
        progress=lambda _: modes.update(oct(p.stat().st_mode)[-3:] for p in out.glob("*.part")),
    )

    assert modes == {"600"}
    umask = os.umask(0o022)
    os.umask(umask)
    assert oct((out / "records.jsonl").stat().st_mode & 0o777) == oct(0o666 & ~umask)


def test_fault_62_settings_name_no_function_that_is_not_registered(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('"@misc" = "os.system"\n')
    with pytest.raises(ToolkitError, match="@misc"):
        Policy.load(policy)

    for registry in ("misc", "os"):
        # Whatever the library calls its error: nothing is looked up by import.
        with pytest.raises(Exception, match=r"os\.system|registry|@os|@misc"):
            spacy.blank("en").add_pipe(
                "lstm_entities", config={"model": {f"@{registry}": "os.system"}}
            )


def test_fault_64_a_picture_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    answers = [Answer("spans", "x", n, 1, n / 40, n % 3 > 0) for n in range(40)]
    draw_reliability(answers, answers, tmp_path / "a.svg", title="<script>alert(1)</script>")

    drawn = (tmp_path / "a.svg").read_text()
    assert "<script" not in drawn
    assert not re.search(
        r"(href|src)\s*=\s*[\"'](https?:)?//|url\(\s*[\"']?(https?:)?//|@import", drawn
    )
