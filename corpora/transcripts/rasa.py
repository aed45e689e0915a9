"""Rasa trackers: the events of a dialogue, as JSON, an array, or one a line.

    {"sender_id": "d1", "events": [
      {"event": "user", "timestamp": 1710406801.2, "text": "table in Oulu",
       "parse_data": {"intent": {"name": "book"}, "entities": []}},
      {"event": "slot", "name": "city", "value": "Oulu"},
      {"event": "bot", "timestamp": 1710406801.6, "text": "For how many?"}]}

The slots that are set after a user's turn are what was understood of it: they stay with that
turn in `meta["slots"]`. Words that a user took back were said: their turns are marked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from corpora.conversation import Conversation, Role, Turn
from corpora.errors import InputError
from corpora.transcripts.format import Format, Head
from corpora.transcripts.moments import epoch_time
from corpora.transcripts.reading import (
    Options,
    Unique,
    surrogates_note,
    unexpected,
    with_notes,
)
from corpora.transcripts.records import Record, read_records
from corpora.transcripts.text import Text

SPEAKERS: Mapping[str, Role] = {"user": "customer", "bot": "agent", "agent": "agent"}
# Events without which a stream of JSON with the key `event` would be no tracker's.
EVENTS = frozenset({
    "user", "bot", "agent", "action", "slot", "session_started", "session_ended", "restart",
    "rewind", "undo", "active_loop", "form", "followup", "reminder", "entities",
    "user_featurization", "reset_slots", "pause", "resume", "export", "loop_interrupted",
})  # fmt: skip


def read_rasa(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the dialogues of a document: trackers, or events one a line, in their order."""
    unique = Unique(text.source)
    loose: dict[str, _Dialogue] = {}
    for record in read_records(text, options.report):
        events, sender = record.value.get("events"), record.value.get("sender_id")
        try:
            if "event" in record.value and events is None:
                name = str(sender) if isinstance(sender, int | str) else text.name
                dialogue = loose.setdefault(name, _Dialogue(name, text.source))
                dialogue.take(record.value, record)
                dialogue.notes += surrogates_note(text.source, record.line, record.mended)
                continue
            if not isinstance(events, list):
                raise unexpected(text.source, record.line, events, "'events': a list of events")
            name = (
                str(sender) if isinstance(sender, int | str) else (f"{text.name}#{record.position}")
            )
            unique.check(name, record.line)
            dialogue = _Dialogue(name, text.source)
            for event in events:
                dialogue.take(event, record)
            dialogue.notes += surrogates_note(text.source, record.line, record.mended)
        except InputError as error:
            options.report(error)
            continue
        yield from dialogue.close()
    for name, dialogue in loose.items():
        unique.check(name, 1)
        yield from dialogue.close()


class _Dialogue:
    """The turns of one sender, gathered event by event."""

    def __init__(self, name: str, source: str) -> None:
        self.notes: list[str] = []
        self._name = name
        self._source = source
        self._turns: list[Turn] = []
        self._session = 0

    def take(self, event: object, record: Record) -> None:
        """Take the next event.

        Raises:
            InputError: It is no event.
        """
        if not isinstance(event, dict) or not isinstance(event.get("event"), str):
            raise unexpected(self._source, record.line, event, "an event")
        kind = event["event"]
        if kind in SPEAKERS:
            self._turns.append(self._turn(event, kind, record.line))
        elif kind == "slot" and isinstance(event.get("name"), str):
            self._add("slots", {event["name"]: event.get("value")})
        elif kind in ("session_started", "restart"):
            self._session += bool(self._turns)
        elif kind in ("rewind", "undo"):
            self._take_back()

    def close(self) -> Iterator[Conversation]:
        """The conversation; none where nobody spoke."""
        if self._turns:
            meta = with_notes({}, *self.notes)
            yield Conversation(self._name, tuple(self._turns), self._source, meta)

    def _turn(self, event: Mapping[str, Any], kind: str, line: int) -> Turn:
        meta: dict[str, Any] = {}
        if isinstance(identifier := event.get("message_id"), str):
            meta["id"] = identifier
        if self._session:
            meta["session"] = self._session
        parsed = event.get("parse_data")
        if kind == "user" and isinstance(parsed, dict):
            intent = parsed.get("intent")
            if isinstance(intent, dict) and isinstance(intent.get("name"), str):
                meta["intent"] = intent["name"]
            if isinstance(entities := parsed.get("entities"), list) and entities:
                meta["entities"] = entities
        said, about = event.get("text"), event.get("data")
        if kind != "user" and isinstance(about, dict):
            kept = {key: value for key, value in about.items() if value and key != "elements"}
            if kept:
                meta["data"] = kept
        if not isinstance(said, str):
            if said is not None:
                raise unexpected(self._source, line, said, "text or null in 'text'")
            said, meta["kind"] = "", "media"
        elif kind == "user" and said.startswith("/"):
            meta["kind"] = "command"  # a button: /intent{"slot": "value"}
        time = epoch_time(event.get("timestamp"))
        return Turn(said, kind, SPEAKERS[kind], time=time, line=line, meta=meta)

    def _add(self, key: str, facts: Mapping[str, Any]) -> None:
        for place in range(len(self._turns) - 1, -1, -1):
            turn = self._turns[place]
            if turn.role == "customer":
                meta = {**turn.meta, key: {**turn.meta.get(key, {}), **facts}}
                self._turns[place] = replace(turn, meta=meta)
                return

    def _take_back(self) -> None:
        for place in range(len(self._turns) - 1, -1, -1):
            turn = self._turns[place]
            if turn.role == "customer" and "taken_back" not in turn.meta:
                self._turns[place] = replace(turn, meta={**turn.meta, "taken_back": True})
                return


def _is_event(value: object) -> bool:
    return isinstance(value, dict) and str(value.get("event")) in EVENTS


def _tells(head: Head) -> bool:
    for value in head.values:
        events = value.get("events")
        if isinstance(events, list) and (
            any(map(_is_event, events)) or (not events and "sender_id" in value)
        ):
            return True
        if _is_event(value) and "timestamp" in value:
            return True
    return False


RASA = Format("rasa", read_rasa, _tells, signs="its events are those of a Rasa tracker")
