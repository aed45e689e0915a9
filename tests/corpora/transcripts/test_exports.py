"""Exports of several files, in folders and in archives: what is read together, and what apart."""

import zipfile
from pathlib import Path

import pytest

from corpora.errors import InputError
from corpora.transcripts import read_transcript

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "transcripts"
CHAT = "Ana: hi\nBen: yo?\nAna: bye\n"


def read(path: Path) -> tuple[dict[str, int], list[str]]:
    """Numbers of turns by conversation, and the texts of the errors."""
    errors: list[InputError] = []
    talks = list(read_transcript(path, on_error=errors.append))
    return {talk.id: len(talk.turns) for talk in talks}, [str(error) for error in errors]


def zipped(path: Path, folder: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                name = prefix + file.relative_to(folder).as_posix()
                archive.writestr(name, file.read_bytes())
    return path


@pytest.mark.parametrize("name", ["slack-export", "convokit", "rasa-project"])
def test_an_archive_reads_like_its_folder(name: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", SAMPLES / name)
    before = sorted(tmp_path.rglob("*"))

    folder = list(read_transcript(SAMPLES / name))
    archive = list(read_transcript(path))

    assert [(talk.id, talk.turns) for talk in archive if name != "convokit"] == [
        (talk.id, talk.turns) for talk in folder if name != "convokit"
    ]
    assert [talk.turns for talk in archive] == [talk.turns for talk in folder]
    assert sorted(tmp_path.rglob("*")) == before


def test_an_export_keeps_its_place_among_others(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(CHAT, encoding="utf-8")
    target = tmp_path / "slack"
    for file in (SAMPLES / "slack-export").rglob("*.json"):
        place = target / file.relative_to(SAMPLES / "slack-export")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.read_bytes())
    (target / "notes.txt").write_text(CHAT, encoding="utf-8")

    found, errors = read(tmp_path)

    assert errors == []
    assert found == {"a": 3, "slack/D0AB12CD": 1, "slack/support": 6, "slack/notes": 3}


def test_a_chatgpt_archive_gives_its_conversations_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "chatgpt.zip"
    with zipfile.ZipFile(path, "w") as archive:
        content = (SAMPLES / "chatgpt.json").read_text(encoding="utf-8")
        archive.writestr("conversations-000.json", content)
        archive.writestr("conversations-001.json", content.replace("65f2-1", "65f2-2"))
        archive.writestr("chat.html", "<html>")
        archive.writestr("user.json", '{"id": "u", "email": "ana@example.net"}')
        archive.writestr("file-abc-notes.txt", CHAT)

    assert read(path) == ({"65f2-1": 4, "65f2-2": 4}, [])


def test_a_telegram_folder_gives_its_chat_and_no_file_that_was_sent(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "sent.txt").write_text(CHAT, encoding="utf-8")
    (tmp_path / "result.json").write_bytes((SAMPLES / "telegram.json").read_bytes())

    assert read(tmp_path) == ({"result": 3}, [])


def test_one_damaged_day_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "slack.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("users", "channels"):
            archive.writestr(f"{name}.json", (SAMPLES / f"slack-export/{name}.json").read_bytes())
        day = (SAMPLES / "slack-export/support/2024-03-15.json").read_bytes()
        archive.writestr("support/2024-03-15.json", day)
        archive.writestr("support/2024-03-16.json", day[:40])
        archive.writestr("support/2024-03-17.json", '[{"type": "message", "ts": 5}]')

    errors: list[InputError] = []
    [talk] = read_transcript(path, on_error=errors.append)

    assert len(talk.turns) == 1
    assert "some of its messages could not be read" in talk.meta["notes"][0]
    assert [error.source for error in errors] == [
        f"{path}/support/2024-03-16.json", f"{path}/support/2024-03-17.json"
    ]  # fmt: skip


def test_a_message_sent_to_thread_and_channel_is_one_turn(tmp_path: Path) -> None:
    path = tmp_path / "2024-03-14.json"
    message = '{"type": "message", "user": "U1", "ts": "1710406920.000200", "text": "a"}'
    path.write_text(f"[{message}, {message}]", encoding="utf-8")

    assert read(path) == ({"2024-03-14": 1}, [])


def test_a_named_format_looks_for_its_own_exports_only(tmp_path: Path) -> None:
    path = zipped(tmp_path / "slack.zip", SAMPLES / "slack-export")

    talks = list(read_transcript(path, format="slack"))

    assert [talk.id for talk in talks] == ["D0AB12CD", "support"]
