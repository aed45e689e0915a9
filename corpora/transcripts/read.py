"""One door to every format: from a source to its conversations, with roles."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from corpora.conversation import Conversation
from corpora.errors import InputError
from corpora.roles import assign_roles
from corpora.transcripts.detect import Detected, detect_format
from corpora.transcripts.formats import FORMATS as READERS
from corpora.transcripts.reading import Options, refuse, with_notes
from corpora.transcripts.sources import Collected, Document, Source, open_documents, reading
from corpora.transcripts.table import COLUMNS
from corpora.transcripts.text import Text

FORMATS: tuple[str, ...] = tuple(sorted(READERS))  # what `--format` takes
# What `columns` may name: the keys of JSON Lines besides those of tables.
NAMES = frozenset(COLUMNS) | {"id", "turns", "meta"}


@dataclass(frozen=True, slots=True)
class Opened:
    """What is known of a document before its conversations are read.

    Attributes:
        source: What messages call it: usually its path.
        format: The name of its format; None where it holds nothing.
        why: Why it was taken for that, in words that go on after "because".
        encoding: How its characters are written; "" for exports of many files.
    """

    source: str
    format: str | None
    why: str
    encoding: str


Opening = Callable[[Opened], None]


def read_transcript(
    source: Source,
    *,
    format: str = "auto",
    columns: Mapping[str, str] | None = None,
    roles: Mapping[str, str] | None = None,
    day_first: bool | None = None,
    on_error: Callable[[InputError], None] | None = None,
    on_open: Opening | None = None,
) -> Iterator[Conversation]:
    """Read conversations, one at a time, from a file, a folder, an archive or an open stream.

    Archives and files compressed with gzip, bzip2, xz or zstd are never unpacked to disk.

    Args:
        source: A path, or an open text or binary stream, which stays open.
        format: One of `FORMATS`, or `auto` to tell it by content, document by document.
        columns: For tables and JSON Lines: our names to theirs, as in `{"text": "Nachricht"}`.
        roles: Their speakers or role words to our roles, as in `{"Kunde": "customer"}`.
        day_first: For WhatsApp: whether 3/4 is the third of April; None lets the file tell.
        on_error: Is given the error for each record or document that cannot be read, and the
            rest is read on; without it the first error is raised.
        on_open: Is told each document that is opened, before its conversations.

    Yields:
        Conversations in the order of the source. One that could be read only in part is left
        out and its error reported. `meta["notes"]` says what had to be mended. Roles that are
        inferred have `role_guessed`.

    Raises:
        InputError: Something cannot be read, and there is no `on_error`.
        ValueError: `format`, a key of `columns` or a role is unknown.
    """
    documents = read_documents(
        source,
        format=format,
        columns=columns,
        roles=roles,
        day_first=day_first,
        on_error=on_error,
        on_open=on_open,
    )
    return chain.from_iterable(documents)


def read_documents(
    source: Source,
    *,
    format: str = "auto",
    columns: Mapping[str, str] | None = None,
    roles: Mapping[str, str] | None = None,
    day_first: bool | None = None,
    on_error: Callable[[InputError], None] | None = None,
    on_open: Opening | None = None,
) -> Iterator[Iterator[Conversation]]:
    """What `read_transcript` does, a document at a time.

    Each document is open until the next one is asked for. One that is not read is passed over at
    the price of opening it, and one whose reader fails takes no other along.

    Args:
        source: As for `read_transcript`, like all the rest.
        format: Likewise.
        columns: Likewise.
        roles: Likewise.
        day_first: Likewise.
        on_error: Likewise; errors of documents that cannot be opened come between documents.
        on_open: Likewise.

    Raises:
        ValueError: `format`, a key of `columns` or a role is unknown.
    """
    if format != "auto" and format not in READERS:
        raise ValueError(f"format {format!r} is none of auto, {', '.join(FORMATS)}")
    for name in columns or ():
        if name not in NAMES:
            raise ValueError(f"column {name!r} is none of {', '.join(sorted(NAMES))}")
    assign_roles(Conversation("", ()), roles)  # a wrong role is an error before anything is read
    report = on_error or refuse
    options = Options(report, columns or {}, day_first, is_forced=format != "auto")
    return _read(source, format, options, roles, on_open or _unheard)


def _unheard(_: Opened) -> None:
    """Nobody asks what is opened."""


def _read(
    source: Source,
    format: str,
    options: Options,
    roles: Mapping[str, str] | None,
    on_open: Opening,
) -> Iterator[Iterator[Conversation]]:
    formats = READERS.values() if format == "auto" else [READERS[format]]
    for found in open_documents(source, formats, options.report):
        if isinstance(found, Collected):
            talks = _read_export(found, options, on_open)
        else:
            talks = _read_document(found, format, options, on_open)
        yield (assign_roles(conversation, roles) for conversation in talks)


def _read_export(found: Collected, options: Options, on_open: Opening) -> Iterator[Conversation]:
    export = found.format.export
    if export is not None and export.read is not None:
        on_open(Opened(found.shelf.source, found.format.name, "of the names of its files", ""))
        with reading(found.shelf.source, options.report):
            yield from export.read(found.shelf, options)


def _read_document(
    document: Document, format: str, options: Options, on_open: Opening
) -> Iterator[Conversation]:
    with reading(document.source, options.report):
        text = Text(document.stream, document.source, document.name)
        found = Detected(format, "it was named") if format != "auto" else None
        found = found or detect_format(text, options.columns)
        if found is None:
            on_open(Opened(document.source, None, "it holds nothing", text.encoding))
            return
        on_open(Opened(document.source, found.name, found.why, text.encoding))
        told: list[str] = []
        for talk in READERS[found.name].read(text, options):
            new = [note for note in text.notes if note not in told]
            told += new
            yield replace(talk, meta=with_notes(talk.meta, *new)) if new else talk
