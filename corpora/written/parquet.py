"""Parquet with fixed columns: a conversation a row; what a source says beyond them is JSON."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.transcripts.text import without_surrogates
from corpora.transcripts.turn_form import json_line, turn_value

ROWS = 256  # conversations in memory at a time


def write_parquet(conversations: Iterable[Conversation], path: Path) -> None:
    """Write the conversations to a file.

    Args:
        conversations: What to write; read once.
        path: The file.
    """
    import pyarrow as pa  # here: importing it takes its time
    from pyarrow import parquet

    text = pa.string()
    turn = [pa.field(name, text) for name in ("speaker", "role", "time", "text", "meta")]
    turn.insert(2, pa.field("role_guessed", pa.bool_()))
    fields = [pa.field(name, text) for name in ("id", "source", "meta")]
    schema = pa.schema([*fields, pa.field("turns", pa.list_(pa.struct(turn)))])
    rows: Iterator[dict[str, Any]] = map(_row, conversations)
    with parquet.ParquetWriter(path, schema) as writer:
        while batch := list(islice(rows, ROWS)):
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))


def _row(conversation: Conversation) -> dict[str, Any]:
    return {
        "id": without_surrogates(conversation.id),
        "source": conversation.source,
        "meta": _json(conversation.meta),
        "turns": [_turn(turn) for turn in conversation.turns],
    }


def _turn(turn: Turn) -> dict[str, Any]:
    value = turn_value(turn)
    return {
        "speaker": without_surrogates(turn.speaker),
        "role": turn.role,
        "role_guessed": turn.role_guessed,
        "time": value.get("time"),
        "text": without_surrogates(turn.text),
        "meta": _json(turn.meta),
    }


def _json(meta: Any) -> str | None:
    return json_line(dict(meta)).decode().rstrip("\n") if meta else None
