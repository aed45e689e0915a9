"""A disk that fails, or takes the process along, at the k-th operation on it."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal
from unittest import mock

OPERATIONS = ("open", "write", "fsync", "ftruncate", "close", "replace", "unlink", "chmod")
# What happens at the k-th operation: the process ends; it ends with the power, and what was not
# made safe is gone; the operation fails, as on a full disk.
Fate = Literal["kill", "power", "full"]


class KilledError(BaseException):
    """Stands for the end of the process: nothing that is done afterwards reaches the disk."""


class Disk:
    """Counts the operations of `os` that change a folder, and breaks at one of them.

    Args:
        folder: The one that is watched.
        at: Number of the operation, from 1, that is not done, a write half; 0 for none.
        fate: What it comes to.

    Attributes:
        done: How many operations there were.
    """

    def __init__(self, folder: Path, at: int = 0, fate: Fate = "kill") -> None:
        self.done = 0
        self._folder = folder
        self._at = at
        self._fate = fate
        self._real: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in OPERATIONS}
        # What it would do is known here, and waiting for a real disk takes most of a run.
        self._real["fsync"] = lambda descriptor: None
        self._safe: dict[int, int] = {}  # bytes on the disk, by inode
        self._undo: list[Callable[[], None]] = []  # names that are not on the disk yet

    @contextmanager
    def broken(self) -> Iterator[None]:
        """Operations go through this disk."""
        if self._folder.is_dir():
            for path in self._folder.iterdir():
                self._safe[path.stat().st_ino] = path.stat().st_size
        try:
            with ExitStack() as patches:
                for name in OPERATIONS:
                    patches.enter_context(mock.patch.object(os, name, self._wrapped(name)))
                yield
        finally:
            if self._fate == "power" and 0 < self._at <= self.done:
                self._lose()

    def _wrapped(self, name: str) -> Callable[..., Any]:
        real = self._real[name]

        def operation(*arguments: Any, **settings: Any) -> Any:
            self.done += 1
            if self.done == self._at or (self._at and self.done > self._at and self._is_deadly()):
                if name == "close":
                    real(*arguments)
                if name == "write" and self.done == self._at:
                    real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                if self._is_deadly():
                    raise KilledError
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._folder))
            before = self._before(name, arguments)
            answer = real(*arguments, **settings)
            self._after(name, arguments, answer, before)
            return answer

        return operation

    def _is_deadly(self) -> bool:
        return self._fate != "full"

    def _before(self, name: str, arguments: tuple[Any, ...]) -> Any:
        if name == "open":
            return Path(arguments[0]).exists()
        if name == "replace":
            source, target = map(Path, arguments[:2])
            return source, target, target.read_bytes() if target.exists() else None
        if name == "unlink":
            path = Path(arguments[0])
            return path, path.read_bytes() if path.exists() else None
        return None

    def _after(self, name: str, arguments: tuple[Any, ...], answer: Any, before: Any) -> None:
        if name == "fsync":
            status = os.fstat(arguments[0])
            if Path(f"/proc/self/fd/{arguments[0]}").readlink() == self._folder:
                self._undo.clear()
            else:
                self._safe[status.st_ino] = status.st_size
        elif name == "open" and not before:
            path = Path(arguments[0])
            self._undo.append(lambda: path.unlink(missing_ok=True))
        elif name == "replace":
            source, target, held = before
            self._undo.append(lambda: self._restore(source, target, held))
        elif name == "unlink" and before[1] is not None:
            path, held = before
            self._undo.append(lambda: self._put(path, held))

    def _restore(self, source: Path, target: Path, held: bytes | None) -> None:
        target.replace(source)
        if held is not None:
            self._put(target, held)

    def _put(self, path: Path, held: bytes) -> None:
        path.write_bytes(held)
        self._safe[path.stat().st_ino] = len(held)

    def _lose(self) -> None:
        """What lies on the disk when the power is back: names and bytes that were made safe."""
        for undo in reversed(self._undo):
            undo()
        for path in self._folder.iterdir():
            safe = self._safe.get(path.stat().st_ino, 0)
            if safe < path.stat().st_size:
                os.truncate(path, safe)
