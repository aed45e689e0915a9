"""CSV and TSV: one turn a row, with a header that names the columns.

    conversation_id,speaker,message
    17,Ana,my order never came

Columns are found by their usual names, or named by the caller: `{"text": "Nachricht"}`.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpora.conversation import Conversation, Role, Turn
from corpora.errors import InputError, quoted
from corpora.roles import role_of_word
from corpora.transcripts.format import Format, Head
from corpora.transcripts.own_table import OURS, read_own
from corpora.transcripts.reading import Options, Unique, read_time
from corpora.transcripts.text import LONGEST_LINE, Text

DELIMITERS = (",", ";", "\t", "|")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "message", "content", "body", "utterance", "transcript", "msg"),
    "speaker": (
        "speaker", "author", "sender", "from", "user", "name", "participant", "agentname",
    ),
    "role": ("role", "speakerrole", "participantrole", "sendertype", "direction", "inbound"),
    "time": ("timestamp", "createdat", "datetime", "time", "date"),
    "conversation": (
        "conversation", "conversationid", "convid", "dialogueid", "dialogid", "sessionid",
        "threadid", "ticketid", "callid", "chatid",
    ),
    "start": ("start", "starttime"),
    "end": ("end", "endtime"),
}  # fmt: skip
# Two columns for one of these would be a coin toss; for the others the first name wins.
UNMISTAKABLE = ("text", "speaker", "conversation")
DIRECTIONS: Mapping[str, Role] = {
    "inbound": "customer", "in": "customer", "true": "customer",
    "outbound": "agent", "out": "agent", "false": "agent",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a table keeps what: indices of columns, by our names."""

    header: Sequence[str]
    places: Mapping[str, int]


