"""Files, folders and archives, honest and hostile."""

import io
import stat
import zipfile
from pathlib import Path

import pytest

from corpora.errors import InputError
from corpora.transcripts import read_transcript

CHAT = "Ana: hi\nBen: yo?\nAna: bye\n"
WHATSAPP = "13.03.24, 00:16 - Ana: hi\n13.03.24, 00:17 - Ben: yo\n"


def read(path: Path | str) -> tuple[list[str], list[str]]:
    """Ids of the conversations and texts of the errors."""
    errors: list[InputError] = []
    ids = [conversation.id for conversation in read_transcript(path, on_error=errors.append)]
    return ids, [str(error) for error in errors]


def zipped(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_file_names_its_only_conversation(tmp_path: Path) -> None:
    path = tmp_path / "17.txt"
    path.write_text(CHAT, encoding="utf-8")

    [by_path] = read_transcript(path)
    [by_text] = read_transcript(str(path))

    assert by_path == by_text
    assert (by_path.id, by_path.source) == ("17", str(path))


def test_a_folder_is_read_in_order_and_one_bad_file_costs_no_other(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name, content in {"b/2.txt": CHAT, "1.txt": CHAT, "0.txt": "no chat\n", ".hidden.txt": CHAT,
                          "photo.png": "x", "b/3.vtt": ""}.items():  # fmt: skip
        (tmp_path / name).write_text(content, encoding="utf-8")

    ids, [error] = read(tmp_path)

    assert ids == ["1", "b/2"]
    assert error.startswith(f"{tmp_path}/0.txt:1: found 'no chat'")


def test_without_on_error_the_first_error_is_raised(tmp_path: Path) -> None:
    (tmp_path / "0.txt").write_text("no chat\n", encoding="utf-8")

    with pytest.raises(InputError, match=r"0\.txt:1"):
        list(read_transcript(tmp_path))


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text(CHAT, encoding="utf-8")
    (inside / "file.txt").symlink_to(outside / "secret.txt")
    (inside / "folder").symlink_to(outside)

    ids, [error] = read(inside)

    assert ids == []
    assert "found no transcript" in error


@pytest.mark.parametrize(
    ("name", "found"),
    [("missing.txt", "No such file"), ("\0.txt", "null"), ("a" * 300, "ame too long")],
)
def test_a_file_that_cannot_be_opened(tmp_path: Path, name: str, found: str) -> None:
    ids, [error] = read(tmp_path / name)

    assert ids == []
    assert found in error


def test_a_whatsapp_archive_gives_its_chat_and_no_attachment(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "Chat with Ben.zip", {"notes.txt": CHAT, "_chat.txt": WHATSAPP, "a.jpg": b"x"}
    )

    assert read(path) == (["Chat with Ben"], [])


def test_an_archive_reads_like_its_folder(tmp_path: Path) -> None:
    members: dict[str, str | bytes] = {"a.txt": CHAT, "b/c.txt": CHAT, "__MACOSX/._a.txt": b"\0"}

    assert read(zipped(tmp_path / "chats.zip", members)) == (["a", "b/c"], [])


def test_members_that_climb_out_are_left_out_and_nothing_is_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"../../evil.txt": CHAT})
    before = sorted(tmp_path.rglob("*"))

    ids, [error] = read(path)

    assert ids == []
    assert "evil.txt: found a path outside the archive" in error
    assert sorted(tmp_path.rglob("*")) == before


def test_links_in_archives_are_left_out(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")

    ids, [error] = read(path)

    assert ids == []
    assert "link.txt: found a symbolic link" in error


def test_a_bomb_is_refused_by_the_name_of_the_limit(tmp_path: Path) -> None:
    line = b"Ana: " + b"a" * 1000 + b"\nBen: b?\n"
    path = zipped(tmp_path / "bomb.zip", {"a.txt": line * 20_000, "b.txt": CHAT})

    ids, [error] = read(path)

    assert ids == ["b"]
    assert "LARGEST_RATIO" in error


def test_a_truncated_archive_and_an_encrypted_member_are_named(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "whole.zip", {"a.txt": CHAT * 100}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:-30])
    encrypted = bytearray(whole)
    encrypted[whole.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(encrypted)
    damaged = bytearray(whole)
    damaged[40:44] = b"\xff\xff\xff\xff"
    (tmp_path / "damaged.zip").write_bytes(damaged)

    assert "a zip archive" in read(tmp_path / "cut.zip")[1][0]
    assert "an encrypted member" in read(tmp_path / "locked.zip")[1][0]
    assert "a damaged archive" in read(tmp_path / "damaged.zip")[1][0]


def test_a_stream_stays_open_and_may_be_text() -> None:
    stream = io.StringIO(CHAT)

    [conversation] = read_transcript(stream)

    assert not stream.closed
    assert (conversation.id, conversation.source) == ("stream", "<stream>")
