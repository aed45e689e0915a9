"""Where converted conversations go: stdout, or a place where they appear when they are complete."""

from collections.abc import Callable, Iterable
from pathlib import Path

from corpora.conversation import Conversation
from corpora.errors import InputError
from pipelines.cli.console import write_record
from pipelines.durable import Part, appearing

ENOUGH = 1024 * 1024  # bytes that are written at a time


def write_stdout(lines: Iterable[bytes]) -> None:
    """Write to stdout as it comes."""
    for line in lines:
        write_record(line)


def write_file(lines: Iterable[bytes], place: Path) -> None:
    """Write a file, which appears when it is complete."""
    with appearing(place) as half, Part(half) as part:
        held: list[bytes] = []
        size = 0
        for line in lines:
            held.append(line)
            size += len(line)
            if size >= ENOUGH:
                part.append(b"".join(held))
                held, size = [], 0
        part.append(b"".join(held))


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
    with appearing(place) as half:
        if not is_folder:
            with Part(half):  # empty and its owner's before anything is in it
                pass
        write(talks, half)
