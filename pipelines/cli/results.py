"""Records on disk: written beside their final place and moved there whole.

--out all.jsonl      the records of all inputs in one file
--out results/       a file for each input: results/booking.jsonl
"""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import typer

from pipelines.durable import Part, appearing

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
        self._open: tuple[Path, Part] | None = None
        self._parts = ExitStack()
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
        else:
            self._parts.__exit__(kind, error, trace)

    def write(self, line: bytes, origin: int) -> None:
        """Write a record.

        Args:
            line: With its line end.
            origin: Which input it comes from; never less than the one before.
        """
        place = self._places[origin]
        if self._open is None or self._open[0] != place:
            self._finish()
            half = self._parts.enter_context(appearing(place))
            self._open = place, self._parts.enter_context(Part(half))
        self._open[1].append(line)

    def _finish(self) -> None:
        self._parts.close()
        if self._open is not None:
            self.written.append(self._open[0])
            self._open = None


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
