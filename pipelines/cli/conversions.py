"""Where converted conversations go: stdout, or a place where they appear when they are complete."""

import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from corpora.conversation import Conversation
from corpora.errors import InputError
from pipelines.cli.console import write_record
from pipelines.durable import Part, publish, sync_path

ENOUGH = 1024 * 1024  # bytes that are written at a time


def write_stdout(lines: Iterable[bytes]) -> None:
    """Write to stdout as it comes."""
    for line in lines:
        write_record(line)


def write_file(lines: Iterable[bytes], place: Path) -> None:
    """Write a file; what an interruption leaves half-written is removed."""
    half = _half(place)
    try:
        with Part(half) as part:
            held: list[bytes] = []
            size = 0
            for line in lines:
                held.append(line)
                size += len(line)
                if size >= ENOUGH:
                    part.append(b"".join(held))
                    held, size = [], 0
            part.append(b"".join(held))
            part.sync()
        publish(half, place)
    except BaseException:
        with suppress(OSError):
            half.unlink(missing_ok=True)
        raise


def write_made(
    write: Callable[[Iterable[Conversation], Path], None],
    talks: Iterable[Conversation],
    place: Path,
    *,
    is_folder: bool,
) -> None:
    """Write a file or a folder that is made as a whole.

    Raises:
        InputError: A folder stands at the place, which would be lost.
    """
    if place.is_dir():
        raise InputError(
            str(place),
            found="a folder",
            expected="a place where nothing stands yet",
            remedy="name another, or remove it",
        )
    half = _half(place)
    try:
        if not is_folder:
            with Part(half):  # empty and its owner's before anything is in it
                pass
        write(talks, half)
        if is_folder:
            half.replace(place)
        else:
            sync_path(half)
            publish(half, place)
    except BaseException:
        if half.is_dir():
            shutil.rmtree(half, ignore_errors=True)
        else:
            with suppress(OSError):
                half.unlink(missing_ok=True)
        raise


def _half(place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    return place.with_name(f".{place.name}.{os.getpid()}.part")
