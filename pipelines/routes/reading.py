"""Answers read back, whichever tool wrote them: ours, Label Studio's, Argilla's or Prodigy's.

{"case": …, "answer": {…}}                        ours, a line each
[{"data": {"case": …}, "annotations": […]}]       Label Studio's JSON export
[{"id": …, "fields": {…}, "responses": {…}}]      Argilla's records, as `to_json` writes them
{"case": …, "text": …, "answer": "accept"}        Prodigy's `db-out`, a line each
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from corpora.errors import InputError, quoted
from pipelines.routes.answers import EXPECTED, REMEDY, Answer, parse_answer
from pipelines.routes.tool_answers import (
    ToolAnswerError,
    argilla_answers,
    label_studio_answers,
    prodigy_answers,
)

ANY = f"{EXPECTED}, or an export of Label Studio, Argilla or Prodigy"
# An export is held in memory whole where it is one list.
LARGEST_LIST = 1024 * 1024 * 1024
LONGEST_LINE = 64 * 1024 * 1024

Refuse = Callable[[InputError], None]


def read_answers(path: Path, refuse: Refuse) -> Iterator[Answer]:
    """Yield the answers in a file, in its order.

    Args:
        path: JSON Lines, or one JSON list.
        refuse: Given each line or item that cannot be read; the others are read.

    Raises:
        InputError: The file is missing, or a list that is cut off.
    """
    if not path.is_file():
        raise InputError(
            str(path), found="no such file", expected=ANY, remedy="name the file of answers"
        )
    with path.open("rb") as stream:
        is_list = _first_byte(stream.peek(256) if hasattr(stream, "peek") else b"") == b"["
    items = _list_items(path) if is_list else _lines(path, refuse)
    for item, source, line in items:
        try:
            yield from answers_of(item, source, line)
        except InputError as error:
            refuse(error)


def answers_of(item: Any, source: str, line: int | None = None) -> Iterator[Answer]:
    """The answers of one line or item: more than one where several people looked.

    Raises:
        InputError: It is none, or contradicts itself.
    """
    if not isinstance(item, dict):
        raise _fault(source, line, quoted(repr(item)[:80]))
    try:
        if isinstance(item.get("data"), dict) and "annotations" in item:
            forms = list(label_studio_answers(item))
        elif isinstance(item.get("fields"), dict) and "responses" in item:
            forms = list(argilla_answers(item))
        elif isinstance(item.get("answer"), str):
            forms = list(prodigy_answers(item))
        elif "answer" in item:
            forms = [item]
        else:
            raise _fault(source, line, f"an object of {', '.join(list(map(str, item))[:6])}")
    except ToolAnswerError as error:
        raise InputError(
            source, line, found=error.found, expected=error.expected, remedy=REMEDY
        ) from error
    for form in forms:
        yield parse_answer(form, source, line)


def _first_byte(start: bytes) -> bytes:
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]


def _list_items(path: Path) -> Iterator[tuple[Any, str, int | None]]:
    size = path.stat().st_size
    if size > LARGEST_LIST:
        raise InputError(
            str(path),
            found=f"a list of {size:,} bytes",
            expected=f"at most {LARGEST_LIST:,}",
            remedy="export it in parts",
        )
    try:
        items = orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise InputError(
            str(path),
            error.lineno,
            found=f"JSON that is cut off or broken ({error.msg})",
            expected="a whole list",
            remedy="export it again; nothing was merged",
        ) from error
    for number, item in enumerate(items, start=1):
        yield item, f"{path} (item {number})", None


def _lines(path: Path, refuse: Refuse) -> Iterator[tuple[Any, str, int | None]]:
    with path.open("rb") as stream:
        lines = iter(lambda: stream.readline(LONGEST_LINE), b"")
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                item = orjson.loads(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
            except orjson.JSONDecodeError as error:
                cut = "" if line.endswith(b"\n") else ", with no line end: the file is cut off"
                shown = quoted(line[:200].decode(errors="replace").strip())
                refuse(_fault(str(path), number, f"{shown} ({error.msg}{cut})"))
                continue
            yield item, str(path), number


def _fault(source: str, line: int | None, found: str) -> InputError:
    return InputError(source, line, found=found, expected=ANY, remedy=REMEDY)
