"""One process at a time in a folder of results, or in a file.

The kernel holds the lock and frees it when its process ends, however that ends, so there is no
stale one to be told from a live one. Who holds it stands in the file, for the message.
"""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from corpora.errors import InputError, quoted
from pipelines.durable import FLAGS, OWNER_ONLY

if sys.platform != "win32":
    import fcntl

LOCK = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder against other processes.

    Args:
        folder: An existing one.

    Raises:
        InputError: Another process holds it, or it lies where nothing can be locked.
    """
    descriptor = os.open(folder / LOCK, FLAGS, OWNER_ONLY)
    try:
        if sys.platform != "win32":
            _take(descriptor, folder)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def wait_for(file: IO[bytes]) -> None:
    """Hold a file against other processes until it is closed; waits for one that holds it."""
    if sys.platform != "win32":
        fcntl.flock(file, fcntl.LOCK_EX)


def _take(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 200).decode(errors="replace").strip()
        raise InputError(
            str(folder),
            found=f"another run that is writing there ({quoted(holder)})",
            expected="a folder of its own for each run",
            remedy="wait for it, or choose another folder for the results",
        ) from error
    except OSError as error:
        raise InputError(
            str(folder),
            found=f"a file system that keeps no locks ({error.strerror})",
            expected="a folder that two runs cannot write at once",
            remedy="choose a folder on a local disk",
        ) from error
