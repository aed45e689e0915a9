"""From what a caller names to documents: a file, a folder, an archive, an open stream.

Folders and archives are looked through for exports of several files, which are read together.
"""

import os
import stat
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, TextIO, cast

from corpora.errors import InputError
from corpora.transcripts.archives import Archive, open_archive
from corpora.transcripts.compressed import unpacked
from corpora.transcripts.format import Export, Format
from corpora.transcripts.shelves import (
    SUFFIXES,
    Shelf,
    is_document,
    is_hidden,
    printable,
    stem,
)
from corpora.transcripts.text import Report

Source = str | Path | BinaryIO | TextIO


@dataclass(frozen=True, slots=True)
class Document:
    """An open document: what messages call it, what its conversation is called, its bytes."""

    source: str
    name: str
    stream: BinaryIO | TextIO


@dataclass(frozen=True, slots=True)
class Collected:
    """An export of several files, and the format that reads them together."""

    format: Format
    shelf: Shelf


Found = Document | Collected


def open_documents(source: Source, formats: Collection[Format], report: Report) -> Iterator[Found]:
    """Yield each document that `source` holds, open until the next one is asked for.

    Args:
        source: A path, or an open text or binary stream.
        formats: Whose exports are looked for in folders and archives.
        report: Is given an error for each document that cannot be opened.
    """
    if not isinstance(source, str | Path):
        yield _stream(source)
        return
    path = Path(source)
    exports = [format for format in formats if format.export is not None]
    if _is_folder(path):
        yield from _folder(path, exports, report)
    else:
        yield from _file(path, path.name, exports, report)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # opening it says why


def _stream(stream: BinaryIO | TextIO) -> Document:
    called = getattr(stream, "name", None)
    source = called if isinstance(called, str) and called else "<stream>"
    if isinstance(stream.read(0), bytes):
        stream = unpacked(cast(BinaryIO, stream), source)
    return Document(source, PurePosixPath(source).stem.strip("<>") or "stream", stream)


def _folder(folder: Path, exports: Sequence[Format], report: Report) -> Iterator[Found]:
    root = folder.resolve()
    is_empty = True
    for place, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        here, relative = Path(place), Path(place).relative_to(folder).as_posix()
        prefix = "" if relative == "." else f"{relative}/"
        format = _told([*files, *(f"{name}/" for name in folders)], exports, is_archive=False)
        apart = [name for name in sorted(files) if not is_hidden(name)]
        if format is not None and format.export is not None:
            parts = {file: format.export.part(file) for file in _below(here, root)}
            folders.clear()
            is_empty = False
            if format.export.read is not None:
                yield Collected(format, _shelf(here, prefix.rstrip("/"), list(parts)))
                parts = {file: None for file, part in parts.items() if part is None}
            apart = [file for file, part in parts.items() if part is not False]
        for name in apart:
            path = here / name
            if _is_readable(path, root):
                is_empty = False
                yield from _file(path, prefix + name, exports, report)
    if is_empty:
        report(
            InputError(
                str(folder),
                found="no transcript",
                expected=f"files ending in {', '.join(sorted(SUFFIXES))} or .zip",
                remedy="name the files themselves",
            )
        )


def _below(folder: Path, root: Path) -> Iterator[str]:
    """The documents in `folder` and below it, in the order of their names."""
    for place, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        for name in sorted(files):
            path = Path(place, name)
            if not is_hidden(name) and _is_readable(path, root):
                yield path.relative_to(folder).as_posix()


def _is_readable(path: Path, root: Path) -> bool:
    """Whether it is named like a transcript or an archive, and neither a device nor a link out."""
    if not is_document(path.name) and path.suffix.lower() != ".zip":
        return False
    try:
        is_regular = stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return not path.is_symlink()  # gone since its folder was listed: opening it says so
    return is_regular and path.resolve().is_relative_to(root)


def _told(names: Collection[str], formats: Sequence[Format], *, is_archive: bool) -> Format | None:
    """The format whose export a folder is that holds files and folders of these names."""
    for format in formats:
        export = cast(Export, format.export)
        if (is_archive or not export.in_archives_only) and export.tells(names):
            return format
    return None


