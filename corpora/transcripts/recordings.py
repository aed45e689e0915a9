"""Recordings that a recogniser wrote down as JSON: an object each, and what may be wrong in one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.transcripts.reading import Options, Unique, surrogates_note, with_notes
from corpora.transcripts.records import read_records
from corpora.transcripts.text import Text


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object stands, for messages about what is in it."""

    source: str
    line: int

    def wrong(self, pointer: str, found: object, expected: str) -> InputError:
        """The error for something in the object that is not as expected.

        Args:
            pointer: Where it is: a JSON pointer.
            found: What stands there; None where there is nothing.
            expected: What should.
        """
        kind = type(found).__name__
        what = "nothing" if found is None else f"{kind} {quoted(repr(found)[:200])}"
        return InputError(
            self.source,
            self.line,
            found=f"{what} at {pointer}",
            expected=expected,
            remedy="export the transcript again, or name its --format",
        )

    def text(self, value: Mapping[str, Any], key: str, pointer: str) -> str:
        """The text under `key`, without blanks around it.

        Raises:
            InputError: There is none.
        """
        found = value.get(key)
        if not isinstance(found, str):
            raise self.wrong(f"{pointer}/{key}", found, "a text")
        return found.strip()


@dataclass(frozen=True, slots=True)
class Recording:
    """What one object holds.

    Attributes:
        turns: In the order in which they are to stand.
        id: What the recogniser calls it, if anything.
        meta: What it says of the whole.
    """

    turns: Sequence[Turn]
    id: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


Take = Callable[[Mapping[str, Any], Place], Recording]


def read_recordings(text: Text, options: Options, take: Take) -> Iterator[Conversation]:
    """Yield a conversation for each object of a document.

    Args:
        text: The document: an object, an array of them, or one a line.
        options: How to read it.
        take: Reads an object, or raises an `InputError`.
    """
    unique = Unique(text.source)
    for record in read_records(text, options.report):
        try:
            recording = take(record.value, Place(text.source, record.line))
            name = text.name if record.position == 1 else f"{text.name}#{record.position}"
            identifier = recording.id or name
            unique.check(identifier, record.line)
        except InputError as error:
            options.report(error)
            continue
        notes = surrogates_note(text.source, record.line, record.mended)
        meta = with_notes(recording.meta, *notes)
        yield Conversation(identifier, tuple(recording.turns), text.source, meta)


def objects(value: object) -> list[Mapping[str, Any]]:
    """The objects in a list; none where there is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def object_of(value: object) -> Mapping[str, Any]:
    """`value` where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def name_of(value: object) -> str:
    """A speaker's name or number as text, "" where there is none; speaker 0 is somebody too."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()


def told(value: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What `value` says under the keys of `names`, by our names for them; nothing empty."""
    return {
        ours: value[theirs]
        for theirs, ours in names.items()
        if value.get(theirs) not in (None, "", [], {})
    }
