"""Which placeholder stands for what: a file that only its owner can read.

    {"conversation": "c-17", "redacted": "c-17", "source": "chats/17.txt",
     "placeholders": [{"placeholder": "PERSON_1", "text": "Ana Lee"}]}

Nothing else that is written holds what was redacted, so whoever loses this file has lost it.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from corpora.errors import InputError
from pipelines.records import record_line
from pipelines.redaction.vault import Entry

if sys.platform != "win32":
    import fcntl

OWNER_ONLY = 0o600


def mapping_line(
    conversation: str, redacted: str, source: str | None, entries: Iterable[Entry]
) -> bytes:
    """The line of a conversation, line end included.

    Args:
        conversation: Its own id.
        redacted: What it is called in records.
        source: Where it came from.
        entries: What was replaced.
    """
    return record_line(
        {
            "conversation": conversation,
            "redacted": redacted,
            "source": source,
            "placeholders": [
                {"placeholder": entry.placeholder, "text": entry.text} for entry in entries
            ],
        }
    )


class MappingFile:
    """A mapping that is being written, as a context.

    Lines are made safe beside the file's place before what they belong to is written anywhere,
    and moved there whole at the end, however that comes. What the file held before stays, but for
    conversations that were redacted again.

    Args:
        path: Where the mapping goes.

    Raises:
        InputError: On entering or writing: it cannot be written there, or another run writes it.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._part = self.path.with_name(f".{self.path.name}.part")
        self._descriptor = -1

    def __enter__(self) -> Self:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # What a killed run left there is kept: its lines belong to what it has written.
            self._descriptor = os.open(self._part, flags, OWNER_ONLY)
            self._part.chmod(OWNER_ONLY)
            if sys.platform != "win32":
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise InputError(
                str(self.path),
                found="another run that is writing it",
                expected="a mapping of its own for each run",
                remedy="wait for it, or choose another file for the mapping",
            ) from error
        except OSError as error:
            raise self._unwritten(error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._publish()
        finally:
            os.close(self._descriptor)

    def write(self, lines: bytes, *, sync: bool = True) -> None:
        """Write whole lines.

        Args:
            lines: Each with its line end.
            sync: Whether they are to lie on the disk when this returns, or only to outlive this
                process.
        """
        if not lines:
            return
        try:
            while lines:
                lines = lines[os.write(self._descriptor, lines) :]
            if sync:
                os.fsync(self._descriptor)
        except OSError as error:
            raise self._unwritten(error) from error

    def _publish(self) -> None:
        whole = self._part.with_suffix(".whole")
        try:
            whole.unlink(missing_ok=True)
            descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(merged([self.path, self._part]))
                file.flush()
                os.fsync(file.fileno())
            whole.replace(self.path)
            self._part.unlink()
        except OSError as error:
            raise self._unwritten(error) from error

    def _unwritten(self, error: OSError) -> InputError:
        return InputError(
            str(self.path),
            found=error.strerror or type(error).__name__,
            expected="a place to which the mapping can be written",
            remedy="choose another file for the mapping, or redact without one",
        )


def merged(paths: Sequence[Path]) -> Iterator[bytes]:
    """The lines of mappings, one a conversation: what a later line says is added.

    A conversation that a later file has is taken from there.
    """
    conversations: dict[tuple[str, str | None], dict[str, Any]] = {}
    for path in paths:
        known: set[tuple[str, str | None]] = set()
        for line in _lines(path):
            name = str(line.get("conversation")), line.get("source")
            if name in known:
                held = conversations[name]["placeholders"]
                held += [one for one in line["placeholders"] if one not in held]
                conversations[name]["redacted"] = line["redacted"]
            else:
                conversations[name] = line
                known.add(name)
    return map(record_line, conversations.values())


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    with path.open("rb") as lines:
        for line in lines:
            try:
                read = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue  # what a crash left of a write
            if isinstance(read, dict) and isinstance(read.get("placeholders"), list):
                yield read
