"""Records on disk: written beside their final place and moved there whole.

--out all.jsonl      the records of all inputs in one file
--out results/       a file for each input: results/booking.jsonl
"""

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import typer

SUFFIX = ".jsonl"


class RecordFiles:
    """Where `--out` leads, as a context: what an interruption leaves half-written is removed.

    Attributes:
        written: The files that stand complete.

    Raises:
        typer.BadParameter: A result would be written over an input.
    """

    def __init__(self, out: Path, inputs: Sequence[str]) -> None:
        is_folder = out.is_dir() or not out.suffix
        self._places = _names(out, inputs) if is_folder else [out] * len(inputs)
        sources = {Path(source).resolve() for source in inputs}
        for place in self._places:
            if place.resolve() in sources:
                raise typer.BadParameter(f"{place} is an input", param_hint="--out")
        self._open: tuple[Path, Path, IO[bytes]] | None = None
        self.written: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._finish()
        elif self._open is not None:
            _, half, file = self._open
            file.close()
            half.unlink(missing_ok=True)

    def write(self, line: bytes, origin: int) -> None:
        """Write a record.

        Args:
            line: With its line end.
            origin: Which input it comes from; never less than the one before.
        """
        place = self._places[origin]
        if self._open is None or self._open[0] != place:
            self._finish()
            place.parent.mkdir(parents=True, exist_ok=True)
            half = place.with_name(f".{place.name}.{os.getpid()}.part")
            self._open = place, half, half.open("wb")
        self._open[2].write(line)

    def _finish(self) -> None:
        if self._open is None:
            return
        place, half, file = self._open
        with file:
            file.flush()
            os.fsync(file.fileno())
        half.replace(place)
        self._open = None
        self.written.append(place)


def _names(folder: Path, inputs: Sequence[str]) -> list[Path]:
    """A file for each input, named after it; a second of one name gets a number."""
    taken: dict[str, int] = {}
    places = []
    for source in inputs:
        stem = "stdin" if source == "-" else Path(source).resolve().stem
        taken[stem] = taken.get(stem, 0) + 1
        number = f"-{taken[stem]}" if taken[stem] > 1 else ""
        places.append(folder / f"{stem}{number}{SUFFIX}")
    return places
