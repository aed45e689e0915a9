"""An annotated conversation as people like to read it.

    booking.txt  5 turns
    #  speaker        said                                      state
    1  Ana, customer  A train to [Cambridge](place), please.    + train-destination = cambridge

Beneath the turns: what the customer wants in the end, how each speaker felt on the way, and
which answers were routed onward and why.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from rich.console import Console
from rich.text import Text

from corpora.conversation import Conversation
from pipelines.annotation import AnnotatedConversation
from pipelines.cli.columns import GAP, Column, isolate, side_by_side, wrap
from pipelines.cli.console import Look
from pipelines.cli.inert import inert
from pipelines.cli.marks import changes, mood, said, speaker
from pipelines.cli.summary import summary
from pipelines.record_models import Case

WIDEST_SPEAKER, WIDEST_MOOD, WIDEST_STATE = 20, 17, 34
NARROWEST_TEXT = 24


def view(
    annotated: AnnotatedConversation, cases: Sequence[Case], look: Look, console: Console
) -> Iterator[Text]:
    """Yield the lines of one conversation's view.

    Args:
        annotated: A conversation that did not fail.
        cases: Its answers that are routed onward.
        look: Layout, width and which marks can be used.
        console: Measures and wraps; nothing is printed here.
    """
    yield from _whole(_title(annotated.conversation), look, console)
    rows = _rows(annotated, {case.turn for case in cases}, look)
    if look.layout == "table" and look.width is not None:
        yield from _table(rows, look.width, look, console)
        yield Text()
    else:
        yield from _lines(rows, look.width, console)
    for line in summary(annotated, cases, look):
        yield from _whole(line, look, console)


def _whole(line: Text, look: Look, console: Console) -> Iterator[Text]:
    """A line that stands by itself, wrapped where there is a width."""
    lines = [line] if look.width is None else wrap(console, line, look.width)
    return map(isolate, lines)


@dataclass(frozen=True, slots=True)
class _Row:
    """What is shown of one turn."""

    number: str
    speaker: Text
    mood: Text
    said: Text
    changes: list[Text]


def _title(conversation: Conversation) -> Text:
    source, name = conversation.source or "", conversation.id
    where = (
        f"{source}  {name}"
        if name not in source and source not in name
        else max(source, name, key=len)
    )
    count = len(conversation.turns)
    title = Text(inert(where), "bold underline")
    return title.append(f"  {count} turn{'' if count == 1 else 's'}", "not bold not underline")


def _rows(annotated: AnnotatedConversation, routed: set[int], look: Look) -> list[_Row]:
    mark = "↗" if look.glyphs else ">"
    rows: list[_Row] = []
    before: Mapping[str, str] = {}
    for turn, annotation in zip(annotated.conversation.turns, annotated.turns, strict=True):
        labels = annotation.labels
        rows.append(
            _Row(
                f"{annotation.index + 1}{mark if annotation.index in routed else ' '}",
                speaker(turn),
                mood(labels.sentiment),
                said(turn, labels.entities or (), colour=look.colour),
                changes(labels, annotation.index, before, glyphs=look.glyphs),
            )
        )
        if labels.state is not None:
            before = {held.slot: held.value for held in labels.state}
    return rows


def _table(rows: list[_Row], width: int, look: Look, console: Console) -> Iterator[Text]:
    columns = _columns(rows, width)
    if columns is None:
        yield from _lines(rows, width, console)
        return
    titles = [Text(column.title, "dim") for column in columns]
    yield from side_by_side(console, columns, titles)
    rule = "─" if look.glyphs else "-"
    yield Text((" " * GAP).join(rule * column.width for column in columns), "dim")
    for row in rows:
        state = Text("\n").join(row.changes)
        cells = {"#": Text(row.number.rjust(columns[0].width)), "speaker": row.speaker}
        cells |= {"mood": row.mood, "said": row.said, "state": state}
        yield from side_by_side(console, columns, [cells[column.title] for column in columns])


def _columns(rows: list[_Row], width: int) -> list[Column] | None:
    """How wide each column is; None where too little would be left for what was said."""
    widths = {
        "#": max((len(row.number) for row in rows), default=1),
        "speaker": min(WIDEST_SPEAKER, _widest(row.speaker for row in rows)),
        "mood": min(WIDEST_MOOD, _widest(row.mood for row in rows)),
        "said": 0,
        "state": min(WIDEST_STATE, _widest(chain.from_iterable(row.changes for row in rows))),
    }
    kept = {title: cells for title, cells in widths.items() if cells or title == "said"}
    # A title must fit its own column.
    kept = {title: max(cells, len(title)) for title, cells in kept.items()}
    taken = sum(kept.values()) - kept["said"] + GAP * (len(kept) - 1)
    kept["said"] = width - taken
    if kept["said"] < NARROWEST_TEXT:
        return None
    return [Column(title, cells) for title, cells in kept.items()]


def _lines(rows: list[_Row], width: int | None, console: Console) -> Iterator[Text]:
    if width is not None:
        for row in rows:
            yield from _narrow(row, width, console)
        return
    # One turn, one line, however long: what searches and cuts lines finds whole turns.
    number = max((len(row.number) for row in rows), default=1)
    name = _widest(row.speaker for row in rows)
    face = _widest(row.mood for row in rows)
    for row in rows:
        cells = [Text(row.number.rjust(number)), _padded(row.speaker, name)]
        if face:
            cells.append(_padded(row.mood, face))
        line = Text("  ").join([*cells, isolate(row.said), *map(isolate, row.changes)])
        line.rstrip()
        yield line


def _narrow(row: _Row, width: int, console: Console) -> Iterator[Text]:
    """A turn below its speaker, and what it changed below that."""
    parts = (Text(row.number.strip()), row.speaker, row.mood)
    head = Text("  ").join(part for part in parts if part.plain)
    yield from map(isolate, wrap(console, head, width))
    for part in (row.said, *row.changes):
        for piece in wrap(console, part, width - 2):
            yield Text("  ").append_text(isolate(piece))


def _widest(texts: Iterable[Text]) -> int:
    return max((text.cell_len for text in texts), default=0)


def _padded(text: Text, width: int) -> Text:
    return isolate(text).copy().append(" " * (width - text.cell_len))
