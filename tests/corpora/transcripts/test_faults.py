"""Faults that reading survives, by their numbers in tests/faults.md."""

import io
import json
import os
import resource
import socket
import threading
import tracemalloc
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from corpora.errors import InputError
from corpora.transcripts import read_transcript
from tests.corpora.transcripts.reading_here import read_all, read_one, rows

CHAT = "Ana: hi\nBen: yo?\nAna: bye\n"


def talk(name: str, *said: str) -> str:
    return json.dumps({"id": name, "turns": [{"speaker": "x", "text": text} for text in said]})


def read(path: Path | str) -> tuple[list[str], list[str]]:
    """Ids of the conversations and texts of the errors."""
    errors: list[InputError] = []
    ids = [found.id for found in read_transcript(path, on_error=errors.append)]
    return ids, [str(error) for error in errors]


@pytest.mark.parametrize("content", [b"", b"\n \r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_faults_1_and_2_nothing_is_read_from_nothing(content: bytes) -> None:
    assert read_all(content) == ([], [])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_faults_3_and_4_marks_and_wide_characters_are_no_part_of_a_text(encoding: str) -> None:
    chat = read_one(CHAT.replace("hi", "hé 😀").encode(encoding))

    assert rows(chat)[0] == ("Ana", "hé 😀")


def test_fault_5_broken_utf_8_costs_its_bytes_and_is_told() -> None:
    chat = read_one(b"Ana: caf\xc3\xa9 \xf0\x9f\x98 now\nBen: ok?\nAna: ok\n")

    assert rows(chat)[0] == ("Ana", "café \ufffd now")
    assert "broken UTF-8, replaced by U+FFFD (1)" in chat.meta["notes"][0]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("a\0b\x07c\x1b[2Jd", id="controls"),
        pytest.param("a\u2028b\u2029c\x85d\x0be\x0cf", id="what other programs end lines at"),
        pytest.param("\u202eabc\u202c e\u0301 👩\u200d👩\u200d👧", id="bidi, combining, joined"),
    ],
)
@pytest.mark.parametrize("is_ascii", [True, False])
def test_faults_7_8_and_10_every_character_stays_where_it_is(said: str, is_ascii: bool) -> None:
    line = json.dumps({"text": said}, ensure_ascii=is_ascii)

    [conversation], errors = read_all(f"{line}\n{line}\n")

    assert errors == []
    assert [turn.text for turn in conversation.turns] == [said, said]


def test_fault_9_line_ends_of_every_machine() -> None:
    expected = rows(read_one(CHAT))

    for end in ("\r\n", "\r"):
        assert rows(read_one(CHAT.replace("\n", end))) == expected


def test_faults_11_and_13_ten_megabytes_in_one_turn_are_read_once() -> None:
    document = talk("c", "a" * 10_000_000).encode()
    tracemalloc.start()

    [conversation], errors = read_all(document)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert errors == []
    assert len(conversation.turns[0].text) == 10_000_000
    assert peak < 20 * len(document)  # orjson reserves twelve times what it reads


def test_fault_11_a_line_beyond_the_bound_is_refused_and_the_rest_is_read() -> None:
    conversations, [error] = read_all("\n".join([talk("a", "x"), " " * 17_000_000, talk("b", "y")]))

    assert [found.id for found in conversations] == ["a", "b"]
    assert "16 MiB (LONGEST_LINE)" in str(error)


def test_fault_16_a_malformed_line_costs_itself() -> None:
    conversations, [error] = read_all("\n".join([talk("a", "x"), '{"id": ', talk("b", "y")]))

    assert [found.id for found in conversations] == ["a", "b"]
    assert error.line == 2


def test_fault_17_a_last_line_that_breaks_off_is_named() -> None:
    conversations, [error] = read_all(talk("a", "x") + "\n" + talk("b", "y")[:20])

    assert [found.id for found in conversations] == ["a"]
    assert error.line == 2