def _shelf(folder: Path, name: str, files: Sequence[str]) -> Shelf:
    @contextmanager
    def opened(file: str) -> Iterator[BinaryIO]:
        with (folder / file).open("rb") as stream:
            yield unpacked(stream, str(folder / file))

    return Shelf(str(folder), name, files, opened)


def _file(path: Path, relative: str, exports: Sequence[Format], report: Report) -> Iterator[Found]:
    source = printable(str(path))
    try:
        stream = path.open("rb")
    except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
        report(unopened(source, getattr(error, "strerror", None) or str(error)))
        return
    with stream:
        try:
            if not _is_archive(stream):
                yield Document(str(path), stem(relative), unpacked(stream, source))
                return
        except InputError as error:
            report(error)
            return
        except OSError as error:
            report(unopened(source, error.strerror or str(error)))
            return
        archive = open_archive(stream, str(path), report)
        if archive is not None:
            yield from _members(archive, stem(relative), exports, report)


def _is_archive(stream: BinaryIO) -> bool:
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        return False
    is_archive = stream.read(2) == b"PK" and zipfile.is_zipfile(stream)
    stream.seek(0)
    return is_archive


def _members(
    archive: Archive, name: str, exports: Sequence[Format], report: Report
) -> Iterator[Found]:
    """The documents of an archive: those of exports first, each export at its place."""
    claimed: set[str] = set()
    for folder, format in _roots(archive, exports).items():
        export = cast(Export, format.export)
        inside = {
            file[len(folder) :]: file
            for file in archive.members
            if file.startswith(folder) and file not in claimed
        }
        parts = {file: export.part(file) for file in inside}
        claimed.update(inside[file] for file, part in parts.items() if part is not None)
        if export.read is not None:
            yield Collected(format, _member_shelf(archive, folder, list(parts)))
            continue
        talks = [inside[file] for file, part in parts.items() if part]
        for file in talks:
            # A chat that comes in an archive of its own is called what the archive is called.
            called = name if len(talks) == 1 and not folder else stem(file)
            yield from _member(archive, file, called, report)
    for file in archive.members:
        if file not in claimed:
            yield from _member(archive, file, stem(file), report)


def _roots(archive: Archive, exports: Sequence[Format]) -> dict[str, Format]:
    """The folders of an archive that are exports, none inside another."""
    inside: dict[str, set[str]] = {}
    for file in archive.members:
        parts = file.split("/")
        for depth in range(len(parts)):
            folder = "".join(f"{part}/" for part in parts[:depth])
            is_file = depth == len(parts) - 1
            inside.setdefault(folder, set()).add(parts[depth] + ("" if is_file else "/"))
    roots: dict[str, Format] = {}
    for folder in sorted(inside):
        if not any(folder.startswith(root) for root in roots):
            format = _told(inside[folder], exports, is_archive=True)
            if format is not None:
                roots[folder] = format
    return roots


def _member_shelf(archive: Archive, folder: str, files: Sequence[str]) -> Shelf:
    name = folder.rstrip("/")
    source = f"{archive.source}/{printable(name)}" if name else archive.source
    return Shelf(source, printable(name), files, lambda file: archive.open(folder + file))


def _member(archive: Archive, file: str, called: str, report: Report) -> Iterator[Document]:
    try:
        with archive.open(file) as stream:
            yield Document(f"{archive.source}/{printable(file)}", called, stream)
    except InputError as error:
        report(error)


@contextmanager
def reading(source: str, report: Report) -> Iterator[None]:
    """Report what goes wrong while a document is read, instead of ending the whole reading."""
    try:
        yield
    except InputError as error:
        report(error)
    except OSError as error:
        report(unopened(source, error.strerror or str(error)))


def unopened(source: str, why: str) -> InputError:
    """The error for a file that the system does not let us read."""
    return InputError(
        source,
        found=f"a file that cannot be read ({why})",
        expected="a readable transcript",
        remedy="check the path and its permissions",
    )
