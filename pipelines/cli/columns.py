"""Texts side by side, wrapped in their columns; plain characters only, nothing drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from pipelines.cli.inert import isolated

GAP = 2  # blanks between columns


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, and how many terminal cells wide it is."""

    title: str
    width: int


def side_by_side(
    console: Console, columns: Sequence[Column], cells: Sequence[Text]
) -> Iterator[Text]:
    """Yield the lines of one row."""
    wrapped = [
        wrap(console, cell, column.width) for cell, column in zip(cells, columns, strict=True)
    ]
    for number in range(max(map(len, wrapped))):
        line = Text()
        for column, lines in zip(columns, wrapped, strict=True):
            piece = lines[number] if number < len(lines) else Text()
            blanks = column.width - piece.cell_len + GAP
            line.append_text(isolate(piece)).append(" " * blanks)
        line.rstrip()
        yield line


def wrap(console: Console, text: Text, width: int) -> list[Text]:
    """Cut a text into lines of at most `width` cells, at blanks where there are any."""
    lines = list(text.wrap(console, max(2, width), overflow="fold"))
    for line in lines:
        line.rstrip()
    return lines


def isolate(line: Text) -> Text:
    """A line whose right-to-left words reorder nothing beside it."""
    marked = isolated(line.plain)
    if marked == line.plain:
        return line
    return Text(marked[0]).append_text(line).append(marked[-1])