@pytest.mark.parametrize("format", ["auto", "slack", "telegram", "discord", "chatgpt", "rasa"])
def test_fault_18_json_that_nests_too_deep_is_refused(format: str) -> None:
    conversations, errors = read_all('{"text": ' + "[" * 100_000, format=format)

    assert conversations == []
    assert len(errors) == 1


def test_fault_19_a_number_of_5000_digits_is_refused() -> None:
    conversations, [error] = read_all(
        "\n".join([talk("a", "x"), f'{{"text": "a", "n": {"9" * 5000}}}', talk("b", "y")])
    )

    assert [found.id for found in conversations] == ["a", "b"]
    assert error.line == 2


def test_fault_20_of_a_key_that_comes_twice_the_last_wins() -> None:
    [conversation], errors = read_all('{"text": "first", "text": "last"}\n')

    assert errors == []
    assert conversation.turns[0].text == "last"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_fault_21_what_is_no_number_is_nothing(number: str) -> None:
    [conversation], errors = read_all(f'{{"text": "a", "meta": {{"score": {number}}}}}\n')

    assert errors == []
    assert conversation.turns[0].meta == {"score": None}


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({"turns": [{"speaker": "x"}]}, "/turns/0/text"),
        ({"turns": [{"text": None}]}, "/turns/0/text"),
        ({"turns": [{"text": 5}]}, "/turns/0/text"),
        ({"turns": [{"text": "a", "speaker": ["x"]}]}, "/turns/0/speaker"),
        ({"turns": {"text": "a"}}, "/turns"),
        ({"id": [1], "turns": []}, "/id"),
    ],
)
def test_fault_22_what_is_missing_is_named_by_its_place(value: object, pointer: str) -> None:
    conversations, [error] = read_all("\n".join([json.dumps(value), talk("b", "y")]))

    assert [found.id for found in conversations] == ["b"]
    assert f"at {pointer}," in str(error)


def test_fault_23_a_conversation_that_comes_again_is_an_error_unless_it_is_the_same() -> None:
    conversations, [error] = read_all(
        "\n".join([talk("a", "x"), talk("a", "x"), talk("a", "y"), talk("b", "z")])
    )

    assert [found.id for found in conversations] == ["a", "b"]
    assert error.line == 3
    assert "conversation 'a' again" in str(error)


def test_faults_24_and_25_order_and_names_stay_as_they_are() -> None:
    turns = [{"speaker": name, "time": f"2024-03-14T09:0{minute}:00", "text": "a", "role": "boss"}
             for name, minute in (("Ana", 5), ("ANA", 3), ("Cem", 4), ("Dov", 4))]  # fmt: skip

    conversation = read_one(json.dumps({"id": "c", "turns": turns}))

    assert [turn.speaker for turn in conversation.turns] == ["Ana", "ANA", "Cem", "Dov"]
    assert [turn.meta["source_role"] for turn in conversation.turns] == ["boss"] * 4


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2024-03-14T09:05:00", datetime.fromisoformat("2024-03-14T09:05:00")),
        ("2024-03-14T09:05:00+05:30", datetime.fromisoformat("2024-03-14T09:05:00+05:30")),
        ("1970-01-01T00:00:00Z", datetime.fromisoformat("1970-01-01T00:00:00+00:00")),
        ("9999-12-31T23:59:59", datetime.fromisoformat("9999-12-31T23:59:59")),
        ("yesterday", None),
        (1710406800, None),  # seconds or milliseconds: nothing says which
        (1710406800000, None),
    ],
)
def test_fault_26_no_time_is_guessed(written: object, time: datetime | None) -> None:
    [turn] = read_one(json.dumps({"text": "a", "time": written})).turns

    assert turn.time == time
    assert time is not None or turn.meta == {"time": written}


def test_fault_27_tables_with_line_ends_quotes_and_ragged_rows() -> None:
    conversations, [error] = read_all(
        'conversation,speaker,text\na,Ana,"two\nlines, ""quoted"""\nb,Ben\nc,Cem,hi\n'
    )

    assert [found.id for found in conversations] == ["a", "c"]
    assert conversations[0].turns[0].text == 'two\nlines, "quoted"'
    assert (error.line, "2 cells" in str(error)) == (4, True)


