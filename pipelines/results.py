"""A folder of results that is whole or unfinished, never half-written.

    records.jsonl  errors.jsonl  summary.json       appear when everything is done
    *.part  journal.jsonl                           how far an unfinished run has come

A line of the journal is written when what it counts lies on the disk, so a run that was killed
goes on from its last line; whatever stands in the parts beyond it is cut off. Cut into shards,
the records appear shard by shard.
"""

import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import orjson

from corpora.errors import InputError
from pipelines.durable import Part, publish, remove, sync_folder, sync_path, write_whole
from pipelines.inputs import Position
from pipelines.lock import locked
from pipelines.tables import write_parquet

Form = Literal["jsonl", "parquet"]
JOURNAL, ERRORS, SUMMARY = "journal.jsonl", "errors.jsonl", "summary.json"
# All that a batch ever leaves in its folder, but for the lock.
OURS = re.compile(r"(records(-\d{5,})?\.(jsonl|parquet)|errors\.jsonl|summary\.json)(\.part)?")


@dataclass(frozen=True, slots=True)
class Counts:
    """What a batch has done, from its first run on.

    Attributes:
        conversations: Records written.
        turns: Turns in them.
        failed: Lines of errors.
        cases: Answers routed.
        reasons: How many of them for each reason.
    """

    conversations: int = 0
    turns: int = 0
    failed: int = 0
    cases: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "Counts") -> "Counts":
        names = sorted({*self.reasons, *other.reasons})
        return Counts(
            self.conversations + other.conversations,
            self.turns + other.turns,
            self.failed + other.failed,
            self.cases + other.cases,
            {name: self.reasons.get(name, 0) + other.reasons.get(name, 0) for name in names},
        )


