"""A JSON list in a file that can grow, an item a line, without doubles and without half an item.

[
{"id": "a"},
{"id": "b"}
]
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

import orjson

from corpora.errors import InputError
from pipelines.lock import wait_for

HEAD, TAIL = b"[\n", b"\n]\n"


class JsonList:
    """A list to which several processes may append.

    The list is whole after each append. What a crash left of one is written over.

    Args:
        path: The file.
        id_of: What tells items apart.
    """

    def __init__(self, path: str | Path, id_of: Callable[[Any], str]) -> None:
        self.path = Path(path)
        self._id_of = id_of

    def append(self, items: Iterable[dict[str, Any]]) -> int:
        """Write items that are not there yet; on the disk when this returns.

        Returns:
            How many were written.

        Raises:
            InputError: The file is there, and is none of ours.
        """
        items = list(items)
        if not items:
            return 0
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as locked:
            wait_for(locked)
            with self.path.open("r+b") as file:
                known, end = self._read(file)
                new: dict[str, bytes] = {}
                for item in items:
                    if self._id_of(item) not in known:
                        new[self._id_of(item)] = orjson.dumps(item)
                if new or end == 0:
                    between = b",\n" if known else (HEAD if end == 0 else b"")
                    file.seek(end)
                    file.write(between + b",\n".join(new.values()) + TAIL)
                    file.truncate()
                    file.flush()
                    os.fsync(file.fileno())
        return len(new)

    def _read(self, file: IO[bytes]) -> tuple[set[str], int]:
        """Ids of the items, and where the last of them ends."""
        lines = file.read().split(b"\n")
        if lines == [b""]:
            return set(), 0
        known: set[str] = set()
        end = len(HEAD)
        begin = len(HEAD)
        if lines[0] != b"[":
            raise self._foreign()
        for place, line in enumerate(lines[1:], start=1):
            if line in (b"]", b""):
                begin += len(line) + 1
                continue
            try:
                known.add(self._id_of(orjson.loads(line.removesuffix(b","))))
            except (orjson.JSONDecodeError, KeyError, TypeError):
                # Only the last thing in the file can be what a crash left.
                if any(rest not in (b"", b"]") for rest in lines[place + 1 :]):
                    raise self._foreign() from None
                break
            end = begin + len(line.removesuffix(b","))
            begin += len(line) + 1
        return known, end

    def _foreign(self) -> InputError:
        return InputError(
            str(self.path),
            found="a file that was not written here, or was changed since",
            expected="a list with an item a line",
            remedy="choose another file",
        )
