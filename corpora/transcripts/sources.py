"""From what a caller names to documents: a file, a folder, an archive, an open stream.

Archives are read in place and never unpacked to disk. What they claim about sizes is not
believed: bytes are counted while they are read.
"""

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, TextIO, cast

from corpora.errors import InputError, quoted
from corpora.transcripts.text import Report

Source = str | Path | BinaryIO | TextIO
SUFFIXES = frozenset(
    {".txt", ".log", ".text", ".md", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".vtt", ".srt"}
)
MOST_MEMBERS = 100_000
LARGEST_ARCHIVE = 2 * 1024**3  # bytes unpacked, all members together
LARGEST_RATIO = 100  # unpacked to packed, beyond RATIO_FROM bytes
RATIO_FROM = 10 * 1024 * 1024
LINK = 0o120000


@dataclass(frozen=True, slots=True)
class Document:
    """An open document: what messages call it, what its conversation is called, its bytes."""

    source: str
    name: str
    stream: BinaryIO | TextIO


def open_documents(source: Source, report: Report) -> Iterator[Document]:
    """Yield each document that `source` holds, open until the next one is asked for.

    Args:
        source: A path, or an open text or binary stream.
        report: Is given an error for each document that cannot be opened.
    """
    if not isinstance(source, str | Path):
        yield _stream(source)
        return
    path = Path(source)
    if _is_folder(path):
        yield from _folder(path, report)
    else:
        yield from _file(path, path.name, report)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # opening it says why


def _stream(stream: BinaryIO | TextIO) -> Document:
    called = getattr(stream, "name", None)
    source = called if isinstance(called, str) and called else "<stream>"
    return Document(source, PurePosixPath(source).stem.strip("<>") or "stream", stream)


def _folder(folder: Path, report: Report) -> Iterator[Document]:
    is_empty = True
    for path in _walk(folder):
        is_empty = False
        yield from _file(path, path.relative_to(folder).as_posix(), report)
    if is_empty:
        report(
            InputError(
                str(folder),
                found="no transcript",
                expected=f"files ending in {', '.join(sorted(SUFFIXES))} or .zip",
                remedy="name the files themselves",
            )
        )


def _walk(folder: Path) -> Iterator[Path]:
    """Files in the order of their names, without hidden ones, links out and special files."""
    for place, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        for name in sorted(files):
            path = Path(place, name)
            if name.startswith(".") or path.suffix.lower() not in SUFFIXES | {".zip"}:
                continue
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                yield path


def _file(path: Path, relative: str, report: Report) -> Iterator[Document]:
    name = relative.removesuffix(path.suffix)
    try:
        stream = path.open("rb")
    except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
        report(_unopened(_printable(str(path)), getattr(error, "strerror", None) or str(error)))
        return
    with stream:
        try:
            is_archive = stat.S_ISREG(os.fstat(stream.fileno()).st_mode) and zipfile.is_zipfile(
                stream
            )
            if not is_archive:
                if stream.seekable():
                    stream.seek(0)
                yield Document(str(path), name, stream)
                return
        except OSError as error:
            report(_unopened(str(path), error.strerror or str(error)))
            return
        yield from _archive(stream, str(path), name, report)


def _archive(stream: BinaryIO, source: str, name: str, report: Report) -> Iterator[Document]:
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        report(_damaged(source, error))
        return
    with archive:
        members = [member for member in archive.infolist() if _is_transcript(member)]
        if len(archive.infolist()) > MOST_MEMBERS:
            report(_too_large(source, f"more than {MOST_MEMBERS} members"))
            return
        chats = [member for member in members if _is_whatsapp(member.filename)]
        if not members:
            report(
                InputError(
                    source,
                    found="an archive without a transcript",
                    expected=f"members ending in {', '.join(sorted(SUFFIXES))}",
                    remedy="check that the chat itself was exported",
                )
            )
        budget = _Budget()
        for member in chats or members:
            place = f"{source}/{_printable(member.filename)}"
            if member.flag_bits & 1:
                report(_unopened(place, "it is encrypted"))
                continue
            called = name if chats and len(chats) == 1 else _member_name(member.filename)
            try:
                with archive.open(member) as raw:
                    counted = _Counted(raw, member, budget, place)
                    yield Document(place, called, cast(BinaryIO, counted))
            except (zipfile.BadZipFile, NotImplementedError, OSError, zlib.error) as error:
                report(_damaged(place, error))


@dataclass(slots=True)
class _Budget:
    """Bytes that an archive may still unpack."""

    left: int = LARGEST_ARCHIVE


class _Counted(io.RawIOBase):
    """A member of an archive, refused when it grows beyond what its size in the archive allows."""

    def __init__(self, raw: object, member: zipfile.ZipInfo, budget: _Budget, place: str) -> None:
        self._raw = cast(BinaryIO, raw)
        self._packed = max(member.compress_size, 1)
        self._budget = budget
        self._place = place
        self._read = 0

    def read(self, size: int = -1, /) -> bytes:
        """Read on.

        Raises:
            InputError: The archive is damaged, or a bomb.
        """
        try:
            chunk = self._raw.read(size)
        except (zipfile.BadZipFile, EOFError, zlib.error, OSError) as error:
            raise _damaged(self._place, error) from error
        self._read += len(chunk)
        self._budget.left -= len(chunk)
        if self._budget.left < 0:
            raise _too_large(self._place, "more than 2 GiB unpacked (LARGEST_ARCHIVE)")
        if self._read > RATIO_FROM and self._read > LARGEST_RATIO * self._packed:
            raise _too_large(self._place, f"{LARGEST_RATIO} times its packed size (LARGEST_RATIO)")
        return chunk


@contextmanager
def reading(document: Document, report: Report) -> Iterator[None]:
    """Report what goes wrong while a document is read, instead of ending the whole reading."""
    try:
        yield
    except InputError as error:
        report(error)
    except OSError as error:
        report(_unopened(document.source, error.strerror or str(error)))


def _is_transcript(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    is_link = (member.external_attr >> 16) & 0o170000 == LINK
    is_hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return not (member.is_dir() or is_link or is_hidden) and path.suffix.lower() in SUFFIXES


def _is_whatsapp(filename: str) -> bool:
    """Whether a member is the chat of a WhatsApp archive, where attachments may be .txt too."""
    name = PurePosixPath(filename).name
    return name == "_chat.txt" or (name.endswith(".txt") and "whatsapp" in name.lower())


def _member_name(filename: str) -> str:
    return _printable(str(PurePosixPath(filename.replace("\\", "/")).with_suffix("")))


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in name)


def _unopened(source: str, why: str) -> InputError:
    return InputError(
        source,
        found=f"a file that cannot be read ({why})",
        expected="a readable transcript",
        remedy="check the path and its permissions",
    )


def _damaged(source: str, error: Exception) -> InputError:
    return InputError(
        source,
        found=f"a damaged archive ({quoted(str(error))})",
        expected="a complete zip archive",
        remedy="export or download it again",
    )


def _too_large(source: str, what: str) -> InputError:
    return InputError(
        source,
        found=what,
        expected="an archive of transcripts",
        remedy="unpack it yourself if you trust it, and read the folder",
    )
