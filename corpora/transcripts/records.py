"""JSON objects from a document: one a line, an array of them, or one after the other.

    {"id": "c-1", "turns": []}
    {"id": "c-2", "turns": []}

Each is checked on its own, so that a damaged line costs that line and no other.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from corpora.errors import InputError, quoted
from corpora.transcripts.text import Report, Text, without_surrogates

LARGEST_OBJECT = 64 * 1024 * 1024  # characters of one object in a document that is not JSON Lines
BLANKS = " \t\r\n\ufeff"
# NaN and the infinities are no JSON; where they stand nothing is known.
DECODER = json.JSONDecoder(parse_constant=lambda _: None)


class Record(NamedTuple):
    """One JSON object.

    Attributes:
        line: Where it starts, from 1.
        value: The object.
        position: How many objects stood before it, unreadable ones too.
        mended: How many lone surrogates were replaced in it.
    """

    line: int
    value: dict[str, Any]
    position: int
    mended: int = 0


def is_json_lines(head: str) -> bool:
    """Whether a document that starts with `head` holds one JSON object a line."""
    lines = [line.strip(BLANKS) for line in head.split("\n")]
    filled = [line for line in lines if line]
    if not filled or filled[0] == "{" or filled[0].startswith("["):
        return False
    if any(line[0] in "]}" for line in filled[1:]):
        return False  # what these close was opened on another line
    if filled[0].startswith("{"):
        if len(filled) == 1 or _is_object(filled[0]):
            return True  # the only line may be longer than the head
        second = filled[1]
        if second.startswith("{") and (_is_object(second) or len(filled) == 2):
            return True  # the first is damaged, but they stand one after the other
    return any(line.startswith("{") and line.endswith("}") and _is_object(line) for line in filled)


def read_records(text: Text, report: Report) -> Iterator[Record]:
    """Yield the objects of a document in their order.

    Args:
        text: The document.
        report: Is given an error for each object that cannot be read; where it returns,
            reading goes on with the next one.
    """
    return _by_line(text, report) if is_json_lines(text.head) else _by_value(text, report)


def _by_line(text: Text, report: Report) -> Iterator[Record]:
    loads = orjson.loads
    position = 0
    for number, line in text.lines(report):
        mended = 0
        try:
            value = loads(line)
        except orjson.JSONDecodeError as first:
            stripped = line.strip(BLANKS)
            if not stripped:
                continue
            try:
                value, mended = _patiently(stripped, first)
            except ValueError as error:
                position += 1
                report(unreadable(text.source, number, line, error))
                continue
        position += 1
        if type(value) is dict:
            yield Record(number, value, position, mended)
        else:
            report(_no_object(text.source, number, value))


def _by_value(text: Text, report: Report) -> Iterator[Record]:
    """Objects that lines do not separate: an array, or pretty-printed ones in a row."""
    scanner = Scanner(text.pieces())
    is_array = scanner.peek() == "["
    if is_array:
        scanner.skip()
    position = 0
    while True:
        following = scanner.peek()
        while following == "," and is_array:
            scanner.skip()
            following = scanner.peek()
        if following == "]" and is_array:
            return
        if not following:
            if is_array:
                report(cut_off(text.source, scanner.line))
            return
        line = scanner.line
        position += 1
        try:
            value, mended = whole(scanner.value())
        except ValueError as error:
            # Where one value ends is unknown, so nothing behind it can be read either.
            report(unreadable(text.source, line, scanner.rest(), error))
            return
        if isinstance(value, dict):
            yield Record(line, value, position, mended)
        else:
            report(_no_object(text.source, line, value))


class Scanner:
    """Values out of a text that is held one value at a time."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._buffer = ""
        self._at = 0
        self.line = 1

    def peek(self) -> str:
        """The next character that is not blank, or "" at the end."""
        while True:
            while self._at < len(self._buffer):
                character = self._buffer[self._at]
                if character not in BLANKS:
                    return character
                self.line += character == "\n"
                self._at += 1
            if not self._read_more():
                return ""

    def skip(self) -> None:
        """Pass over the character that `peek` gave."""
        self._at += 1

    def rest(self) -> str:
        """What stands at the place of an error, or a little of it."""
        return self._buffer[self._at : self._at + 200]

    def value(self) -> Any:
        """The value that starts here.

        Raises:
            ValueError: It is none, it nests too deep, it is cut off or too large.
        """
        while True:
            try:
                value, end = DECODER.raw_decode(self._buffer, self._at)
            except RecursionError:
                raise ValueError("nested too deep") from None
            except json.JSONDecodeError as error:
                size = len(self._buffer) - self._at
                if size > LARGEST_OBJECT:
                    raise ValueError("larger than 64 MiB (LARGEST_OBJECT)") from error
                # Twice as much each time: once per line would be quadratic.
                if not self._read_more(at_least=size):
                    raise
                continue
            if end == len(self._buffer) and self._read_more():
                continue  # a number may go on in the next piece
            self.line += self._buffer.count("\n", self._at, end)
            self._at = end
            return value

    def _read_more(self, at_least: int = 1) -> bool:
        parts = [self._buffer[self._at :]]
        length = 0
        for piece in self._pieces:
            parts.append(piece)
            length += len(piece)
            if length >= at_least:
                break
        if not length:
            return False
        self._buffer, self._at = "".join(parts), 0
        return True


def _patiently(line: str, first: Exception) -> tuple[Any, int]:
    """Read what orjson refuses but other writers produce: lone surrogates and NaN."""
    try:
        value = DECODER.decode(line)
    except json.JSONDecodeError:
        raise ValueError(str(first)) from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    return whole(value)


def whole(value: Any) -> tuple[Any, int]:
    """`value` with U+FFFD for lone surrogates in any of its strings, and how many there were.

    Raises:
        ValueError: It nests too deep.
    """
    try:
        return _without_surrogates(value)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _without_surrogates(value: Any) -> tuple[Any, int]:
    if isinstance(value, str):
        if value.isascii():
            return value, 0
        count = sum("\ud800" <= character <= "\udfff" for character in value)
        return (without_surrogates(value), count) if count else (value, 0)
    total = 0
    if isinstance(value, dict):
        pairs = {}
        for key, inner in value.items():
            whole_key, in_key = _without_surrogates(key)
            pairs[whole_key], in_value = _without_surrogates(inner)
            total += in_key + in_value
        return pairs, total
    if isinstance(value, list):
        items = []
        for inner in value:
            whole, count = _without_surrogates(inner)
            items.append(whole)
            total += count
        return items, total
    return value, 0


def _is_object(line: str) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def unreadable(source: str, line: int, content: str, error: Exception) -> InputError:
    """The error for what is no JSON."""
    return InputError(
        source,
        line,
        found=f"{quoted(content.strip())} ({error})",
        expected="a complete JSON object",
        remedy="mend or remove it",
    )


def cut_off(source: str, line: int) -> InputError:
    """The error for a document that ends too early."""
    return InputError(
        source,
        line,
        found="the end of the file inside an array or object",
        expected="']' or '}'",
        remedy="export the file again: it was cut off",
    )


def _no_object(source: str, line: int, value: object) -> InputError:
    return InputError(
        source,
        line,
        found=quoted(json.dumps(value)) if not isinstance(value, list) else "a JSON array",
        expected="a JSON object",
        remedy="write one conversation or one turn as an object a line",
    )
