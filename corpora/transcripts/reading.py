"""What every reader is given besides the text, and small things they all need."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.transcripts.records import Record, read_records
from corpora.transcripts.text import Report, Text


@dataclass(frozen=True, slots=True)
class Options:
    """How to read.

    Attributes:
        report: Is given each error; where it returns, the record is left out.
        columns: Our names to the document's, for tables and JSON Lines.
        day_first: Whether 3/4 is the third of April; None where the document has to tell.
        is_forced: Whether the caller named the format, so that no further proof is needed.
    """

    report: Report
    columns: Mapping[str, str] = field(default_factory=dict)
    day_first: bool | None = None
    is_forced: bool = False


Reader = Callable[[Text, Options], Iterator[Conversation]]


class Unique:
    """Refuses the second conversation of one name in a document."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._seen: dict[str, int] = {}

    def check(self, identifier: str, line: int) -> None:
        """Remember `identifier`.

        Raises:
            InputError: It stood in the document before.
        """
        if identifier in self._seen:
            raise self._again(identifier, line)
        self._seen[identifier] = 0

    def repeats(self, identifier: str, line: int, turns: Sequence[Turn]) -> bool:
        """Whether the same was said before under this name; remembers it.

        Raises:
            InputError: Something else was.
        """
        said = hash(tuple([(turn.speaker, turn.text) for turn in turns]))
        if identifier not in self._seen:
            self._seen[identifier] = said
            return False
        if self._seen[identifier] != said:
            raise self._again(identifier, line)
        return True

    def _again(self, identifier: str, line: int) -> InputError:
        return InputError(
            self._source,
            line,
            found=f"conversation {quoted(identifier)} again",
            expected="each conversation once, its turns together",
            remedy="rename it, or sort the file by conversation",
        )


Value = TypeVar("Value")


def read_each(
    text: Text,
    options: Options,
    values: Callable[[Mapping[str, Any]], Iterable[Value]],
    read: Callable[[Value, Record, Text], Conversation],
) -> Iterator[Conversation]:
    """Yield the conversations of a document of records; those in which nothing was said are none.

    Args:
        text: The document.
        options: How to read it.
        values: What of a record is to be a conversation each.
        read: Reads one of these, or raises an `InputError`.
    """
    unique = Unique(text.source)
    for record in read_records(text, options.report):
        for value in values(record.value):
            try:
                conversation = read(value, record, text)
                unique.check(conversation.id, record.line)
            except InputError as error:
                options.report(error)
                continue
            if conversation.turns:
                yield conversation


def refuse(error: InputError) -> NoReturn:
    """Report by raising: for formats in which one unreadable line makes the rest doubtful."""
    raise error


def unexpected(source: str, line: int | None, found: object, expected: str) -> InputError:
    """The error for a JSON value that is not what its place in a format asks for."""
    what = "nothing" if found is None else f"{type(found).__name__} {quoted(repr(found)[:200])}"
    return InputError(
        source, line, found=what, expected=expected, remedy="mend the record, or name its --format"
    )


def named(things: object, key: str) -> list[str]:
    """What the objects of a JSON array are called: the files of a message, say."""
    if not isinstance(things, list):
        return []
    names = [thing.get(key) for thing in things if isinstance(thing, dict)]
    return [name for name in names if isinstance(name, str)]


def record_name(value: Mapping[str, Any], record: Record, text: Text) -> str:
    """What the conversation of a record is called: its id, or its place in the document."""
    identifier = value.get("id")
    if isinstance(identifier, int | str) and not isinstance(identifier, bool):
        return str(identifier)
    return f"{text.name}#{record.position}"


def with_notes(meta: Mapping[str, Any], *notes: str) -> dict[str, Any]:
    """`meta` with what had to be mended or left out, in words."""
    return {**meta, "notes": [*meta.get("notes", ()), *notes]} if notes else dict(meta)


def surrogates_note(source: str, line: int, mended: int) -> tuple[str, ...]:
    """What to say of lone surrogates that were replaced; nothing where there were none."""
    return (f"{source}:{line}: {mended} lone surrogates replaced by U+FFFD",) if mended else ()


def read_time(value: object) -> datetime | None:
    """A date with a time in ISO form; None for anything else, since nothing is to be guessed."""
    if not isinstance(value, str) or len(value) < len("2024-03-14T09:05"):
        return None
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        return None
