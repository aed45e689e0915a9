"""Where output goes: results to stdout, everything else to stderr, colour only where wanted."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TextIO

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipelines.cli.inert import inert, inert_data

Layout = Literal["auto", "table", "lines"]

# Below this many columns a table leaves too little room for what was said.
NARROWEST_TABLE = 72
GLYPHS = "▁▇→─·↗…"


class QuietConsole(Console):
    """A rich console that prints text as it is, and leaves a closed pipe to the caller."""

    def on_broken_pipe(self) -> None:
        """Called while a `BrokenPipeError` is handled: let it through."""
        raise  # noqa: PLE0704 - the console calls this inside its `except`


@dataclass(frozen=True, slots=True)
class Look:
    """How results are shown.

    Attributes:
        layout: Columns side by side, or one line a turn.
        width: Columns of the terminal; None where lines may be as long as they like.
        colour: Whether entities are coloured; if not, brackets mark them.
        glyphs: Whether bars and arrows can be written; if not, ASCII stands for them.
    """

    layout: Literal["table", "lines"]
    width: int | None
    colour: bool
    glyphs: bool


def result_console() -> Console:
    """The console of stdout."""
    return _console(sys.stdout)


def message_console() -> Console:
    """The console of stderr."""
    return _console(sys.stderr)


def look_of(console: Console, layout: Layout = "auto") -> Look:
    """Choose how to show results on a console.

    `auto` draws a table on a terminal that is wide enough, and lines elsewhere; lines in a
    pipe or file are never wrapped, so that `grep` finds whole turns.
    """
    is_terminal = console.is_terminal
    if layout == "auto":
        fits = console.width >= NARROWEST_TABLE and not console.is_dumb_terminal
        layout = "table" if is_terminal and fits else "lines"
    return Look(
        layout=layout,
        width=console.width if is_terminal or layout == "table" else None,
        colour=console.color_system is not None,
        glyphs=_can_write(getattr(console.file, "encoding", None) or "utf-8"),
    )


def say(message: str) -> None:
    """Tell something beside the results, as one line on stderr."""
    print(inert(message), file=sys.stderr, flush=True)


@contextmanager
def progress(title: str, *, enabled: bool = True) -> Iterator["Counter"]:
    """Count on stderr while something runs; silent unless stderr is a terminal."""
    console = message_console()
    if not (enabled and console.is_terminal and not console.is_dumb_terminal):
        yield Counter()
        return
    columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
    # Left to itself rich would also catch what goes to stdout, and send results to the terminal.
    spinner = Progress(*columns, console=console, transient=True, redirect_stdout=False)
    with spinner:
        task = spinner.add_task(title, total=None)
        yield Counter(lambda text: spinner.update(task, description=f"{title}  {text}"))


class Counter:
    """How far a command has come."""

    def __init__(self, show: Callable[[str], None] | None = None) -> None:
        self._show = show

    def now(self, text: str) -> None:
        """Show `text` beside the title."""
        if self._show is not None:
            self._show(text)


class DataOutput:
    """Stdout for lines of data, UTF-8 whatever the locale; a terminal is not made to obey them."""

    def write(self, lines: bytes) -> None:
        """Write whole lines."""
        sys.stdout.buffer.write(inert_data(lines) if sys.stdout.isatty() else lines)

    def flush(self) -> None:
        """Let whoever reads have what was written."""
        sys.stdout.buffer.flush()


def write_record(line: bytes) -> None:
    """Write one record to stdout."""
    DataOutput().write(line)


def _console(stream: TextIO) -> Console:
    wants_colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return QuietConsole(
        file=stream,
        color_system="auto" if wants_colour else None,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=True,
    )


def _can_write(encoding: str) -> bool:
    try:
        GLYPHS.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
