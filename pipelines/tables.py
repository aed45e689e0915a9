"""Conversations in Parquet files and saved Hugging Face datasets, and records as Parquet.

A row is a conversation: `turns` is a list of objects with `text`, and `speaker`, `role` and
`time` where they are known; `id` names it. Records and labelled datasets are such rows too.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from corpora.conversation import ROLES, Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.transcripts.text import Report
from pipelines.record_models import arrow_features

ROWS = 64  # conversations in memory at a time
SAVED = "dataset_info.json"
REMEDY = "give each row `turns`, a list of objects with `text`"


def is_table(path: Path) -> bool:
    """Whether a path is a Parquet file or a saved dataset."""
    return path.suffix.lower() == ".parquet" or (path / SAVED).is_file()


def read_table(path: Path, report: Report) -> Iterator[Conversation]:
    """Yield the conversations of a Parquet file or a saved dataset, in row order.

    Args:
        path: One for which `is_table` holds.
        report: Is given the error of each row that is no conversation.

    Raises:
        InputError: The file is damaged, or has no `turns`.
    """
    try:
        for number, row in enumerate(_rows(path)):
            try:
                yield _conversation(row, f"{path.stem}#{number}", str(path))
            except (KeyError, TypeError, ValueError) as error:
                report(_unusable(f"{path} row {number}", " ".join(str(error).split())))
    except (OSError, ValueError) as error:  # Arrow's own errors derive from these
        raise _unusable(str(path), " ".join(str(error).split())[:200]) from error


def write_parquet(records: Path, path: Path) -> None:
    """Write a file of records as Parquet, a few at a time.

    Args:
        records: JSON Lines as `record_line` writes them.
        path: The file to write.
    """
    import pyarrow as pa
    from pyarrow import parquet

    schema = arrow_features().arrow_schema
    with records.open("rb") as lines, parquet.ParquetWriter(path, schema) as writer:
        while rows := [orjson.loads(line) for line in islice(lines, ROWS)]:
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_dir():
        from datasets import load_from_disk

        tables = load_from_disk(str(path)).with_format("arrow").iter(ROWS)
    else:
        from pyarrow import parquet

        tables = parquet.ParquetFile(path).iter_batches(ROWS)
    for table in tables:
        yield from table.to_pylist()


def _conversation(row: dict[str, Any], name: str, source: str) -> Conversation:
    turns = tuple(_turn(turn) for turn in row["turns"])
    return Conversation(str(row.get("id") or name), turns, row.get("source") or source)


def _turn(row: dict[str, Any]) -> Turn:
    text, role, time = row["text"], row.get("role"), row.get("time")
    if not isinstance(text, str) or role not in (None, *ROLES):
        raise ValueError(f"a turn of text {quoted(str(text))} and role {role!r}")
    return Turn(
        text,
        speaker=row.get("speaker") or "",
        role=role,
        role_guessed=bool(row.get("role_guessed")),
        time=datetime.fromisoformat(time) if isinstance(time, str) else time,
    )


def _unusable(place: str, found: str) -> InputError:
    return InputError(place, found=found, expected="conversations in rows", remedy=REMEDY)
