"""What a batch reads: files, folders, archives, globs and tables, in a fixed order.

A place in that order is a number of input and a number of items in it, so a run that was cut
short can go on where it stopped.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from glob import glob, has_magic
from itertools import islice
from pathlib import Path

from corpora.conversation import Conversation
from corpora.errors import InputError
from corpora.transcripts import read_transcript
from corpora.transcripts.text import Report
from pipelines.pipeline import Failure, reason_of
from pipelines.tables import is_table, read_table


@dataclass(frozen=True, slots=True)
class Reading:
    """How transcripts are read; the fields are those of `read_transcript`."""

    format: str = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Raises ValueError for a setting that does not exist, and opens nothing before it is read.
        read_transcript("", format=self.format, columns=self.columns, roles=self.roles)


@dataclass(frozen=True, slots=True)
class Position:
    """How far the inputs have been read: `items` of input number `source`, all of those before."""

    source: int = 0
    items: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """A conversation, or why there is none, and the position just after it."""

    found: Conversation | Failure
    position: Position


def find_inputs(patterns: Sequence[str | Path], out: Path) -> list[Path]:
    """The inputs that are meant, each once, the files of a glob by name.

    Args:
        patterns: Files, folders and globs.
        out: The folder of results, which may neither hold an input nor lie in one.

    Raises:
        InputError: A pattern fits nothing, or results would be written among the inputs.
    """
    found: dict[Path, None] = {}
    for pattern in map(str, patterns):
        if Path(pattern).exists():
            found[Path(pattern)] = None
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
        found.update(dict.fromkeys(map(Path, sorted(matches))))
    results = out.resolve()
    for path in found:
        place = path.resolve()
        if place.is_relative_to(results) or (place.is_dir() and results.is_relative_to(place)):
            raise InputError(
                str(path),
                found=f"the results {out} in or around an input",
                expected="results apart from what is read",
                remedy="choose another folder for the results",
            )
    return list(found)


def state_of(inputs: Sequence[Path]) -> str:
    """A hash of which files the inputs are made of, their sizes and times of change."""
    digest = hashlib.sha256()
    for path in inputs:
        for file in _files(path):
            try:
                status = file.stat()
                line = f"{file}\0{status.st_size}\0{status.st_mtime_ns}\n"
            except OSError:
                line = f"{file}\0gone\n"
            digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def read_items(
    inputs: Sequence[Path],
    reading: Reading,
    start: Position,
    *,
    told: Callable[[Exception], str] = reason_of,
) -> Iterator[Item]:
    """Yield everything in the inputs after `start`; what cannot be read is an item too.

    Args:
        inputs: Existing paths.
        reading: How transcripts are read.
        start: Where to go on.
        told: How an error is told.
    """
    for source in range(start.source, len(inputs)):
        passed = start.items if source == start.source else 0
        found = _read(inputs[source], reading, told)
        for items, one in enumerate(islice(found, passed, None), start=passed + 1):
            yield Item(one, Position(source, items))


def _read(
    path: Path, reading: Reading, told: Callable[[Exception], str]
) -> Iterator[Conversation | Failure]:
    failures: list[Failure] = []

    def report(error: InputError) -> None:
        failures.append(Failure(told(error), error.source, error.line))

    conversations = _open(path, reading, report)
    while True:
        # An error belongs before the conversation that was read after it.
        try:
            conversation = next(conversations, None)
        except InputError as error:
            report(error)
            conversation = None
        except Exception as error:  # a reader's own fault must not end the other documents
            failures.append(Failure(told(error), str(path)))
            conversation = None
        yield from failures
        failures.clear()
        if conversation is None:
            return
        yield conversation


def _open(path: Path, reading: Reading, report: Report) -> Iterator[Conversation]:
    if is_table(path):
        return read_table(path, report)
    return read_transcript(
        path,
        format=reading.format,
        columns=reading.columns,
        roles=reading.roles,
        on_error=report,
    )


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for place, folders, files in os.walk(path):
        folders.sort()
        yield from (Path(place, name) for name in sorted(files))
