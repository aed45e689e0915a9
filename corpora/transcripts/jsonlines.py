"""JSON Lines of our own: one conversation a line, or one turn a line.

    {"id": "c-1", "turns": [{"speaker": "Ana", "role": "customer", "text": "my order never came"}]}

    {"conversation": "c-1", "speaker": "Ana", "role": "customer", "text": "my order never came"}

Keys that are not ours are ignored, so records and labelled conversations read as transcripts.
A conversation with an unreadable turn is left out whole; one that comes twice is read once.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.transcripts.format import Format, Head
from corpora.transcripts.reading import Options, Unique, surrogates_note, with_notes
from corpora.transcripts.records import Record, read_records
from corpora.transcripts.text import Text
from corpora.transcripts.turn_form import read_meta, read_turn, wrong_value


def read_jsonlines(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the conversations of a document in file order."""
    unique = Unique(text.source)
    theirs = {ours: name for ours, name in options.columns.items() if ours != name}
    group: _Group | None = None
    gap: int | None = None  # a line that could not be read since the last turn

    def report(error: InputError) -> None:
        nonlocal gap
        options.report(error)
        gap = error.line

    for record in read_records(text, report):
        value = _rename(record.value, theirs) if theirs else record.value
        is_whole = "turns" in value
        try:
            identifier = _identifier(value, "id" if is_whole else "conversation", record, text)
        except InputError as error:
            report(error)
            continue
        if group is not None and gap is not None:
            group.miss(gap)
        if group is not None and (is_whole or group.identifier != identifier):
            yield from group.close()
            group = None
        try:
            if is_whole:
                talk = _conversation(value, identifier, record, text)
                if not unique.repeats(identifier, record.line, talk.turns):
                    yield talk
            else:
                if group is None:
                    group = _Group(identifier, text.source, unique, record.line)
                    if gap is not None:
                        group.miss(gap)
                group.add(value, record)
        except InputError as error:
            options.report(error)
        gap = None
    if group is not None:
        if gap is not None:
            group.miss(gap)
        yield from group.close()


class _Group:
    """Turns that come one a line, gathered while their conversation stays the same."""

    def __init__(self, identifier: str, source: str, unique: Unique, line: int) -> None:
        self.identifier = identifier
        self._source = source
        self._turns: list[Turn] = []
        self._notes: list[str] = []
        self._is_refused = False
        self._repeats = _repeats(unique, identifier, line)

    def add(self, value: dict[str, Any], record: Record) -> None:
        """Take the next turn.

        Raises:
            InputError: It cannot be read, and its conversation neither.
        """
        if self._is_refused:
            return
        try:
            if self._repeats is not None:
                raise self._repeats
            self._turns.append(read_turn(value, record.line, self._source, ""))
        except InputError:
            self._is_refused = True
            raise
        self._notes += surrogates_note(self._source, record.line, record.mended)

    def miss(self, line: int) -> None:
        """Note that an unreadable line may have been a turn of this conversation."""
        self._notes.append(f"{self._source}:{line}: unreadable, perhaps a turn of this talk")

    def close(self) -> Iterator[Conversation]:
        """The conversation, unless a turn of it was refused."""
        if not self._is_refused:
            meta = {"notes": self._notes} if self._notes else {}
            yield Conversation(self.identifier, tuple(self._turns), self._source, meta)


def _repeats(unique: Unique, identifier: str, line: int) -> InputError | None:
    try:
        unique.check(identifier, line)
    except InputError as error:
        return error
    return None


def _conversation(
    value: dict[str, Any], identifier: str, record: Record, text: Text
) -> Conversation:
    turns = value["turns"]
    if not isinstance(turns, list):
        raise wrong_value(text.source, record.line, "/turns", turns, "a list of turns")
    read = []
    for index, turn in enumerate(turns):
        if not isinstance(turn, dict):
            raise wrong_value(text.source, record.line, f"/turns/{index}", turn, "an object")
        read.append(read_turn(turn, record.line, text.source, f"/turns/{index}"))
    notes = surrogates_note(text.source, record.line, record.mended)
    meta = with_notes(read_meta(value.get("meta")) or {}, *notes)
    return Conversation(identifier, tuple(read), text.source, meta)


def _identifier(value: dict[str, Any], key: str, record: Record, text: Text) -> str:
    given = value.get(key)
    if type(given) is str:
        return given
    if given is None:
        return f"{text.name}#{record.position}" if key == "id" else text.name
    if type(given) is int:
        return str(given)
    raise wrong_value(text.source, record.line, f"/{key}", given, "a string")


def _rename(value: dict[str, Any], theirs: Mapping[str, str]) -> dict[str, Any]:
    renamed = dict(value)
    for ours, name in theirs.items():
        if name in value:
            renamed[ours] = value[name]
    if isinstance(turns := renamed.get("turns"), list):
        renamed["turns"] = [
            _rename(turn, theirs) if isinstance(turn, dict) else turn for turn in turns
        ]
    return renamed


def _tells(head: Head) -> bool:
    wanted = {"turns", "text", *head.columns.values()}
    return any(wanted & set(value) for value in head.values)


JSON_LINES = Format(
    "jsonl",
    read_jsonlines,
    _tells,
    (".jsonl", ".ndjson", ".json"),
    signs="its JSON has `turns`, or `text`, or the keys that were named",
)
