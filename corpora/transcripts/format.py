"""What a format is to this toolkit: a name, a reader, and how its documents are told from others.

A format is one module with one `Format` in it, and one line in `formats.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpora.transcripts.reading import Reader


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a document, as formats look at it.

    Attributes:
        source: What messages call the document: usually its path.
        text: Its first characters, about 64 KiB, without leading blanks and marks; never empty.
        lines: Its first lines without their ends; the last may be cut off.
        values: Its first JSON objects, where it is JSON; those in an array too. One that is
            longer than the head is given as far as it goes.
        columns: What the caller says a table's columns are called: our names to theirs.
    """

    source: str
    text: str
    lines: Sequence[str]
    values: Sequence[Mapping[str, Any]]
    columns: Mapping[str, str]


def never(_: Head) -> bool:
    """No document is told by its content alone."""
    return False


@dataclass(frozen=True, slots=True)
class Format:
    """A format of transcripts.

    Attributes:
        name: What `--format` calls it.
        read: Yields the conversations of a document.
        tells: Whether a document is in it; asked only when no format before it in `FORMATS` was.
        suffixes: Ends of file names that mean it where nothing in the document decides.
    """

    name: str
    read: Reader
    tells: Callable[[Head], bool] = never
    suffixes: tuple[str, ...] = ()
