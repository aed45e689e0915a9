"""Where cases wait for somebody: a file of JSON Lines that can be filled again without doubles.

Each line is a case with what whoever takes it needs: the turns up to it, the belief state
after it and the entities so far.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import IO, Any, Protocol

import orjson

from pipelines.lock import wait_for
from pipelines.record_models import Case

QUEUE = "nlp-lstm-queue/1"


def queue_entry(case: Case, record: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the queue: the case, and the part of the record that led to it.

    Args:
        case: One of the record's.
        record: Of the conversation, as `conversation_record` makes it.
    """
    turns = record["turns"][: case.turn + 1]
    model = next((model for model in record["models"] if model["task"] == case.task), None)
    return {
        "queue": QUEUE,
        **case.model_dump(),
        "conversation": record["id"],
        "source": record["source"],
        "model": model,
        "payload": {
            "turns": [
                {name: turn[name] for name in ("index", "speaker", "role", "text")}
                for turn in turns
            ],
            "state": turns[-1]["state"],
            "sentiment": turns[-1]["sentiment"],
            "entities": [
                {"turn": turn["index"], **entity}
                for turn in turns
                for entity in turn["entities"] or ()
            ],
        },
    }


class TakesCases(Protocol):
    """Where cases can be appended: a queue, or the routes of a policy."""

    def append(self, lines: Iterable[tuple[str, bytes]]) -> int:
        """Take cases, by id and line of the queue; see `JsonLinesQueue.append`."""
        ...


class JsonLinesQueue:
    """A queue in a file, to which several processes may append.

    A case that stands in the file is not written again. A last line without its line end is
    what a crash left of a write: it is cut off before anything is appended.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._known: set[str] = set()
        self._lock = Lock()  # of threads; that of processes is the file's
        self._read_to = 0  # bytes of the file whose cases are in _known

    def append(self, lines: Iterable[tuple[str, bytes]]) -> int:
        """Write cases that are not there yet; on the disk when this returns.

        Args:
            lines: Case ids, and the lines to write, each with its line end.

        Returns:
            How many were written.
        """
        lines = list(lines)
        if not lines:
            return 0
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock, self.path.open("a+b") as file:
            wait_for(file)
            self._catch_up(file)
            new = {case: line for case, line in lines if case not in self._known}
            file.write(b"".join(new.values()))
            file.flush()
            os.fsync(file.fileno())
            self._read_to = file.tell()
            self._known.update(new)
        return len(new)

    def holds(self, cases: Iterable[str]) -> set[str]:
        """Which of some cases stand in the file."""
        if not self.path.exists():
            return set()
        with self._lock, self.path.open("a+b") as file:
            wait_for(file)
            self._catch_up(file)
        return self._known.intersection(cases)

    def _catch_up(self, file: IO[bytes]) -> None:
        file.seek(self._read_to)
        for line in file:
            if not line.endswith(b"\n"):
                file.truncate(self._read_to)
                break
            self._read_to += len(line)
            case = _case_of(line)
            if case is not None:
                self._known.add(case)
        file.seek(self._read_to)


def _case_of(line: bytes) -> str | None:
    # A line that somebody spoilt by hand must not keep the others from being queued.
    try:
        return str(orjson.loads(line)["case"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
