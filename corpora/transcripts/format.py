"""What a format is to this toolkit: a name, a reader, and how its documents are told from others.

A format is one module with one `Format` in it, and one line in `formats.py`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpora.conversation import Conversation
from corpora.transcripts.reading import Options, Reader
from corpora.transcripts.shelves import Shelf


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a document, as formats look at it.

    Attributes:
        source: What messages call the document: usually its path.
        text: Its first characters, about 64 KiB, without leading blanks and marks; never empty.
        lines: Its first lines from the first that is not blank, without their ends; the last may be
            cut off.
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
class Export:
    """What a format looks like that comes as a folder, or as an archive of one.

    Attributes:
        tells: Whether a folder is such an export, by the names of what lies directly in it;
            a folder's name ends in '/'.
        part: What a file is, by its path in the export: True for one that holds talks, False for
            one that only goes with them, None for one that is not of the export and is read on
            its own.
        read: Reads all of it together; None where each file with talks is a document.
        in_archives_only: Whether a folder that looks like it may hold other talks too, so that
            only an archive is proof.
    """

    tells: Callable[[Collection[str]], bool]
    part: Callable[[str], bool | None]
    read: Callable[[Shelf, Options], Iterator[Conversation]] | None = None
    in_archives_only: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """A format of transcripts.

    Attributes:
        name: What `--format` calls it.
        read: Yields the conversations of a document.
        tells: Whether a document is in it; asked only when no format before it in `FORMATS` was.
        suffixes: Ends of file names that mean it where nothing in the document decides.
        signs: What `tells` looks for, in words that go on after "because".
        export: How it comes as a folder or an archive, where it does.
    """

    name: str
    read: Reader
    tells: Callable[[Head], bool] = never
    suffixes: tuple[str, ...] = ()
    export: Export | None = None
    signs: str = ""
