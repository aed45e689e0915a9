"""The beginning of a document, and the JSON objects in it, however much of them it holds."""

import json
import re
from collections.abc import Mapping
from itertools import dropwhile, islice
from typing import Any

import orjson

from corpora.transcripts.format import Head
from corpora.transcripts.records import BLANKS, DECODER, is_json_lines
from corpora.transcripts.text import Text

LINES = 200  # that vote
OBJECTS = 20  # lines that are tried as JSON
ITEMS = 3  # of an array
DEEPEST = 200  # levels of JSON that are worth closing
# Unrolled: an alternative a character would remember each character of a long string.
STRUCTURE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],]', re.DOTALL)
CLOSERS = {"{": "}", "[": "]"}


def head_of(text: Text, columns: Mapping[str, str]) -> Head:
    """What formats are told by; none of `text` is read but its head."""
    first = text.head.lstrip(BLANKS + "\u200e\u200f")
    lines = list(islice(dropwhile(_is_blank, text.head_lines), LINES))
    filled = [line for line in lines if line.strip()]
    braces = [line for line in filled if line.lstrip(BLANKS).startswith("{")]
    values: list[Any] = []
    if first[:1] in ("{", "["):
        values = (_of_lines(lines) if is_json_lines(text.head) else []) or [opened(first)]
    elif 2 * len(braces) > len(filled):
        values = _of_lines(braces)  # JSON Lines whose first line is damaged
    return Head(text.source, first, lines, _objects(values), columns)


def _is_blank(line: str) -> bool:
    return not line.strip()


def opened(text: str) -> Any:
    """The JSON value that `text` starts with; where it breaks off, what came before that."""
    try:
        return DECODER.raw_decode(text)[0]
    except json.JSONDecodeError as error:
        whole = _closed(text[: error.pos])  # damaged, or cut off at the end of the head
    except (ValueError, RecursionError):
        whole = _closed(text)
    try:
        return DECODER.raw_decode(whole)[0]
    except (ValueError, RecursionError):
        return None


def _closed(text: str) -> str:
    """`text` up to the last value that is complete, with the brackets closed that stand open."""
    stack: list[str] = []
    kept, closing = 0, ""
    for match in STRUCTURE.finditer(text):
        sign = match[0]
        if sign in CLOSERS:
            stack.append(CLOSERS[sign])
            if len(stack) > DEEPEST:
                break
            kept, closing = match.end(), "".join(reversed(stack))
        elif sign == ",":
            kept, closing = match.start(), "".join(reversed(stack))
        elif sign in "}]":
            if not stack or stack.pop() != sign:
                break
            kept, closing = match.end(), "".join(reversed(stack))
    return text[:kept] + closing


def _of_lines(lines: list[str]) -> list[Any]:
    values = []
    for line in lines[:OBJECTS]:
        try:
            values.append(orjson.loads(line.strip(BLANKS)))
        except orjson.JSONDecodeError:
            continue
    return values


def _objects(values: list[Any]) -> list[Mapping[str, Any]]:
    flat: list[Any] = []
    for value in values:
        flat += value[:ITEMS] if isinstance(value, list) else [value]
    return [value for value in flat if isinstance(value, dict)]
