"""A table with a turn a row, safe to open in a spreadsheet: see `corpora.transcripts.own_table`."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.transcripts.own_table import OURS, guarded
from corpora.transcripts.text import without_surrogates
from corpora.transcripts.turn_form import json_line, missing


def csv_lines(conversations: Iterable[Conversation]) -> Iterator[bytes]:
    """The header, then the rows of each conversation; one without turns has a row of its own."""
    yield _rows([OURS])
    for conversation in conversations:
        more: dict[str, Any] = {}
        if conversation.meta:
            more["meta"] = dict(conversation.meta)
        name = _lines(conversation.id)
        if name != conversation.id:
            more["id"] = conversation.id
        rows = [
            (name, str(index), *_cells(turn, {} if index else more))
            for index, turn in enumerate(conversation.turns)
        ]
        yield _rows(rows or [(name, "", "", "", "false", "", "", _json(more))])


def _cells(turn: Turn, more: dict[str, Any]) -> tuple[str, ...]:
    shown = Turn(_lines(turn.text), _lines(turn.speaker), turn.role, turn.role_guessed, turn.time)
    if lacking := missing(turn, shown):
        more = {**more, "turn": lacking}
    guess = "true" if turn.role_guessed else "false"
    time = turn.time.isoformat() if turn.time is not None else ""
    return (shown.speaker, turn.role or "", guess, time, shown.text, _json(more))


def _lines(text: str) -> str:
    """`text` with the one line end that a table has; the others are told in `more`."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _json(more: dict[str, Any]) -> str:
    return json_line(more).decode().rstrip("\n") if more else ""


def _rows(rows: Iterable[Sequence[str]]) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return without_surrogates(written.getvalue()).encode()
