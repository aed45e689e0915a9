"""Bytes to lines: encodings, line ends, bounds."""

import gzip
import io
import tracemalloc
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.errors import InputError
from corpora.transcripts.reading import refuse
from corpora.transcripts.text import CHUNK, HEAD, Text
from tests.corpora.transcripts.reading_here import read_all, read_one, rows
from tests.strategies import single_lines

CHAT = "Zoë: où est ma commande ?\nBen: 你好 😀\nZoë: ok\n"


def lines(content: bytes) -> list[tuple[int, str]]:
    return list(Text(io.BytesIO(content), "here", "here").lines(refuse))


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_one_chat_in_every_encoding(encoding: str) -> None:
    # Without a mark, sixteen bits are told by the empty byte of each Latin letter.
    content = (
        CHAT if "-le" not in encoding and "-be" not in encoding else CHAT.replace("你好 😀", "yo")
    )

    assert [number for number, _ in lines(content.encode(encoding))] == [1, 2, 3]
    assert [text for _, text in lines(content.encode(encoding))] == content.split("\n")[:-1]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("last", ["", "end"])
def test_line_ends_and_marks_change_nothing(line_end: str, mark: str, last: str) -> None:
    content = mark + CHAT.replace("\n", last + "\n").replace("\n", line_end)

    expected = CHAT.replace("\n", last + "\n").split("\n")[:-1]
    assert [text for _, text in lines(content.encode())] == expected


@given(st.lists(single_lines().filter(lambda text: "\0" not in text), min_size=1, max_size=8))
def test_lines_are_what_stands_between_line_ends(written: list[str]) -> None:
    content = "x\n" + "\n".join(written) + "\n"

    assert [text for _, text in lines(content.encode())] == ["x", *written]


@pytest.mark.parametrize("offset", range(-3, 4))
@pytest.mark.parametrize("border", [HEAD, HEAD + CHUNK])
def test_a_character_cut_by_the_border_of_two_reads_is_whole(border: int, offset: int) -> None:
    content = "a" * (border + offset) + "😀é\nend"

    assert [text for _, text in lines(content.encode())] == content.split("\n")


def test_what_is_not_utf8_is_read_as_windows_1252_and_noted() -> None:
    conversation = read_one("Zoë: it costs 5 €\nBen: ok\nZoë: fine\n".encode("cp1252"))

    assert rows(conversation)[0] == ("Zoë", "it costs 5 €")
    assert conversation.meta["notes"] == [
        "<stream>: a line was not UTF-8 and was read as Windows-1252 (2)"
    ]


def test_broken_utf8_costs_the_broken_character_alone() -> None:
    conversation = read_one("Zoë: caf".encode() + b"\xc3 cr\xc3\xa8me\nBen: ok?\nZo\xc3\xab: ok\n")

    assert rows(conversation)[0] == ("Zoë", "caf\ufffd crème")
    assert "broken UTF-8" in conversation.meta["notes"][0]


@pytest.mark.parametrize(
    "content", [b"", b"\n\r\n \t\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\x0b", b" " * 100_000]
)
def test_an_empty_document_holds_nothing(content: bytes) -> None:
    assert read_all(content) == ([], [])


def test_a_chat_behind_very_many_blanks_is_no_empty_document() -> None:
    conversations, [error] = read_all(b" " * 2_000_000 + b"Ana: hi\n")

    assert conversations == []
    assert "nothing but blanks at the start" in str(error)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(b"\x89PNG\r\n\x1a\n", "an image", id="PNG"),
        pytest.param(b"%PDF-1.7\n", "a PDF", id="PDF"),
        pytest.param(b"\x1f\x8b\x08\0", "gzip data that breaks off", id="gzip, cut"),
        pytest.param(gzip.compress(gzip.compress(b"a: b")), "a gzip archive", id="gzip twice"),
        pytest.param(bytes(range(256)), "binary content", id="any byte"),
        pytest.param(b"\0" * 1000, "binary content", id="zeros"),
    ],
)
def test_a_binary_document_is_refused_by_name(content: bytes, found: str) -> None:
    conversations, [error] = read_all(content)

    assert conversations == []
    assert found in str(error)


def test_an_occasional_nul_is_text() -> None:
    assert rows(read_one("Ana: a\0b\nBen: c?\nAna: d\n"))[0] == ("Ana", "a\0b")


class LongLine(io.RawIOBase):
    """A document with a line of `length` bytes between two good ones, made while it is read."""

    def __init__(self, before: bytes, length: int, after: bytes) -> None:
        self._before, self._left, self._after = before, length, after

    def read(self, size: int = -1, /) -> bytes:
        if self._before:
            before, self._before = self._before, b""
            return before
        if self._left:
            size = min(size, self._left)
            self._left -= size
            return b"x" * size
        after, self._after = self._after, b""
        return after


def test_a_line_of_200_megabytes_is_refused_without_holding_it() -> None:
    good = b'{"id": "%s", "turns": [{"text": "x"}]}\n'
    stream = LongLine(good % b"a" + b'{"id": "', 200_000_000, b'"}\n' + good % b"b")
    text = Text(cast(BinaryIO, stream), "big.jsonl", "big")
    errors: list[InputError] = []
    tracemalloc.start()

    kept = [number for number, _ in text.lines(errors.append)]

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept == [1, 3]
    assert [error.line for error in errors] == [2]
    assert "LONGEST_LINE" in str(errors[0])
    assert peak < 100_000_000


def test_a_text_stream_reads_like_its_bytes() -> None:
    text = Text(io.StringIO("Ana: a\ud83d\nBen: b"), "here", "here")

    assert [line for _, line in text.lines(refuse)] == ["Ana: a\ufffd", "Ben: b"]
    assert text.notes
