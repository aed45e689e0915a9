"""Amazon Connect Contact Lens, calls and chats, and Transcribe Call Analytics: rows with roles.

    {"Channel": "VOICE", "CustomerMetadata": {"ContactId": "c"}, "Transcript": [
        {"ParticipantId": "p1", "ParticipantRole": "AGENT", "Content": "Tern Bank, hello.",
         "BeginOffsetMillis": 0, "EndOffsetMillis": 3200, "Id": "i"}]}

Calls count milliseconds, chats name moments and people. Call Analytics says of each word how sure
it is. Text that was redacted reads `[PII]` and is kept so.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from corpora.conversation import Conversation, Role, Turn
from corpora.roles import role_of_word
from corpora.transcripts.format import Format, Head
from corpora.transcripts.reading import Options, read_time
from corpora.transcripts.recognised import Stretch, Word, milliseconds, probability, turn_of
from corpora.transcripts.recordings import (
    Place,
    Recording,
    name_of,
    object_of,
    objects,
    read_recordings,
    told,
)
from corpora.transcripts.text import Text

TOLD = {
    "Id": "id",
    "Sentiment": "sentiment",
    "LoudnessScores": "loudness",
    "IssuesDetected": "issues",
    "Redaction": "redaction",
    "Attachments": "attachments",
}
INTERACTIVE = "application/vnd.amazonaws.connect.message.interactive"
BOT = "CUSTOM_BOT"


def read_contact_lens(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the contacts, or the jobs of Call Analytics, of a document."""
    return read_recordings(text, options, _take)


def _take(value: Mapping[str, Any], place: Place) -> Recording:
    rows, pointer = value.get("Transcript"), "/Transcript"
    if rows is None and isinstance(value.get("Segments"), list):
        # While a call runs: utterances are drafts of the transcripts that follow them.
        rows, pointer = [one.get("Transcript") for one in objects(value["Segments"])], "/Segments"
        rows = [row for row in rows if row is not None]
    if not isinstance(rows, list):
        raise place.wrong(pointer, rows, "a list of what was said")
    known = {
        name_of(one.get("ParticipantId")): name_of(one.get("ParticipantRole"))
        for one in objects(value.get("Participants"))
    }
    turns = [_turn(row, f"{pointer}/{index}", known, place) for index, row in enumerate(rows)]
    customer = object_of(value.get("CustomerMetadata"))
    identifier = next(
        filter(
            None,
            (
                name_of(customer.get("ContactId")),
                name_of(value.get("ContactId")),
                name_of(value.get("JobName")),
            ),
        ),
        None,
    )
    meta = told(value, {"Channel": "channel", "LanguageCode": "language"})
    return Recording(turns, identifier, meta)


def _turn(row: object, pointer: str, known: Mapping[str, str], place: Place) -> Turn:
    if not isinstance(row, dict):
        raise place.wrong(pointer, row, "an object")
    participant = name_of(row.get("ParticipantId"))
    word = name_of(row.get("ParticipantRole")) or known.get(participant, "")
    name = name_of(row.get("DisplayName")) or word or participant
    meta = told(row, TOLD)
    if word:
        meta["source_role"] = word
    if row.get("Type") in ("EVENT", "ATTACHMENT") and row.get("Content") is None:
        return _event(row, name, word, meta, place)
    said = place.text(row, "Content", pointer)
    if row.get("ContentType") == INTERACTIVE:
        meta["content"], said = said, _shown(said)
    stretch = Stretch(
        name,
        _role(word),
        milliseconds(row.get("BeginOffsetMillis")),
        milliseconds(row.get("EndOffsetMillis")),
        meta,
    )
    turn = turn_of(said, _words(row), stretch, place.line)
    return _at(turn, row)


def _event(row: Mapping[str, Any], name: str, word: str, meta: dict[str, Any], at: Place) -> Turn:
    """Somebody came, left or sent a file: nothing was said."""
    kind = str(row["Type"]).lower()
    meta = {"kind": kind, **told(row, {"ContentType": "content_type"}), **meta}
    if kind == "attachment":
        return _at(Turn("", name, _role(word), line=at.line, meta=meta), row)
    return _at(Turn("", "", "system", line=at.line, meta={**meta, "participant": name}), row)


def _at(turn: Turn, row: Mapping[str, Any]) -> Turn:
    time = read_time(row.get("AbsoluteTime"))
    return Turn(turn.text, turn.speaker, turn.role, time=time, line=turn.line, meta=turn.meta)


def _role(word: str) -> Role | None:
    return "agent" if word == BOT else role_of_word(word)


def _words(row: Mapping[str, Any]) -> list[Word]:
    return [
        Word(
            str(item.get("Content", "")),
            milliseconds(item.get("BeginOffsetMillis")),
            milliseconds(item.get("EndOffsetMillis")),
            probability(item.get("Confidence")),
        )
        for item in objects(row.get("Items"))
        if item.get("Type") != "punctuation"
    ]


def _shown(content: str) -> str:
    """What a customer sees of a list to pick from: its titles, a line each."""
    try:
        shown = object_of(object_of(json.loads(content)).get("data"))
    except (ValueError, RecursionError):
        return content
    body = object_of(shown.get("content"))
    lines = [body.get("title"), body.get("subtitle")]
    lines += [element.get("title") for element in objects(body.get("elements"))]
    return "\n".join(line for line in lines if isinstance(line, str) and line) or content


def _tells(head: Head) -> bool:
    return any(map(_is_contact, head.values))


def _is_contact(value: Mapping[str, Any]) -> bool:
    rows = objects(value.get("Transcript"))
    if rows and "ParticipantRole" in rows[0]:
        return True
    if {"ContactId", "InputS3Uri"} & object_of(value.get("CustomerMetadata")).keys():
        return True
    if value.keys() >= {"Transcript", "JobName"} or value.keys() >= {"JobName", "Participants"}:
        return True
    live = objects(value.get("Segments"))
    return bool(live) and bool(live[0].keys() & {"Transcript", "Utterance", "Categories"})


CONTACT_LENS = Format(
    "contact-lens",
    read_contact_lens,
    _tells,
    signs="its JSON has a `Transcript` whose rows have `ParticipantRole`",
)
