"""JSON documents that keep their talks in an array somewhere inside, read one item at a time.

    {"name": "Desk", "id": 42, "messages": [{"id": 1}, {"id": 2}]}

Exports of two gigabytes are of this form, so nothing but one item is held.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

from corpora.transcripts.records import Scanner, cut_off, unreadable, whole
from corpora.transcripts.text import Report, Text

Path = tuple[str, ...]
ITEM = "*"  # the step into an array


class Part(NamedTuple):
    """A value inside a document.

    Attributes:
        path: The keys that lead to it; `*` for any item of an array.
        value: The value; None at the end of one that was entered.
        line: Where it starts, from 1.
        mended: How many lone surrogates were replaced in it.
        is_end: Whether this is the end of what was entered instead of a value.
    """

    path: Path
    value: Any
    line: int
    mended: int = 0
    is_end: bool = False


def read_parts(
    text: Text,
    entered: Collection[Path],
    report: Report,
    mend: Callable[[Iterator[str]], Iterator[str]] = lambda pieces: pieces,
) -> Iterator[Part]:
    """Yield the values in a document, in its order, and the ends of those that are entered.

    Args:
        text: The document.
        entered: Paths of the objects and arrays that are read value by value; others are
            values themselves. The whole document has the path ().
        report: Is given the error for damage, behind which nothing can be read; where it returns,
            no end is yielded for what was left open.
        mend: Repairs what a program is known to write wrong.
    """
    scanner = Scanner(mend(text.pieces()))
    try:
        yield from _value((), scanner, entered)
    except ValueError as error:
        report(unreadable(text.source, scanner.line, scanner.rest(), error))
    except _CutOffError:
        report(cut_off(text.source, scanner.line))


class _CutOffError(Exception):
    """The document ends inside a value."""


def _value(path: Path, scanner: Scanner, entered: Collection[Path]) -> Iterator[Part]:
    first, line = scanner.peek(), scanner.line
    if not first:
        raise _CutOffError
    if path not in entered or first not in "{[":
        value, mended = whole(scanner.value())
        yield Part(path, value, line, mended)
        return
    scanner.skip()
    is_object, following = first == "{", scanner.peek()
    while following not in ("}", "]", ""):
        step = ITEM
        if is_object:
            step = str(scanner.value())
            if scanner.peek() != ":":
                raise ValueError("a key without a value")
            scanner.skip()
        yield from _value((*path, step), scanner, entered)
        following = scanner.peek()
        if following == ",":
            scanner.skip()
            following = scanner.peek()
    if not following:
        raise _CutOffError
    scanner.skip()
    yield Part(path, None, line, is_end=True)
