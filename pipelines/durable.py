"""Files that are whole or absent: every operation of a batch on the disk, one function each.

What is written goes to parts, which only their owner can read, and is moved to its final name
when it lies on the disk. A link that stands where a part or a result goes is not followed.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

OWNER_ONLY = 0o600
FLAGS = (
    os.O_RDWR
    | os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class Part:
    """A file that only grows, unbuffered: what `append` has written outlives this process.

    Args:
        path: Made where it is missing.
        size: Bytes of it that count; what a killed run left behind them is cut off.

    Attributes:
        path: Where it is.
        size: How many bytes it has.

    Raises:
        OSError: It cannot be opened, or is a link.
        ValueError: It is shorter than `size`.
    """

    def __init__(self, path: Path, size: int = 0) -> None:
        self.path = path
        self._descriptor = os.open(path, FLAGS, OWNER_ONLY)
        found = os.fstat(self._descriptor).st_size
        if found < size:
            os.close(self._descriptor)
            raise ValueError(f"{path} has {found} bytes, of {size} that were written")
        if found > size:
            os.ftruncate(self._descriptor, size)
        os.lseek(self._descriptor, size, os.SEEK_SET)
        self.size = size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def append(self, content: bytes) -> None:
        """Write `content` behind what is there."""
        left = memoryview(content)
        while left:
            written = os.write(self._descriptor, left)
            self.size += written
            left = left[written:]

    def sync(self) -> None:
        """Return when everything lies on the disk."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Close it; closing twice is nothing."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file so that its name never stands for half of it."""
    with Part(path.with_name(f"{path.name}.part")) as part:
        part.append(content)
        part.sync()
    publish(part.path, path)


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Where to write a file or a folder that appears at its place when the context ends well.

    What is half-written when it ends otherwise is removed.

    Args:
        path: The place, in a folder that is made where it is missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield half
        if half.is_dir():
            half.replace(path)
        else:
            sync_path(half)
            publish(half, path)
    except BaseException:
        if half.is_dir():
            shutil.rmtree(half, ignore_errors=True)
        else:
            with suppress(OSError):
                remove(half)
        raise


def publish(part: Path, path: Path) -> None:
    """Move a part, which lies on the disk, to its final name, readable for whom files usually are.

    Args:
        part: Gone afterwards.
        path: In the same folder; what stands there is replaced.
    """
    part.chmod(0o666 & ~_umask())
    part.replace(path)
    sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file, or nothing where there is none."""
    path.unlink(missing_ok=True)


def sync_path(path: Path) -> None:
    """Return when a file that somebody else wrote lies on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder lie on the disk."""
    if sys.platform != "win32":  # where folders cannot be opened
        sync_path(folder)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
