"""Read strictly: UTF-8 lines, and JSON of a declared kind; all else is an `InputError`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from corpora.errors import InputError, quoted

Kind = TypeVar("Kind")

# One line is held in memory whole. The longest conversation met so far has 2,500 turns in 0.4 MB.
LONGEST_LINE = 64 * 1024 * 1024


def read_lines(path: Path, *, remedy: str) -> Iterator[tuple[int, str]]:
    r"""Yield the lines of a UTF-8 file, numbered from 1 and without their `\n` or `\r\n`.

    Only a line feed ends a line: other separators (a form feed, U+2028) are somebody's text. A
    byte order mark at the start of the file is no text.

    Args:
        path: The file.
        remedy: What an error message advises.

    Raises:
        InputError: A line is not UTF-8, or longer than `LONGEST_LINE` bytes.
    """
    with path.open("rb") as stream:
        numbered = enumerate(iter(lambda: stream.readline(LONGEST_LINE + 1), b""), start=1)
        for number, line in numbered:
            if len(line) > LONGEST_LINE:
                raise InputError(
                    str(path),
                    number,
                    found=f"a line of more than {LONGEST_LINE:,} bytes",
                    expected="shorter lines",
                    remedy=remedy,
                )
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise not_utf8(path, number, error, remedy=remedy) from None
            yield number, text.removesuffix("\n").removesuffix("\r")


def parse_json(
    text: str | bytes, kind: TypeAdapter[Kind], place: str, line: int | None = None, *, remedy: str
) -> Kind:
    """The content of a JSON text, of the declared kind.

    Args:
        text: The JSON.
        kind: What it must hold.
        place: File that an error message names.
        line: Line of it, from 1, where the JSON is one line of many.
        remedy: What an error message advises.

    Raises:
        InputError: It is not JSON, or not of that kind.
    """
    try:
        return kind.validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
    broken = first["type"] == "json_invalid"
    where = " > ".join(str(step) for step in first["loc"])
    found = quoted(str(first["input"]))
    message = first["msg"][:1].lower() + first["msg"][1:]
    raise InputError(
        place,
        line,
        found=f"{where}: {found}" if where else found,
        expected=f"JSON ({message})" if broken else message,
        remedy=remedy,
    )


def not_utf8(path: Path, line: int, error: UnicodeDecodeError, *, remedy: str) -> InputError:
    """The error for bytes that are no UTF-8."""
    return InputError(
        str(path),
        line,
        found=f"bytes that are no UTF-8 ({error.reason})",
        expected="UTF-8 text",
        remedy=remedy,
    )
