"""What a batch reads, in which order, and where it goes on."""

import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from datasets import Dataset, DatasetDict
from pyarrow import parquet

from corpora.conversation import Conversation
from corpora.transcripts import read_documents
from pipelines.annotation import Failure
from pipelines.inputs import Item, Position, Reading, find_inputs, read_items

TALK = {"id": "t", "turns": [{"speaker": "Ana", "text": "hi"}]}


def items(
    *paths: Path | str, reading: Reading | None = None, start: Position | None = None
) -> list[Item]:
    found = find_inputs(paths, Path("/nowhere/out"))
    return list(read_items(found, reading or Reading(), start or Position()))


def names(found: list[Item]) -> list[str]:
    return [
        item.found.id if isinstance(item.found, Conversation) else f"! {item.found.reason[-60:]}"
        for item in found
    ]


def said(path: Path, text: str = "A: hello there\nB: hello\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Transcripts, one of them damaged, an archive, and tables."""
    folder = tmp_path / "in"
    said(folder / "b" / "1.txt")
    said(folder / "a.txt")
    said(
        folder / "damaged.jsonl",
        '{"id": "d-1", "turns": []}\n{"id": \n{"id": "d-2", "turns": []}\n',
    )
    with zipfile.ZipFile(folder / "export.zip", "w") as archive:
        archive.writestr("x.txt", "A: hello there\nB: hello\n")
        archive.writestr("y.txt", "A: hello there\nB: hello\n")
    parquet.write_table(pa.Table.from_pylist([TALK, {**TALK, "id": "u"}]), folder / "rows.parquet")
    return folder


def test_folders_archives_and_tables_in_one_fixed_order(mixed: Path) -> None:
    *found, damaged = sorted(names(items(mixed)), key=lambda name: name.startswith("!"))

    assert found == ["a", "d-1", "d-2", "x", "y", "b/1", "t", "u"]
    assert damaged.startswith("!")


def test_reading_goes_on_at_every_position(mixed: Path) -> None:
    whole = items(mixed, mixed / "a.txt")

    for number, item in enumerate(whole, start=1):
        assert items(mixed, mixed / "a.txt", start=item.position) == whole[number:]


def test_documents_before_the_position_are_not_read(mixed: Path) -> None:
    whole = items(mixed)
    last_text = next(item for item in whole if getattr(item.found, "id", "") == "b/1")
    said(mixed / "a.txt", "\0\0 damaged since, which nobody sees")

    assert names(items(mixed, start=last_text.position)) == ["t", "u"]


def test_a_reader_that_fails_takes_no_other_document_along(
    mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(conversations: Iterator[Conversation]) -> Iterator[Conversation]:
        for conversation in conversations:
            if conversation.id == "a":
                raise RuntimeError("a fault of the reader")
            yield conversation

    monkeypatch.setattr(
        "pipelines.inputs.read_documents", lambda *a, **k: map(failing, read_documents(*a, **k))
    )
    found = items(mixed)

    reasons = [item.found.reason for item in found if isinstance(item.found, Failure)]
    assert reasons[0] == "RuntimeError: a fault of the reader"
    assert "b/1" in names(found)


def test_tables_of_messages_and_of_a_turn_a_row(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]
    parquet.write_table(pa.Table.from_pylist([{"messages": messages}] * 2), tmp_path / "a.parquet")
    rows = [{"chat": chat, "who": "Ana", "said": "hi"} for chat in ("x", "x", "y")]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "b.parquet")

    first = items(tmp_path / "a.parquet")
    columns = {"conversation": "chat", "speaker": "who", "text": "said"}
    second = items(tmp_path / "b.parquet", reading=Reading(columns=columns))

    assert [len(item.found.turns) for item in first if isinstance(item.found, Conversation)] == [
        2,
        2,
    ]
    assert names(second) == ["x", "y"]


def test_a_row_that_is_no_conversation_is_named(tmp_path: Path) -> None:
    rows = [TALK, {"id": "bad", "turns": [{"speaker": "Ana", "text": None}]}, {**TALK, "id": "u"}]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")

    _, bad, _ = items(tmp_path / "a.parquet")

    assert isinstance(bad.found, Failure)
    assert (bad.found.source, bad.found.line) == (str(tmp_path / "a.parquet"), 2)


def test_the_splits_of_a_saved_dataset(tmp_path: Path) -> None:
    splits = {name: Dataset.from_list([{**TALK, "id": name}]) for name in ("train", "test")}
    DatasetDict(splits).save_to_disk(str(tmp_path / "saved"))

    assert names(items(tmp_path / "saved")) == ["train", "test"]


def test_fault_33_many_small_files_need_few_descriptors(tmp_path: Path) -> None:
    for number in range(1200):
        said(tmp_path / f"{number % 7}" / f"{number:04}.txt")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 20, hard))
    try:
        found = names(items(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert len(found) == 1200
    assert found == sorted(found)


def test_fault_32_a_file_that_goes_while_a_batch_runs_is_a_failure(tmp_path: Path) -> None:
    gone, stays = said(tmp_path / "1.txt"), said(tmp_path / "2.txt")
    found = find_inputs([gone, stays], tmp_path / "out")
    gone.unlink()

    first, second = read_items(found, Reading(), Position())

    assert isinstance(first.found, Failure)
    assert first.found.source == str(gone)
    assert isinstance(second.found, Conversation)


def test_fault_31_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = subprocess.Popen(
        [sys.executable, "-c", f"open({str(pipe)!r}, 'w').write('A: hi all\\nB: hi\\n')"]
    )

    assert names(items(pipe, reading=Reading(format="plain"))) == ["pipe"]
    assert writer.wait() == 0
