"""Compressed documents: what stands before damage is read, and the damage is named."""

import bz2
import gzip
import io
import lzma
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import pytest
import zstandard

from corpora.errors import InputError
from corpora.transcripts import read_transcript
from corpora.transcripts.compressed import unpacked
from tests.corpora.transcripts.reading_here import read_all


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


def bzip2(content: bytes) -> bytes:
    return bz2.compress(content, 1)  # in blocks of 100 kB, each readable on its own


KINDS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bzip2,
    "xz": lzma.compress,
    "zst": zstd,
}
LINES = [f'{{"id": "c-{number}", "turns": [{{"text": "hi {os.urandom(9).hex()}"}}]}}\n'
         for number in range(5000)]  # fmt: skip
TALKS = "".join(LINES).encode()
every_kind = pytest.mark.parametrize("pack", KINDS.values(), ids=KINDS)


@pytest.mark.parametrize("suffix", KINDS)
def test_a_compressed_document_reads_like_itself(suffix: str, tmp_path: Path) -> None:
    plain = tmp_path / "talks.csv"
    plain.write_text("who;what\nAna;hi\n", encoding="utf-8")
    packed = tmp_path / f"talks.csv.{suffix}"
    packed.write_bytes(KINDS[suffix](plain.read_bytes()))

    [expected] = read_transcript(plain, columns={"text": "what", "speaker": "who"})
    [found] = read_transcript(packed, columns={"text": "what", "speaker": "who"})

    assert (found.id, found.turns, found.source) == ("talks", expected.turns, str(packed))


@every_kind
def test_streams_in_a_row_are_one_document(pack: Callable[[bytes], bytes]) -> None:
    half = len(LINES) // 2
    first, second = "".join(LINES[:half]).encode(), "".join(LINES[half:]).encode()

    conversations, errors = read_all(pack(first) + pack(second))

    assert errors == []
    assert len(conversations) == len(LINES)


@every_kind
def test_fault_28_what_comes_before_a_cut_is_read(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(TALKS)

    conversations, [error] = read_all(packed[: len(packed) * 3 // 4])

    assert len(LINES) // 4 < len(conversations) < len(LINES)
    assert [talk.id for talk in conversations] == [f"c-{n}" for n in range(len(conversations))]
    assert "data that breaks off" in str(error)


@every_kind
def test_fault_28_what_follows_the_end_is_an_error_and_costs_nothing(
    pack: Callable[[bytes], bytes],
) -> None:
    conversations, [error] = read_all(pack(TALKS) + b"something else")

    assert len(conversations) == len(LINES)
    assert "something else behind the end" in str(error)


@every_kind
def test_zeros_behind_the_end_are_padding(pack: Callable[[bytes], bytes]) -> None:
    conversations, errors = read_all(pack(TALKS) + b"\0" * 70_000)

    assert (len(conversations), errors) == (len(LINES), [])


@every_kind
def test_fault_29_a_bomb_is_refused_by_the_name_of_the_limit(
    pack: Callable[[bytes], bytes],
) -> None:
    conversations, [error] = read_all(pack(b'{"conversation": "c", "text": "a"}\n' * 400_000))

    assert conversations == []
    assert "100 times its packed size (LARGEST_RATIO)" in str(error)


@every_kind
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_bytes_come_as_asked_for(pack: Callable[[bytes], bytes], size: int) -> None:
    content = TALKS[:20_000]
    stream = unpacked(io.BytesIO(pack(content)), "here")

    pieces = list(iter(lambda: stream.read(size), b""))

    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= size


class Pipe(io.RawIOBase):
    """Bytes that can be read once, a few at a time, like those of another program."""

    def __init__(self, content: bytes) -> None:
        self._inner = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._inner.read(min(size, 1000) if size >= 0 else -1)


@pytest.mark.parametrize("pack", [bytes, *KINDS.values()], ids=["plain", *KINDS])
def test_a_pipe_is_read_once(pack: Callable[[bytes], bytes]) -> None:
    pipe = cast(BinaryIO, Pipe(pack(TALKS)))

    assert sum(1 for _ in read_transcript(pipe)) == len(LINES)


def test_a_folder_holds_compressed_documents_too(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"id": "a", "turns": []}\n'))
    (tmp_path / "b.zst").write_bytes(zstd(b"Ana: hi\nBen: hello?\n"))
    (tmp_path / "photo.png.gz").write_bytes(b"no chat")

    assert [talk.id for talk in read_transcript(tmp_path)] == ["a", "b"]


def test_no_document_is_decompressed_twice() -> None:
    with pytest.raises(InputError, match="a gzip archive"):
        list(read_transcript(io.BytesIO(gzip.compress(gzip.compress(b"Ana: hi\n")))))
