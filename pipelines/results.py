"""A folder of results that is whole or unfinished, never half-written.

    records.jsonl  errors.jsonl  summary.json       appear when everything is done
    *.part  journal.jsonl                           how far an unfinished run has come

A line of the journal is written when what it counts lies on the disk, so a run that was killed
goes on from its last line; whatever stands in the parts beyond it is cut off.
"""

import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self

import orjson

from corpora.errors import InputError
from pipelines.inputs import Position
from pipelines.tables import write_parquet

if sys.platform != "win32":
    import fcntl

Form = Literal["jsonl", "parquet"]


@dataclass(frozen=True, slots=True)
class Counts:
    """What a batch has done, from its first run on."""

    conversations: int = 0
    turns: int = 0
    failed: int = 0
    cases: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.conversations + other.conversations,
            self.turns + other.turns,
            self.failed + other.failed,
            self.cases + other.cases,
        )


class Results:
    """The folder of results, as a context that holds it against a second process.

    Args:
        out: The folder; made where it is missing.
        settings: What the results depend on. JSON types only.
        form: Of the records.
        resume: Whether to go on from an earlier run's journal; there need not be one.

    Attributes:
        position: How far the inputs are done.
        counts: What is done.
        is_finished: Whether all of it is.

    Raises:
        InputError: On entering: another process is writing there, or the journal is of other
            settings.
    """

    def __init__(self, out: Path, settings: Mapping[str, Any], *, form: Form, resume: bool) -> None:
        self.out = out
        self.position = Position()
        self.counts = Counts()
        self.is_finished = False
        self._settings = settings
        self._form = form
        self._resume = resume

    def __enter__(self) -> Self:
        self.out.mkdir(parents=True, exist_ok=True)
        with ExitStack() as files:
            files.enter_context(_locked(self.out))
            journal = self.out / "journal.jsonl"
            records, errors = 0, 0
            if self._resume and journal.is_file():
                records, errors = self._go_on(journal)
            else:
                journal.write_bytes(orjson.dumps(self._settings) + b"\n")
            if not self.is_finished:
                self._records = files.enter_context(_opened(self._part("records"), records))
                self._errors = files.enter_context(_opened(self._part("errors"), errors))
                self._journal = files.enter_context(journal.open("ab"))
            self._files = files.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._files.close()

    def commit(self, records: bytes, errors: bytes, position: Position, done: Counts) -> None:
        """Put results on the disk for good.

        Args:
            records: Lines of records.
            errors: Lines of errors.
            position: How far the inputs are done with these.
            done: What is counted in them.

        Raises:
            InputError: They cannot be written.
        """
        try:
            self._records.write(records)
            self._errors.write(errors)
            _sync(self._records)
            _sync(self._errors)
            self.position, self.counts = position, self.counts + done
            self._write_journal(is_finished=False)
        except OSError as error:
            raise self._unwritten(error) from error

    def finish(self, summary: Mapping[str, Any]) -> list[Path]:
        """Move everything to its final place, and say where that is."""
        try:
            if not self.is_finished:
                self._write_journal(is_finished=True)
                self._records.close()
                self._errors.close()
                self.is_finished = True
            return [self._publish(), self._move("errors.jsonl"), self._summarise(summary)]
        except OSError as error:
            raise self._unwritten(error) from error

    def _publish(self) -> Path:
        if self._form == "jsonl":
            return self._move("records.jsonl")
        lines, unfinished = self._part("records"), self.out / "records.parquet.part"
        if lines.exists():
            write_parquet(lines, unfinished)
            _sync_path(unfinished)
            unfinished.replace(self.out / "records.parquet")
            lines.unlink()
        return self.out / "records.parquet"

    def _part(self, name: str) -> Path:
        return self.out / f"{name}.jsonl.part"

    def _move(self, name: str) -> Path:
        unfinished = self.out / f"{name}.part"
        if unfinished.exists():  # a run killed while it finished may have moved it already
            unfinished.replace(self.out / name)
        _sync_path(self.out)
        return self.out / name

    def _summarise(self, summary: Mapping[str, Any]) -> Path:
        unfinished = self.out / "summary.json.part"
        unfinished.write_bytes(orjson.dumps(summary, option=orjson.OPT_INDENT_2) + b"\n")
        _sync_path(unfinished)
        return self._move("summary.json")

    def _write_journal(self, *, is_finished: bool) -> None:
        line = {
            **asdict(self.position),
            "records": self._records.tell(),
            "errors": self._errors.tell(),
            "counts": asdict(self.counts),
            "finished": is_finished,
        }
        self._journal.write(orjson.dumps(line) + b"\n")
        _sync(self._journal)

    def _go_on(self, journal: Path) -> tuple[int, int]:
        settings = self._settings
        first, *lines = journal.read_bytes().split(b"\n")
        before = orjson.loads(first) if lines else dict(settings)
        differing = [name for name in settings if before.get(name) != settings[name]]
        if differing:
            raise InputError(
                str(journal),
                found=f"a run with other {', '.join(differing)}",
                expected="the same as now",
                remedy="start anew without resuming, or choose another folder for the results",
            )
        whole = lines[:-1]  # behind the last line end stands nothing, or half a line
        with journal.open("wb") as file:
            file.write(b"".join(line + b"\n" for line in (orjson.dumps(settings), *whole)))
        if not whole:
            return 0, 0
        last = orjson.loads(whole[-1])
        self.position = Position(last["source"], last["items"])
        self.counts = Counts(**last["counts"])
        self.is_finished = last["finished"]
        return last["records"], last["errors"]

    def _unwritten(self, error: OSError) -> InputError:
        return InputError(
            str(error.filename or self.out),
            found=error.strerror or str(error),
            expected="room and leave to write",
            remedy="mend that and resume: what was done is kept",
        )


def _opened(path: Path, size: int) -> IO[bytes]:
    file = path.open("ab")
    file.truncate(size)
    file.seek(size)
    return file


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_path(path: Path) -> None:
    if path.is_dir() and sys.platform == "win32":
        return  # Windows opens no folders
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _locked(out: Path) -> IO[bytes]:
    file = (out / ".lock").open("wb")
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # freed when its process ends
        except OSError as error:
            file.close()
            raise InputError(
                str(out),
                found="another run that is writing there",
                expected="a folder of its own for each run",
                remedy="wait for it, or choose another folder for the results",
            ) from error
    return file