def test_fault_29_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpora.transcripts.archives.MOST_MEMBERS", 2)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.txt", CHAT)

    assert "more than 2 members (MOST_MEMBERS)" in read(tmp_path / "x.zip")[1][0]


def test_fault_29_too_much_in_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpora.transcripts.limits.LARGEST_ARCHIVE", 100)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for number in range(5):
            archive.writestr(f"{number}.txt", CHAT)

    ids, errors = read(tmp_path / "x.zip")

    assert ids == ["0", "1", "2"]
    assert "(LARGEST_ARCHIVE)" in errors[0]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../../evil.txt", "a path outside the archive"),
        ("/etc/evil.txt", "a path outside the archive"),
        ("C:\\evil.txt", "a path outside the archive"),
        ("a\\..\\..\\evil.txt", "a path outside the archive"),
    ],
)
def test_fault_30_members_that_climb_out(tmp_path: Path, name: str, why: str) -> None:
    path = tmp_path / "in" / "x.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, CHAT)
        archive.writestr("good.txt", CHAT)

    ids, [error] = read(path)

    assert ids == ["good"]
    assert f"evil.txt: found {why}" in error
    assert [inside.name for inside in tmp_path.rglob("*")] == ["in", "x.zip"]


@pytest.mark.parametrize(
    ("kind", "why"), [(0o120777, "a symbolic link"), (0o020666, "a special file")]
)
def test_fault_30_members_that_are_no_files(tmp_path: Path, kind: int, why: str) -> None:
    member = zipfile.ZipInfo("evil.txt")
    member.external_attr = kind << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(member, "/etc/passwd")

    assert why in read(tmp_path / "x.zip")[1][0]


def test_fault_29_members_whose_packing_knows_no_bound(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.txt", CHAT)

    assert "a member packed by method 14" in read(tmp_path / "x.zip")[1][0]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_fault_30_of_two_members_of_one_name_the_first_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.txt", CHAT)
        archive.writestr("a.txt", CHAT)

    ids, [error] = read(tmp_path / "x.zip")

    assert (ids, "a second member of this name" in error) == (["a"], True)


def test_fault_31_a_pipe_is_read_and_endless_sources_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(CHAT, encoding="utf-8"))
    writer.start()

    assert read(pipe) == (["pipe"], [])
    writer.join()
    assert "binary content" in read("/dev/zero")[1][0]
    assert read("/dev/null") == ([], [])


def test_fault_31_a_socket_is_no_transcript(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("talk.txt")

        assert "cannot be read" in read("talk.txt")[1][0]


def test_fault_32_a_file_that_goes_away_costs_no_other(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.txt").write_text(CHAT, encoding="utf-8")
    errors: list[InputError] = []

    talks = read_transcript(tmp_path, on_error=errors.append)
    first = next(talks)
    (tmp_path / "b.txt").unlink()

    assert [first.id, *(found.id for found in talks)] == ["a", "c"]
    assert "No such file" in str(errors[0])


def test_fault_32_a_file_that_cannot_be_read_on_is_named() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 200_000:
                raise OSError(5, "Input/output error")
            return super().read(size)

    errors: list[InputError] = []
    content = "\n".join(talk(f"c-{number}", "x" * 100) for number in range(5000))

    talks = list(read_transcript(Failing(content.encode()), on_error=errors.append))

    assert len(talks) > 1000
    assert "Input/output error" in str(errors[0])


def test_fault_33_no_file_stays_open(tmp_path: Path) -> None:
    for number in range(200):
        (tmp_path / f"{number:03}.txt").write_text(CHAT, encoding="utf-8")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(link.name) for link in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 10, hard))
    try:
        ids, errors = read(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert errors == []
    assert ids == [f"{number:03}" for number in range(200)]
