"""Which format a document is in, told by its content and, where that leaves it open, its name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from corpora.errors import InputError, quoted
from corpora.transcripts.format import Head
from corpora.transcripts.formats import FORMATS
from corpora.transcripts.heads import head_of
from corpora.transcripts.shelves import PACKED
from corpora.transcripts.text import Text

# "[2024-03-14 09:01] INFO: up" starts with a bracket, and with no JSON.
JSON = re.compile(r"\{\s*(?:[\"}]|$)|\[\s*(?:[\"{\[\]]|-?\d+\s*,|$)")
MOST_KEYS = 6  # that a message names


@dataclass(frozen=True, slots=True)
class Detected:
    """A format, and why a document was taken for it: words that go on after "because"."""

    name: str
    why: str


def detect_format(text: Text, columns: Mapping[str, str]) -> Detected | None:
    """The format of `text`, or None where there is nothing to read.

    Args:
        text: The document, none of it read yet but its head.
        columns: What the caller says a table's columns are called.

    Raises:
        InputError: It is in no format that we read.
    """
    head = head_of(text, columns)
    if not head.text.strip():
        _refuse_hidden(text)
        return None
    for format in FORMATS.values():
        if format.tells(head):
            return Detected(format.name, format.signs)
    if JSON.match(head.text):
        if head.values:
            raise _another_json(text.source, head.values[0])
        # Damaged: the reader of JSON says where.
        return Detected("jsonl", "it looks like JSON, and like no other format of JSON")
    path = PurePath(text.source)
    path = path.with_suffix("") if path.suffix.lower() in PACKED and path.stem else path
    suffix = path.suffix.lower()
    named = next((format for format in FORMATS.values() if suffix in format.suffixes), None)
    if named is None:
        raise _unknown(text, head)
    return Detected(named.name, f"its name ends in {suffix}")


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


def _another_json(source: str, value: Mapping[str, Any]) -> InputError:
    """The error for JSON that is somebody's, but no transcript's."""
    keys = ", ".join(f"{key} ({type(value[key]).__name__})" for key in list(value)[:MOST_KEYS])
    return InputError(
        source,
        1,
        found=f"JSON with the keys {quoted(keys)}" if value else "JSON without keys",
        expected=f"'text', 'turns', 'messages', or the keys of another of {', '.join(FORMATS)}",
        remedy="name the key of the texts with --map text=KEY, or the format with --format",
    )


def _unknown(text: Text, head: Head) -> InputError:
    return InputError(
        text.source,
        1 + text.head[: len(text.head) - len(head.text)].count("\n"),
        found=quoted(head.text.split("\n", 1)[0]),
        expected=f"a chat or a call in one of {', '.join(FORMATS)}",
        remedy="name it with --format; --format plain takes any lines 'SPEAKER: text'",
    )
