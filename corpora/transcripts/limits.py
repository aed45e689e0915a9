"""Where the reading of packed files stops, each limit by its name: no file may exhaust a machine.

What an archive claims about sizes is not believed: bytes are counted while they are read.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, cast

from corpora.errors import InputError, quoted

MOST_MEMBERS = 100_000  # of an archive
LARGEST_ARCHIVE = 2 * 1024**3  # bytes unpacked, all members together
LARGEST_STREAM = 64 * 1024**3  # bytes unpacked of one compressed file, of which little is held
LARGEST_RATIO = 100  # unpacked to packed, beyond RATIO_FROM bytes
RATIO_FROM = 10 * 1024 * 1024
# What the standard library raises on archives that nobody should send.
ZIP_ERRORS = (
    zipfile.BadZipFile, EOFError, zlib.error, OSError, ValueError, RuntimeError, struct.error,
)  # fmt: skip


@dataclass(slots=True)
class Budget:
    """Bytes that may still be unpacked; `limit` says how many these were, and by which name."""

    left: int
    limit: str


def archive_budget() -> Budget:
    """What all members of an archive may unpack to."""
    return Budget(LARGEST_ARCHIVE, "2 GiB unpacked (LARGEST_ARCHIVE)")


def stream_budget() -> Budget:
    """What one compressed file may unpack to."""
    return Budget(LARGEST_STREAM, "64 GiB unpacked (LARGEST_STREAM)")


class Counted(io.RawIOBase):
    """Unpacked bytes, refused where they grow beyond what is allowed.

    Args:
        raw: The bytes.
        packed: How many packed bytes they were made of so far.
        budget: What may still be unpacked; shared by the members of an archive.
        place: What messages call it.
    """

    def __init__(
        self, raw: BinaryIO, packed: Callable[[], int], budget: Budget, place: str
    ) -> None:
        self._raw = raw
        self._packed = packed
        self._budget = budget
        self._place = place
        self._read = 0

    def readable(self) -> bool:
        """True: it can only be read."""
        return True

    def readinto(self, buffer: object, /) -> int:
        """Fill `buffer`, as buffered readers ask for."""
        view = memoryview(cast(bytearray, buffer)).cast("B")
        chunk = self.read(len(view))
        view[: len(chunk)] = chunk
        return len(chunk)

    def read(self, size: int = -1, /) -> bytes:
        """Read on.

        Raises:
            InputError: It is damaged, or a bomb.
        """
        try:
            chunk = self._raw.read(size)
        except ZIP_ERRORS as error:
            raise damaged(self._place, error) from error
        self._read += len(chunk)
        self._budget.left -= len(chunk)
        if self._budget.left < 0:
            raise too_large(self._place, f"more than {self._budget.limit}")
        if self._read > RATIO_FROM and self._read > LARGEST_RATIO * max(self._packed(), 1):
            raise too_large(self._place, f"{LARGEST_RATIO} times its packed size (LARGEST_RATIO)")
        return chunk


def damaged(source: str, error: Exception) -> InputError:
    """The error for packed bytes that are not what they should be."""
    return InputError(
        source,
        found=f"a damaged archive ({quoted(str(error))})",
        expected="a complete archive",
        remedy="export or download it again",
    )


def too_large(source: str, what: str) -> InputError:
    """The error for a limit that is passed; `what` holds its name."""
    return InputError(
        source,
        found=what,
        expected="an archive of transcripts",
        remedy="unpack it yourself if you trust it, and read the folder",
    )