def read_csv(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the conversations of a table separated by commas, semicolons or bars."""
    return _read(text, options, find_delimiter(text.head_lines) or ",")


def read_tsv(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the conversations of a table separated by tabs."""
    return _read(text, options, "\t")


def find_delimiter(lines: Sequence[str]) -> str | None:
    """The delimiter that gives the header and most rows the same number of cells, at least 2."""
    first = lines[0]
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        return first[4]
    best, most = None, 1
    for delimiter in DELIMITERS:
        rows = [row for line in lines[:50] if (row := split_cells(line, delimiter))]
        width = len(rows[0]) if rows else 0
        fitting = sum(len(row) == width for row in rows)
        if width > most and 2 * fitting > len(rows):
            best, most = delimiter, width
    return best


def split_cells(line: str, delimiter: str) -> list[str]:
    """The cells of one line; a quoted cell may go on in the next, which is not looked at."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def is_header(cells: Sequence[str]) -> bool:
    """Whether cells name a text column and one more that we know."""
    names = {_fold(cell) for cell in cells}
    known = [ours for ours, theirs in COLUMNS.items() if names & set(theirs)]
    return "text" in known and len(known) >= 2


def _read(text: Text, options: Options, delimiter: str) -> Iterator[Conversation]:
    rows = read_rows(text, options, delimiter)
    header = next(((line, row) for line, row in rows if row is not None), None)
    if header is None:
        return
    if tuple(header[1]) == OURS and not options.columns:
        yield from read_own(rows, text, options)
        return
    layout = _lay_out(header[1], options.columns, text.source, header[0])
    place = layout.places.get("conversation")
    unique = Unique(text.source)
    current: str | None = None
    turns: list[Turn] = []
    is_refused = False
    for line, row in rows:
        if row is None:
            # Whose row it was is unknown: most likely of the conversation being read.
            is_refused = True
            continue
        identifier = row[place] if place is not None and place < len(row) else text.name
        if identifier != current:
            if current is not None and not is_refused:
                yield Conversation(current, tuple(turns), text.source)
            turns, is_refused = [], False
        try:
            if identifier != current:
                current = identifier
                unique.check(identifier, line)
            if not is_refused:
                turns.append(_turn(row, layout, line, text.source))
        except InputError as error:
            is_refused = True
            options.report(error)
    if current is not None and not is_refused:
        yield Conversation(current, tuple(turns), text.source)


def read_rows(
    text: Text, options: Options, delimiter: str
) -> Iterator[tuple[int, Sequence[str] | None]]:
    """Rows that hold anything, each with its first line; None for one that cannot be read."""
    # The limit is the module's own and global; ours bounds a line and so a cell already.
    csv.field_size_limit(LONGEST_LINE)
    numbers = _Numbers(text, options)
    rows = csv.reader(numbers, delimiter=delimiter, strict=True)
    while True:
        line = numbers.last + 1
        try:
            row = next(rows, None)
        except csv.Error as error:
            told = str(error).replace("\t", "\\t")  # it names the delimiter
            options.report(_unreadable(text.source, line, f"a row that breaks off ({told})"))
            yield line, None
            continue
        if numbers.has_gap:
            numbers.has_gap = False
            yield line, None
        if row is None:
            return
        is_hint = line == 1 and row[:1] and row[0].lower().startswith("sep=")
        if not is_hint and any(cell.strip() for cell in row):
            yield line, row


class _Numbers:
    """Lines for the csv module.

    Attributes:
        last: The number of the last one handed out.
        has_gap: Whether a line was too long to hand out.
    """

    def __init__(self, text: Text, options: Options) -> None:
        self._lines = text.lines(self._report)
        self._options = options
        self.last = 0
        self.has_gap = False

    def _report(self, error: InputError) -> None:
        self._options.report(error)
        self.has_gap = True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.last, line = next(self._lines)
        return line + "\n"


def _lay_out(header: Sequence[str], columns: Mapping[str, str], source: str, line: int) -> Layout:
    names = [name.strip() for name in header]
    folded = [_fold(name) for name in header]
    places: dict[str, int] = {}
    for ours, wanted in columns.items():
        if wanted not in names:
            raise _no_column(source, line, names, f"a column {wanted!r} for {ours}")
        places[ours] = names.index(wanted)
    for ours, usual in COLUMNS.items():
        if ours in places:
            continue
        free = [
            name for name in usual if name in folded and folded.index(name) not in places.values()
        ]
        if len(free) > 1 and ours in UNMISTAKABLE and free[0] != usual[0]:
            choices = " and ".join(repr(names[folded.index(name)]) for name in free)
            raise InputError(
                source,
                line,
                found=f"columns {choices} for {ours}",
                expected="one",
                remedy=f"say which with --map {ours}=COLUMN",
            )
        if free:
            places[ours] = folded.index(free[0])
    if "text" not in places:
        raise _no_column(source, line, names, "a column of texts")
    return Layout(names, places)


def _turn(row: Sequence[str], layout: Layout, line: int, source: str) -> Turn:
    if len(row) != len(layout.header):
        raise _unreadable(source, line, f"{len(row)} cells", f"{len(layout.header)} cells")
    places = layout.places
    cells = {ours: row[place] for ours, place in places.items()}
    meta: dict[str, Any] = {
        name: cell
        for index, (name, cell) in enumerate(zip(layout.header, row, strict=True))
        if cell and index not in places.values()
    }
    role = None
    if word := cells.get("role", "").strip():
        role = role_of_word(word) or DIRECTIONS.get(word.casefold())
        if role != word:
            meta["source_role"] = word
    time = read_time(cells.get("time"))
    if time is None and cells.get("time"):
        meta["time"] = cells["time"]
    for bound in ("start", "end"):
        if bound in cells:
            meta[bound] = _seconds(cells[bound])
    return Turn(cells["text"], cells.get("speaker", ""), role, time=time, line=line, meta=meta)


def _seconds(cell: str) -> float | str:
    """Seconds: whole numbers are milliseconds, as Whisper writes them."""
    try:
        return int(cell) / 1000 if cell.strip().isdigit() else float(cell)
    except ValueError:
        return cell


def _fold(name: str) -> str:
    return "".join(name.split()).replace("_", "").replace("-", "").casefold()


def _no_column(source: str, line: int, names: Iterable[str], expected: str) -> InputError:
    return InputError(
        source,
        line,
        found=f"columns {quoted(', '.join(names))}",
        expected=expected,
        remedy="say which with --map text=COLUMN",
    )


def _unreadable(source: str, line: int, found: str, expected: str = "a complete row") -> InputError:
    return InputError(
        source,
        line,
        found=found,
        expected=expected,
        remedy="mend the row: quote cells that hold the delimiter or a quote",
    )


def _known_delimiter(head: Head) -> str | None:
    """The delimiter of a table whose header names what we know, or what the caller names."""
    lines = [line for line in head.lines if line.strip()]
    header = lines[1] if lines[0].lower().startswith("sep=") and len(lines) > 1 else lines[0]
    wanted = set(head.columns.values())
    for delimiter in DELIMITERS:
        cells = [cell.strip() for cell in split_cells(header, delimiter)]
        if len(cells) >= 2 and ((wanted and wanted <= set(cells)) or is_header(cells)):
            return delimiter
    # One column, named as the caller says: a table too.
    return "," if wanted == {header.strip()} else None


def _tells_csv(head: Head) -> bool:
    return _known_delimiter(head) not in (None, "\t")


def _tells_tsv(head: Head) -> bool:
    return _known_delimiter(head) == "\t"


CSV = Format(
    "csv", read_csv, _tells_csv, (".csv",), signs="its first line names columns that we know"
)
TSV = Format(
    "tsv", read_tsv, _tells_tsv, (".tsv",), signs="its first line names columns, tabs between them"
)
