"""Compressed documents, unpacked while they are read: gzip, bz2, xz and zstd.

What stands before damage is read; the damage itself is an error, and so is what follows the end.
"""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from functools import partial
from typing import BinaryIO, NamedTuple, Protocol, cast

import zstandard

from corpora.errors import InputError
from corpora.transcripts.limits import Counted, damaged, stream_budget

LONGEST_MAGIC = 10
CHUNK = 64 * 1024
# A few bytes of zstd can stand for 128 KiB, and its reader knows no bound: small bites keep what
# one bite unpacks to within some megabytes.
BITE = 1024
LARGEST_WINDOW = 128 * 1024 * 1024


class _Unpacker(Protocol):
    """One compressed stream, as the standard library's unpackers of bz2 and xz are."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Kind(NamedTuple):
    name: str
    bite: int
    start: Callable[[], _Unpacker]


class _Gzip:
    """The standard library's gzip, behaving like its bz2."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._is_full = False  # the last output was as long as it might be: more may wait

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._is_full and not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        unpacked = self._inner.decompress(self._inner.unconsumed_tail + data, max(max_length, 0))
        self._is_full = len(unpacked) == max_length
        return unpacked


class _Zstd:
    """A zstd frame, behaving like the standard library's bz2."""

    needs_input = True

    def __init__(self) -> None:
        unpacker = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
        self._inner = unpacker.decompressobj()

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(data)


KINDS = (
    (b"\x1f\x8b\x08", _Kind("gzip", CHUNK, _Gzip)),
    (
        b"\xfd7zXZ\x00",
        _Kind("xz", CHUNK, partial(lzma.LZMADecompressor, memlimit=2 * LARGEST_WINDOW)),
    ),
    (b"\x28\xb5\x2f\xfd", _Kind("zstd", BITE, _Zstd)),
)
BZIP2 = _Kind("bzip2", CHUNK, bz2.BZ2Decompressor)


def unpacked(stream: BinaryIO, source: str) -> BinaryIO:
    """What is packed in `stream`, or what it holds where it is not compressed.

    Args:
        stream: At its start; it need not be seekable.
        source: What messages call it.
    """
    start = b""
    while len(start) < LONGEST_MAGIC and (more := stream.read(LONGEST_MAGIC - len(start))):
        start += more
    kind = _kind(start)
    if kind is None and stream.seekable():
        stream.seek(-len(start), io.SEEK_CUR)
        return stream
    whole = _Rejoined(start, stream)
    if kind is None:
        return cast(BinaryIO, whole)
    inner = _Unpacked(whole, kind, source)
    counted = Counted(cast(BinaryIO, inner), lambda: whole.passed, stream_budget(), source)
    return cast(BinaryIO, counted)


def _kind(start: bytes) -> _Kind | None:
    # What follows the three letters is either a block or the end of an empty stream.
    if start[:3] == b"BZh" and start[4:] in (b"1AY&SY", b"\x17rE8P\x90"):
        return BZIP2
    return next((kind for magic, kind in KINDS if start.startswith(magic)), None)


class _Rejoined(io.RawIOBase):
    """A stream whose first bytes were read already.

    Attributes:
        passed: How many bytes were handed out.
    """

    def __init__(self, start: bytes, stream: BinaryIO) -> None:
        self._start = start
        self._stream = stream
        self.passed = 0

    def read(self, size: int = -1, /) -> bytes:
        """Read on; fewer bytes than asked for do not mean the end, none do."""
        if self._start:
            cut = len(self._start) if size < 0 else size
            chunk, self._start = self._start[:cut], self._start[cut:]
            if size < 0:
                chunk += self._stream.read()
        else:
            chunk = self._stream.read(size)
        self.passed += len(chunk)
        return chunk


class _Unpacked(io.RawIOBase):
    """Compressed streams, one or several in a row, as what they hold."""

    def __init__(self, packed: _Rejoined, kind: _Kind, source: str) -> None:
        self._packed = packed
        self._kind = kind
        self._source = source
        self._unpacker: _Unpacker | None = kind.start()
        self._waiting = b""  # packed bytes that were read but not used
        self._ready = b""  # unpacked bytes that nobody asked for yet
        self._failure: InputError | None = None

    def read(self, size: int = -1, /) -> bytes:
        """Read on.

        Raises:
            InputError: What follows is damaged; all before it was handed out.
        """
        parts, missing = [], size if size >= 0 else 1 << 62
        while missing > 0 and (chunk := self._next(min(missing, CHUNK * 16))):
            parts.append(chunk)
            missing -= len(chunk)
        if not parts and self._failure is not None:
            raise self._failure
        return b"".join(parts)

    def _next(self, size: int) -> bytes:
        """At most `size` bytes; none at the end and where `_failure` says what went wrong."""
        while not self._ready and self._failure is None and self._unpacker is not None:
            try:
                self._ready = self._step(self._unpacker, size)
            except (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
                self._failure = damaged(self._source, error)
        chunk, self._ready = self._ready[:size], self._ready[size:]
        return chunk

    def _step(self, unpacker: _Unpacker, size: int) -> bytes:
        if unpacker.eof:
            self._end(unpacker)
            return b""
        packed = b""
        if unpacker.needs_input:
            packed = self._waiting or self._packed.read(CHUNK)
            if not packed:
                raise EOFError(f"{self._kind.name} data that breaks off")
            packed, self._waiting = packed[: self._kind.bite], packed[self._kind.bite :]
        return unpacker.decompress(packed, size)

    def _end(self, unpacker: _Unpacker) -> None:
        """Start on the next stream, where there is one behind the end of this."""
        rest = (unpacker.unused_data + self._waiting).lstrip(b"\0")  # tapes are padded with zeros
        while len(rest) < LONGEST_MAGIC and (more := self._packed.read(CHUNK)):
            rest = (rest + more).lstrip(b"\0")
        if not rest:
            self._unpacker = None
            return
        following = _kind(rest[:LONGEST_MAGIC])
        if following is not self._kind:
            raise EOFError(f"something else behind the end of its {self._kind.name} data")
        self._waiting, self._unpacker = rest, following.start()
