"""Conversations in Parquet files and saved Hugging Face datasets, and records as Parquet.

A row is read as if it were a line of JSON Lines: a conversation with `turns`, with `messages`
of a language model, or one turn of several rows, under our names or those that `columns` gives.
"""

import io
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, cast

import orjson

from corpora.conversation import Conversation
from corpora.errors import InputError
from corpora.transcripts import read_documents
from corpora.transcripts.text import Report
from pipelines.durable import Part
from pipelines.record_forms import arrow_features

ROWS = 64  # conversations in memory at a time
SAVED, SAVED_SPLITS = "dataset_info.json", "dataset_dict.json"
# Arrow bytes of a row group. A group of a few rows costs more for its description, which is kept
# until the file is closed, than for its rows.
GROUP = 16 * 1024 * 1024
REMEDY = "give each row `turns`, a list of objects with `text`"


def is_table(path: Path) -> bool:
    """Whether a path is a Parquet file, a saved dataset, or one with several splits."""
    return path.suffix.lower() == ".parquet" or any(
        (path / name).is_file() for name in (SAVED, SAVED_SPLITS)
    )


def read_tables(
    path: Path,
    report: Report,
    *,
    columns: Mapping[str, str] | None = None,
    roles: Mapping[str, str] | None = None,
) -> Iterator[Iterator[Conversation]]:
    """Yield the conversations of each table: of a Parquet file, or of each split of a dataset.

    Args:
        path: One for which `is_table` holds.
        report: Is given the error of each row that is no conversation; its line is the row's
            number, from 1.
        columns: As for `read_transcript`.
        roles: Likewise.

    Raises:
        InputError: While a table is read: it is damaged.
    """
    for table in _tables(path):
        yield from read_documents(
            cast(TextIO, _Lines(table)), columns=columns, roles=roles, on_error=report
        )


def write_parquet(records: Path, path: Path) -> None:
    """Write a file of records as Parquet, a few at a time.

    Args:
        records: JSON Lines as `record_line` writes them.
        path: The file to write.
    """
    import pyarrow as pa
    from pyarrow import parquet

    schema = arrow_features().arrow_schema
    group: list[pa.Table] = []
    with Part(path):  # empty and its owner's before anything is in it
        pass
    with records.open("rb") as lines, parquet.ParquetWriter(path, schema) as writer:
        while rows := [orjson.loads(line) for line in islice(lines, ROWS)]:
            group.append(pa.Table.from_pylist(rows, schema=schema))
            if sum(table.nbytes for table in group) >= GROUP:
                writer.write_table(pa.concat_tables(group))
                group.clear()
        if group:
            writer.write_table(pa.concat_tables(group))


class _Lines(io.TextIOBase):
    """A table as a text of JSON Lines, made while it is read."""

    def __init__(self, path: Path) -> None:
        self._rows = _rows(path)
        self._path = path

    @property
    def name(self) -> str:
        """What messages call it."""
        return str(self._path)

    def read(self, size: int | None = -1, /) -> str:
        """About so many characters, a few rows at least."""
        wanted = -1 if size is None else size
        parts: list[bytes] = []
        held = 0
        try:
            while (wanted < 0 or held < wanted) and (rows := list(islice(self._rows, ROWS))):
                parts += (orjson.dumps(row, _plain, orjson.OPT_APPEND_NEWLINE) for row in rows)
                held = sum(map(len, parts))
        except (OSError, ValueError) as error:  # Arrow's own errors derive from these
            raise InputError(
                self.name,
                found=" ".join(str(error).split())[:200],
                expected="conversations in rows",
                remedy=REMEDY,
            ) from error
        return b"".join(parts).decode()


def _tables(path: Path) -> Iterator[Path]:
    if not (path / SAVED_SPLITS).is_file():
        yield path
        return
    splits = orjson.loads((path / SAVED_SPLITS).read_bytes())["splits"]
    yield from (path / split for split in splits)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_dir():
        from datasets import load_from_disk

        tables = load_from_disk(str(path)).with_format("arrow").iter(ROWS)
    else:
        from pyarrow import parquet

        tables = parquet.ParquetFile(path).iter_batches(ROWS)
    for table in tables:
        yield from table.to_pylist()


def _plain(value: object) -> str:
    return str(value)  # durations, decimals: nothing a conversation is made of
