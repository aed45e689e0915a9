"""Which format a document is in, told by its content; its name settles only what that leaves open.

Sure signs come first (`WEBVTT`, an arrow between times, JSON keys), then votes among the lines
of the head, and plain text last, because nearly everything holds colons.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import orjson

from corpora.errors import InputError, quoted
from corpora.transcripts.plain import looks_plain
from corpora.transcripts.records import BLANKS, DECODER
from corpora.transcripts.subtitles import TIMING
from corpora.transcripts.table import DELIMITERS, is_header, split_cells
from corpora.transcripts.text import Text
from corpora.transcripts.whatsapp import elect, read_stamp

LINES = 200  # that vote
SUFFIXES: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".vtt": "webvtt",
    ".srt": "srt",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}


def detect_format(text: Text, columns: Mapping[str, str]) -> str | None:
    """The name of the format of `text`, or None where there is nothing to read.

    Args:
        text: The document, none of it read yet but its head.
        columns: What the caller says a table's columns are called.

    Raises:
        InputError: It is in no format that we read.
    """
    head = text.head
    first = head.lstrip(BLANKS + "\u200e\u200f")
    if not first.strip():
        _refuse_hidden(text)
        return None
    lines = text.head_lines[:LINES]
    name = _by_sign(first, lines)
    if name is None and first[0] in "{[":
        name = _by_keys(first)
    name = name or _by_vote(first, lines, columns)
    if name is None and first[0] in "{[":
        name = "jsonl"  # damaged JSON: its reader says where
    if name is None:
        name = SUFFIXES.get(PurePath(text.source).suffix.lower())
    if name is None:
        raise InputError(
            text.source,
            1 + head[: len(head) - len(first)].count("\n"),
            found=quoted(first.split("\n", 1)[0]),
            expected="a chat or a call in a format we know",
            remedy="name it with --format; --format plain takes any lines 'SPEAKER: text'",
        )
    return name


def _refuse_hidden(text: Text) -> None:
    """Raise for a document that is blank at the start, throughout its head, but not throughout."""
    if any(piece.strip() for piece in text.pieces()):
        raise InputError(
            text.source,
            1,
            found="nothing but blanks at the start",
            expected="a chat or a call",
            remedy="remove the blanks, or name the format with --format",
        )


def _by_sign(first: str, lines: Sequence[str]) -> str | None:
    if first.startswith("WEBVTT") and first[6:7] in ("", " ", "\t", "\n", "\r"):
        return "webvtt"
    if sum(TIMING.fullmatch(line) is not None for line in lines) >= 1:
        return "srt"
    return None


def _by_keys(first: str) -> str | None:
    """The format of a JSON document, by the keys of the first objects that can be read."""
    for value in _first_values(first):
        name = _by_object(value)
        if name is not None:
            return name
    return None


def _by_object(value: Mapping[str, Any]) -> str | None:
    for holder in (value, value.get("body"), value.get("input")):
        if isinstance(holder, dict) and isinstance(messages := holder.get("messages"), list):
            first = messages[0] if messages else {"role": ""}
            return "openai" if isinstance(first, dict) and "role" in first else None
    if isinstance(talks := value.get("conversations"), list):
        first = talks[0] if talks else {"from": ""}
        return "sharegpt" if isinstance(first, dict) and {"from", "role"} & set(first) else None
    if "turns" in value or "text" in value:
        return "jsonl"
    return "openai" if "role" in value and "content" in value else None


def _first_values(first: str) -> list[Mapping[str, Any]]:
    values: list[Any] = []
    for line in first.split("\n")[:20]:
        try:
            values.append(orjson.loads(line.strip(BLANKS)))
        except orjson.JSONDecodeError:
            continue
    start = 0
    if first[0] == "[":
        start = len(first) - len(first[1:].lstrip(BLANKS))
    try:
        values.append(DECODER.raw_decode(first, start)[0])
    except (ValueError, RecursionError):
        values += _opened(first)
    flat = [value[0] if isinstance(value, list) and value else value for value in values]
    return [value for value in flat if isinstance(value, dict)]


def _opened(first: str) -> list[Any]:
    """What the first object is, where it is too long for the head: its keys so far."""
    signs: tuple[tuple[str, dict[str, Any]], ...] = (
        ('"messages"', {"messages": [{"role": ""}]}),
        ('"conversations"', {"conversations": [{"from": ""}]}),
        ('"turns"', {"turns": []}),
    )
    found = sorted((first.find(sign), index) for index, (sign, _) in enumerate(signs))
    return [signs[index][1] for place, index in found if place >= 0][:1]


def _by_vote(first: str, lines: Sequence[str], columns: Mapping[str, str]) -> str | None:
    filled = [line for line in lines if line.strip()]
    stamps = [stamp for line in filled if (stamp := read_stamp(0, line))]
    grammar = elect(stamps)
    votes = sum(stamp.grammar == grammar for stamp in stamps)
    is_first = bool(stamps) and read_stamp(0, filled[0]) is not None
    if votes >= 3 or (votes == 2 and is_first) or (votes and votes == len(filled)):
        named = Counter(": " in stamp.rest or stamp.rest.endswith(":") for stamp in stamps)
        if named[True]:
            return "whatsapp"
    if (delimiter := _table_delimiter(filled, columns)) is not None:
        return "tsv" if delimiter == "\t" else "csv"
    if first[0] != "{" and sum(line.lstrip(BLANKS).startswith("{") for line in filled) * 2 > len(
        filled
    ):
        return _by_keys("\n".join(line for line in filled if line.startswith("{"))) or "jsonl"
    return "plain" if looks_plain(lines) else None


def _table_delimiter(lines: Sequence[str], columns: Mapping[str, str]) -> str | None:
    """The delimiter of a table whose header names what we know, or what the caller names."""
    header = lines[1] if lines[0].lower().startswith("sep=") and len(lines) > 1 else lines[0]
    wanted = set(columns.values())
    for delimiter in DELIMITERS:
        cells = [cell.strip() for cell in split_cells(header, delimiter)]
        if len(cells) >= 2 and ((wanted and wanted <= set(cells)) or is_header(cells)):
            return delimiter
    # One column, named as the caller says: a table too.
    return "," if wanted == {header.strip()} else None