class Results:
    """The folder of results, as a context that holds it against a second process.

    Args:
        out: The folder; made where it is missing.
        settings: What the results depend on. JSON types only.
        form: Of the records.
        shard: Conversations a file of records; None for one file.
        resume: Whether to go on from an earlier run's journal; there need not be one.
        force: Start over whatever lies there; with `resume`, go on although inputs have changed.

    Attributes:
        position: How far the inputs are done.
        counts: What is done.
        is_finished: Whether all of it is.

    Raises:
        InputError: On entering: another process is writing there, an earlier run's results lie
            there, or those to go on from are of other settings.
    """

    def __init__(
        self,
        out: Path,
        settings: Mapping[str, Any],
        *,
        form: Form,
        shard: int | None = None,
        resume: bool = False,
        force: bool = False,
    ) -> None:
        self.out = out
        self.position = Position()
        self.counts = Counts()
        self.is_finished = False
        self._settings = {**settings, "records": form, "shard": shard}
        self._form = form
        self._shard = shard
        self._resume = resume
        self._force = force
        self._number, self._filled = 0, 0  # the shard under way, and conversations in it

    def __enter__(self) -> Self:
        self.out.mkdir(parents=True, exist_ok=True)
        with ExitStack() as files:
            files.enter_context(locked(self.out))
            try:
                self._open(files)
            except OSError as error:
                raise self._unwritten(error) from error
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
            full = self._append(records, done.conversations)
            self._errors.append(errors)
            self._records.sync()
            self._errors.sync()
            self.position, self.counts = position, self.counts + done
            self._write_journal(is_finished=False)
            for number in full:
                self._publish(number)
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
            records = [self._publish(number) for number in range(self._number + 1)]
            errors = self.out / f"{ERRORS}.part"
            if errors.exists():  # a run killed while it finished may have moved it already
                publish(errors, self.out / ERRORS)
            told = orjson.dumps(summary, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
            write_whole(self.out / SUMMARY, told)
            return [*records, self.out / ERRORS, self.out / SUMMARY]
        except OSError as error:
            raise self._unwritten(error) from error

    def _open(self, files: ExitStack) -> None:
        journal = self.out / JOURNAL
        before = journal.read_bytes().split(b"\n")[:-1] if journal.is_file() else []
        if self._resume and before:
            before = self._go_on(before)
        else:
            self._start_over(before)
            before = [orjson.dumps(self._settings)]
        sizes = (0, 0)
        if len(before) > 1:
            last = orjson.loads(before[-1])
            sizes = last["bytes"], last["errors"]
        if self.is_finished:
            return
        try:
            self._records = self._opened(files, self._part(self._number), sizes[0])
            self._errors = self._opened(files, self.out / f"{ERRORS}.part", sizes[1])
            kept = b"".join(line + b"\n" for line in before)
            self._journal = self._opened(files, journal, len(kept))
            sync_folder(self.out)
        except ValueError as error:
            raise InputError(
                str(self.out),
                found=f"results that somebody has cut ({error})",
                expected="all that the journal says was written",
                remedy="start over with --force",
            ) from error

    def _start_over(self, before: list[bytes]) -> None:
        ours = sorted(path for path in self.out.iterdir() if OURS.fullmatch(path.name))
        if not self._force and (before or any(path.suffix != ".part" for path in ours)):
            raise self._occupied(before)
        # In this order: nobody takes for finished what is not, and no journal counts what is gone.
        for path in (self.out / SUMMARY, self.out / JOURNAL, *ours):
            remove(path)
        write_whole(self.out / JOURNAL, orjson.dumps(self._settings) + b"\n")

    def _opened(self, files: ExitStack, path: Path, size: int) -> Part:
        return files.enter_context(Part(path, size))

    def _append(self, records: bytes, conversations: int) -> list[int]:
        """Write records to the shard under way and those behind it; the numbers of full ones."""
        if self._shard is None:
            self._records.append(records)
            return []
        full: list[int] = []
        lines = records.splitlines(keepends=True)
        while lines:
            if self._filled == self._shard:
                self._records.sync()
                self._records.close()
                full.append(self._number)
                self._number, self._filled = self._number + 1, 0
                self._records = self._opened(self._files, self._part(self._number), 0)
                sync_folder(self.out)
            room = self._shard - self._filled
            self._records.append(b"".join(lines[:room]))
            self._filled += len(lines[:room])
            lines = lines[room:]
        return full

    def _publish(self, number: int) -> Path:
        lines, final = self._part(number), self._named(number)
        if not lines.exists():  # a run that was killed may have moved it already
            return final
        if self._form == "jsonl":
            publish(lines, final)
            return final
        unfinished = final.with_name(f"{final.name}.part")
        write_parquet(lines, unfinished)
        sync_path(unfinished)
        publish(unfinished, final)
        remove(lines)
        return final

    def _named(self, number: int) -> Path:
        shard = "" if self._shard is None else f"-{number:05}"
        return self.out / f"records{shard}.{self._form}"

    def _part(self, number: int) -> Path:
        return self._named(number).with_suffix(".jsonl.part")

    def _write_journal(self, *, is_finished: bool) -> None:
        line = {
            **asdict(self.position),
            "shard": self._number,
            "filled": self._filled,
            "bytes": self._records.size,
            "errors": self._errors.size,
            "counts": asdict(self.counts),
            "finished": is_finished,
        }
        self._journal.append(orjson.dumps(line) + b"\n")
        self._journal.sync()

    def _go_on(self, before: list[bytes]) -> list[bytes]:
        journal, settings = self.out / JOURNAL, orjson.loads(before[0])
        differing = [name for name in self._settings if settings.get(name) != self._settings[name]]
        if differing == ["inputs"] and self._force:
            before = [orjson.dumps(self._settings), *before[1:]]
            write_whole(journal, b"".join(line + b"\n" for line in before))
        elif differing:
            also = "; to go on all the same, add --force" if differing == ["inputs"] else ""
            raise InputError(
                str(journal),
                found=f"a run with other {', '.join(differing)}",
                expected="the same as now",
                remedy=f"start over with --force and without --resume{also}",
            )
        if len(before) > 1:
            last = orjson.loads(before[-1])
            self.position = Position(last["source"], last["document"], last["items"])
            self.counts = Counts(**last["counts"])
            self.is_finished = last["finished"]
            self._number, self._filled = last["shard"], last["filled"]
        for number in range(self._number):  # full, but perhaps not yet moved
            self._publish(number)
        return before

    def _occupied(self, before: list[bytes]) -> InputError:
        last = orjson.loads(before[-1]) if before else {}
        done = last.get("counts", {}).get("conversations", 0)
        batch = "an unfinished batch" if before and not last.get("finished") else "a batch"
        return InputError(
            str(self.out),
            found=f"{batch} of {done:,} conversations" if before else "results without a journal",
            expected="a folder without results",
            remedy="go on with --resume, start over with --force, or choose another folder",
        )

    def _unwritten(self, error: OSError) -> InputError:
        return InputError(
            str(error.filename or self.out),
            found=error.strerror or str(error),
            expected="room and leave to write",
            remedy="mend that and resume: what was done is kept",
        )
