"""Zip archives, read in place: no member is unpacked to disk, none is believed about its size."""

import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from corpora.errors import InputError
from corpora.transcripts.compressed import unpacked
from corpora.transcripts.limits import (
    MOST_MEMBERS,
    ZIP_ERRORS,
    Counted,
    archive_budget,
    damaged,
    too_large,
)
from corpora.transcripts.shelves import SUFFIXES, is_document, is_hidden, printable
from corpora.transcripts.text import Report

REPEATED = "a second member of this name"
# Of the others one packed block may stand for more than a machine holds, and none is in use.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Archive:
    """An open archive.

    Attributes:
        source: What messages call it.
        members: What can be read of it, by path with '/', in its order.
    """

    source: str
    members: dict[str, zipfile.ZipInfo]
    _zip: zipfile.ZipFile
    _open_counted: "_Opener"

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """A member, decompressed where it is compressed once more.

        Raises:
            InputError: It is encrypted or damaged.
        """
        place = f"{self.source}/{printable(name)}"
        member = self.members[name]
        if member.flag_bits & 1:
            raise _refused(place, "an encrypted member", "archive it without a password")
        try:
            raw = self._zip.open(member)
        except ZIP_ERRORS as error:
            raise damaged(place, error) from error
        with raw:
            yield unpacked(self._open_counted(cast(BinaryIO, raw), member, place), place)


class _Opener:
    """Counts the bytes of all members of an archive together."""

    def __init__(self) -> None:
        self._budget = archive_budget()

    def __call__(self, raw: BinaryIO, member: zipfile.ZipInfo, place: str) -> BinaryIO:
        counted = Counted(raw, lambda: member.compress_size, self._budget, place)
        return cast(BinaryIO, counted)


def open_archive(stream: BinaryIO, source: str, report: Report) -> Archive | None:
    """The archive in `stream`; None where it cannot be read at all.

    Args:
        stream: A seekable file.
        source: What messages call it.
        report: Is given an error for the archive, and for each member that is refused: one that
            lies outside the archive, a link, a second one of its name.
    """
    try:
        archive = zipfile.ZipFile(stream)
        infos = archive.infolist()
    except ZIP_ERRORS as error:
        report(damaged(source, error))
        return None
    if len(infos) > MOST_MEMBERS:
        report(too_large(source, f"more than {MOST_MEMBERS} members (MOST_MEMBERS)"))
        return None
    if any(info.filename == "[Content_Types].xml" for info in infos):
        report(_refused(source, "an Office document", "save it as text"))
        return None
    members: dict[str, zipfile.ZipInfo] = {}
    is_empty = True
    for info in infos:
        name = info.filename.replace("\\", "/")
        if name.endswith("/") or any(map(is_hidden, name_parts(name))) or not is_document(name):
            continue
        is_empty = False
        why = _refusal(info, name) or (REPEATED if name in members else None)
        if why is None:
            members[name] = info
        else:
            report(_refused(f"{source}/{printable(name)}", why, "archive the chat alone"))
    if is_empty:
        report(
            InputError(
                source,
                found="an archive without a transcript",
                expected=f"members ending in {', '.join(sorted(SUFFIXES))}",
                remedy="check that the chat itself was exported",
            )
        )
    return Archive(source, members, archive, _Opener())


def name_parts(name: str) -> tuple[str, ...]:
    """The folders and the file of a member's path, without the steps upwards that are refused."""
    return tuple(part for part in PurePosixPath(name).parts if part != "..")


def _refusal(info: zipfile.ZipInfo, name: str) -> str | None:
    """Why a member is not read, or None. Nothing is unpacked, so a path could do no harm here."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "a symbolic link"
    if kind not in (0, stat.S_IFREG):
        return "a special file"
    if info.compress_type not in METHODS:
        return f"a member packed by method {info.compress_type}"
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or name[1:2] == ":":
        return "a path outside the archive"
    return None


def _refused(source: str, what: str, remedy: str) -> InputError:
    return InputError(source, found=what, expected="a transcript in text form", remedy=remedy)
