"""One door to every format: from a source to its conversations, with roles."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from corpora.conversation import Conversation
from corpora.errors import InputError
from corpora.roles import assign_roles
from corpora.transcripts.detect import detect_format
from corpora.transcripts.formats import FORMATS as READERS
from corpora.transcripts.reading import Options, refuse
from corpora.transcripts.sources import Document, Source, open_documents, reading
from corpora.transcripts.table import COLUMNS
from corpora.transcripts.text import Text

FORMATS: tuple[str, ...] = tuple(sorted(READERS))  # what `--format` takes
# What `columns` may name: the keys of JSON Lines besides those of tables.
NAMES = frozenset(COLUMNS) | {"id", "turns", "meta"}


def read_transcript(
    source: Source,
    *,
    format: str = "auto",
    columns: Mapping[str, str] | None = None,
    roles: Mapping[str, str] | None = None,
    day_first: bool | None = None,
    on_error: Callable[[InputError], None] | None = None,
) -> Iterator[Conversation]:
    """Read conversations, one at a time, from a file, a folder, a zip archive or an open stream.

    Args:
        source: A path, or an open text or binary stream, which stays open.
        format: One of `FORMATS`, or `auto` to tell it by content, document by document.
        columns: For tables and JSON Lines: our names to theirs, as in `{"text": "Nachricht"}`.
        roles: Their speakers or role words to our roles, as in `{"Kunde": "customer"}`.
        day_first: For WhatsApp: whether 3/4 is the third of April; None lets the file tell.
        on_error: Is given the error for each record or document that cannot be read, and the
            rest is read on; without it the first error is raised.

    Yields:
        Conversations in the order of the source. One that could be read only in part is left
        out and its error reported. `meta["notes"]` says what had to be mended. Roles that are
        inferred have `role_guessed`.

    Raises:
        InputError: Something cannot be read, and there is no `on_error`.
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
    return _read(source, format, options, roles)


def _read(
    source: Source, format: str, options: Options, roles: Mapping[str, str] | None
) -> Iterator[Conversation]:
    for document in open_documents(source, options.report):
        for conversation in _read_document(document, format, options):
            yield assign_roles(conversation, roles)


def _read_document(document: Document, format: str, options: Options) -> Iterator[Conversation]:
    with reading(document, options.report):
        text = Text(document.stream, document.source, document.name)
        name = detect_format(text, options.columns) if format == "auto" else format
        if name is None:
            return
        told: list[str] = []
        for conversation in READERS[name].read(text, options):
            new = [note for note in text.notes if note not in told]
            told += new
            yield _with_notes(conversation, new) if new else conversation


def _with_notes(conversation: Conversation, notes: list[str]) -> Conversation:
    known = conversation.meta.get("notes", [])
    return replace(conversation, meta={**conversation.meta, "notes": [*known, *notes]})
