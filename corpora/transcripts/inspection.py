"""What is in a document, looked at before anything is done with it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from corpora.conversation import Conversation, Role, Turn
from corpora.errors import InputError
from corpora.transcripts.read import Opened, read_documents
from corpora.transcripts.sources import Source


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who speaks: a name, a role, and whether that was guessed."""

    name: str
    role: Role | None
    role_guessed: bool


@dataclass(slots=True)
class Inspection:
    """What a document was found to hold.

    Attributes:
        opened: Its format and why, and its encoding; None where it could not be opened.
        conversations: How many could be read.
        turns: How many there are in those.
        speakers: Who speaks, and in how many turns.
        first: The earliest time that is told, and the earliest of those without a zone.
        last: The latest, likewise.
        seconds: How long its longest recording is, where it is one.
        opening: The first turns.
        notes: What had to be mended, or was guessed.
        skipped: Why records or all of it could not be read.
    """

    opened: Opened | None = None
    conversations: int = 0
    turns: int = 0
    speakers: Counter[Speaker] = field(default_factory=Counter)
    first: dict[bool, datetime] = field(default_factory=dict)
    last: dict[bool, datetime] = field(default_factory=dict)
    seconds: float | None = None
    opening: list[Turn] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: list[InputError] = field(default_factory=list)

    def add(self, conversation: Conversation, wanted: int) -> None:
        """Count a conversation; `wanted` says how many turns `opening` may hold."""
        self.conversations += 1
        self.notes += map(str, conversation.meta.get("notes", ()))
        for turn in conversation.turns:
            self.turns += 1
            self.speakers[Speaker(turn.speaker, turn.role, turn.role_guessed)] += 1
            if len(self.opening) < wanted:
                self.opening.append(turn)
            if turn.time is not None:
                # A moment with a zone and one without cannot be compared.
                has_zone = turn.time.tzinfo is not None
                self.first[has_zone] = min(self.first.get(has_zone, turn.time), turn.time)
                self.last[has_zone] = max(self.last.get(has_zone, turn.time), turn.time)
            end = turn.meta.get("end")
            if isinstance(end, int | float):
                self.seconds = max(self.seconds or 0.0, float(end))


def inspect_transcript(
    source: Source,
    *,
    turns: int = 3,
    format: str = "auto",
    columns: Mapping[str, str] | None = None,
    roles: Mapping[str, str] | None = None,
) -> Iterator[Inspection]:
    """Look at each document of a source; every one is read to its end.

    Args:
        source: As for `read_transcript`, like what follows `turns`.
        turns: How many of the first turns to keep.
        format: One of `FORMATS`, or `auto`.
        columns: Our names to theirs.
        roles: Their speakers or words to our roles.
    """
    opened: list[Opened] = []
    errors: list[InputError] = []
    documents = read_documents(
        source,
        format=format,
        columns=columns,
        roles=roles,
        on_error=errors.append,
        on_open=opened.append,
    )
    yield from inspect_documents(documents, opened, errors, turns)


def inspect_documents(
    documents: Iterable[Iterable[Conversation]],
    opened: list[Opened],
    errors: list[InputError],
    turns: int,
    unopened: Callable[[], Opened | None] = lambda: None,
) -> Iterator[Inspection]:
    """Look at documents that somebody else opens.

    Args:
        documents: The conversations of each.
        opened: Grows when one is opened.
        errors: Grows while they are read.
        turns: How many of the first turns to keep.
        unopened: What is known of a document that did not say.
    """
    for document in documents:
        found = Inspection()
        for conversation in document:
            found.add(conversation, turns)
        found.opened = opened.pop() if opened else unopened()
        found.skipped = errors.copy()
        errors.clear()
        yield found
    if errors:  # of what could not be opened at all
        yield Inspection(skipped=errors.copy())
