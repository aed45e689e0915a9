"""What a batch reads: files, folders, archives, globs and tables, in a fixed order.

A place in that order is a number of input, a number of document in it (a file of a folder, a
member of an archive) and a number of items in that, so a run that was cut short can go on where
it stopped.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from glob import glob, has_magic
from pathlib import Path
from typing import TypeVar

from corpora.conversation import Conversation
from corpora.errors import InputError
from corpora.transcripts import read_documents
from pipelines.annotation import Failure, reason_of
from pipelines.tables import is_table, read_tables

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Reading:
    """How transcripts are read; the fields are arguments of `read_transcript`."""

    format: str = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Raises ValueError for a setting that does not exist, and opens nothing before it is read.
        read_documents("", format=self.format, columns=self.columns, roles=self.roles)


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """How far the inputs have been read: all before it, and `items` of a document.

    Attributes:
        source: Number of the input, from 0.
        document: Number of the document in it, from 1; 0 before the first.
        items: How many conversations and failures of that document have been read, with the
            failures to open those that follow it.
    """

    source: int = 0
    document: int = 0
    items: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """A conversation, or why there is none, and the position just after it."""

    found: Conversation | Failure
    position: Position


def find_inputs(patterns: Sequence[str | Path], out: Path) -> list[str]:
    """The inputs that are meant, each once, the files of a glob by name.

    They are plain text: of hundreds of thousands, paths would take as much room as the models.

    Args:
        patterns: Files, folders and globs.
        out: The folder of results, which may neither hold an input nor lie in one.

    Raises:
        InputError: A pattern fits nothing, or results would be written among the inputs.
    """
    found: dict[str, None] = {}
    for pattern in map(str, patterns):
        if Path(pattern).exists():
            found[str(Path(pattern))] = None
            continue
        # Path.glob takes no absolute pattern.
        matches = glob(pattern, recursive=True) if has_magic(pattern) else []  # noqa: PTH207
        if not matches:
            raise InputError(
                pattern,
                found="nothing there",
                expected="a file, a folder or a glob",
                remedy="check the path; put a glob in quotes",
            )
        found.update(dict.fromkeys(str(Path(match)) for match in sorted(matches)))
    results = out.resolve()
    for path in found:
        place = Path(path).resolve()
        if place.is_relative_to(results) or (place.is_dir() and results.is_relative_to(place)):
            raise InputError(
                path,
                found=f"the results {out} in or around an input",
                expected="results apart from what is read",
                remedy="choose another folder for the results",
            )
    return list(found)


def state_of(inputs: Sequence[str]) -> str:
    """A hash of which files the inputs are made of, their sizes and times of change."""
    digest = hashlib.sha256()
    for path in inputs:
        for file in files_of(Path(path)):
            try:
                status = file.stat()
                line = f"{file}\0{status.st_size}\0{status.st_mtime_ns}\n"
            except OSError:
                line = f"{file}\0gone\n"
            digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def read_items(
    inputs: Sequence[str],
    reading: Reading,
    start: Position,
    *,
    told: Callable[[Exception], str] = reason_of,
) -> Iterator[Item]:
    """Yield everything in the inputs after `start`; what cannot be read is an item too.

    Documents before that are opened at most; of the one in which it lies the beginning is read
    again.

    Args:
        inputs: Existing paths.
        reading: How transcripts are read.
        start: Where to go on.
        told: How an error is told.
    """
    for number in range(start.source, len(inputs)):
        passed = start if number == start.source else Position(number)
        for item in _Source(number, inputs[number], reading, told).items(passed.document):
            if item.position > passed:
                yield item


class _Source:
    """One of the inputs, while it is read."""

    def __init__(
        self, number: int, path: str, reading: Reading, told: Callable[[Exception], str]
    ) -> None:
        self._path = path
        self._reading = reading
        self._told = told
        self._position = Position(number)
        self._failures: list[Failure] = []

    def items(self, first: int) -> Iterator[Item]:
        """Everything in the documents from number `first` on, and failures to open any."""
        documents = self._documents()
        while True:
            conversations = self._next(documents)
            yield from self._failed()
            if conversations is None:
                return
            self._position = replace(self._position, document=self._position.document + 1, items=0)
            if self._position.document >= first:
                yield from self._read(conversations)

    def _read(self, conversations: Iterator[Conversation]) -> Iterator[Item]:
        while True:
            conversation = self._next(conversations)
            # An error belongs before the conversation that was read after it.
            yield from self._failed()
            if conversation is None:
                return
            yield self._item(conversation)

    def _failed(self) -> Iterator[Item]:
        failures, self._failures = self._failures, []
        yield from map(self._item, failures)

    def _item(self, found: Conversation | Failure) -> Item:
        self._position = replace(self._position, items=self._position.items + 1)
        return Item(found, self._position)

    def _next(self, things: Iterator[Thing]) -> Thing | None:
        """The next one, or None at the end, which an error may be."""
        try:
            return next(things, None)
        except InputError as error:
            self._report(error)
        except Exception as error:  # a reader's own fault must not end the other documents
            self._failures.append(Failure(self._told(error), self._path))
        return None

    def _report(self, error: InputError) -> None:
        self._failures.append(Failure(self._told(error), error.source, error.line))

    def _documents(self) -> Iterator[Iterator[Conversation]]:
        path, reading = Path(self._path), self._reading
        if is_table(path):
            yield from self._tables(path)
            return
        tables = parquet_files(path) if path.is_dir() else []
        yield from read_documents(
            path,
            format=reading.format,
            columns=reading.columns,
            roles=reading.roles,
            on_error=self._report_beside if tables else self._report,
        )
        for table in tables:
            yield from self._tables(table)

    def _tables(self, path: Path) -> Iterator[Iterator[Conversation]]:
        columns, roles = self._reading.columns, self._reading.roles
        return read_tables(path, self._report, columns=columns, roles=roles)

    def _report_beside(self, error: InputError) -> None:
        if error.source != self._path:  # a folder of tables alone is no fault
            self._report(error)


def parquet_files(folder: Path) -> list[Path]:
    """The Parquet files in a folder and those below it, by name, but for hidden ones and links."""
    return [
        path
        for path in files_of(folder)
        if path.suffix.lower() == ".parquet"
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and not path.is_symlink()
    ]


def files_of(path: Path) -> Iterator[Path]:
    """The files in a folder and those below it, by name; a file itself."""
    if not path.is_dir():
        yield path
        return
    for place, folders, files in os.walk(path):
        folders.sort()
        yield from (Path(place, name) for name in sorted(files))
