"""Intercom conversations: as JSON, an array, or one a line.

    {"type": "conversation", "id": "1", "created_at": 1710406800,
     "source": {"body": "<p>my light broke</p>", "author": {"type": "user", "name": "Dana"}},
     "conversation_parts": {"conversation_parts": [], "total_count": 0}}

Internal notes are read and marked: `meta["kind"] == "note"`. What was done with the
conversation (assigned, closed, snoozed) is a turn of the system.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from corpora.conversation import Conversation, Role, Turn
from corpora.transcripts.format import Format, Head
from corpora.transcripts.html_text import html_to_text
from corpora.transcripts.moments import epoch_time
from corpora.transcripts.reading import (
    Options,
    named,
    read_each,
    read_time,
    record_name,
    surrogates_note,
    unexpected,
    with_notes,
)
from corpora.transcripts.records import Record
from corpora.transcripts.text import Text

ROLES: Mapping[str, Role] = {
    "user": "customer", "lead": "customer", "contact": "customer", "visitor": "customer",
    "admin": "agent", "team": "agent", "teammate": "agent", "bot": "agent",
}  # fmt: skip
SAID = frozenset({"comment", "open", "close", "assignment", "quick_reply"})


def read_intercom(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the conversations of a document."""
    return read_each(text, options, _listed, _conversation)


def _listed(value: Mapping[str, Any]) -> list[object]:
    listed = value.get("conversations")
    return listed if isinstance(listed, list) else [value]


def _conversation(value: object, record: Record, text: Text) -> Conversation:
    held = value if isinstance(value, dict) else {}
    parts, count = held.get("conversation_parts"), None
    if isinstance(parts, dict):
        count, parts = parts.get("total_count"), parts.get("conversation_parts")
    first = held.get("source")
    if not isinstance(parts, list) or not isinstance(first, dict):
        raise unexpected(
            text.source, record.line, value, "a conversation with 'source' and 'conversation_parts'"
        )
    opening = {"created_at": held.get("created_at"), **first, "part_type": "comment"}
    turns = tuple(
        turn
        for index, part in enumerate([opening, *parts])
        if (turn := _turn(part, index, record, text)) is not None
    )
    notes = list(surrogates_note(text.source, record.line, record.mended))
    if isinstance(count, int) and count > len(parts):
        notes.append(
            f"{text.source}:{record.line}: {count - len(parts)} parts are not in the export"
        )
    name = record_name(held, record, text)
    meta = {"title": title} if isinstance(title := held.get("title"), str) and title else {}
    return Conversation(name, turns, text.source, with_notes(meta, *notes))


def _turn(part: object, index: int, record: Record, text: Text) -> Turn | None:
    """A part as a turn; None for an opening without a word, as when the firm wrote first."""
    if not isinstance(part, dict):
        raise unexpected(
            text.source, record.line, part, f"a part at /conversation_parts/{index - 1}"
        )
    body = part.get("body")
    if body is not None and not isinstance(body, str):
        raise unexpected(text.source, record.line, body, "text or null in 'body'")
    said = html_to_text(body or "")
    author = part.get("author")
    author = author if isinstance(author, dict) else {}
    word, kind = author.get("type"), part.get("part_type")
    meta: dict[str, Any] = {}
    if isinstance(part.get("id"), int | str):
        meta["id"] = str(part["id"])
    if isinstance(word, str):
        meta["source_role"] = word
    if part.get("redacted") is True:
        meta["redacted"] = True
    if names := named(part.get("attachments"), "name"):
        meta["files"] = names
    if word == "bot" or author.get("from_ai_agent") is True:
        meta["bot"] = True
    created = part.get("created_at")
    time = epoch_time(created) or read_time(created)
    name = author.get("name")
    speaker = name if isinstance(name, str) and name else str(word or "")
    role: Role | None = ROLES.get(word) if isinstance(word, str) else None
    if not said and not names:
        if index == 0:
            return None
        meta |= {"kind": "system", "action": kind, "by": speaker}
        return Turn("", "", "system", time=time, line=record.line, meta=meta)
    if isinstance(kind, str) and kind.startswith("note"):
        meta["kind"] = "note"
    elif isinstance(kind, str) and kind not in SAID:
        meta["action"] = kind
    return Turn(said, speaker, role, time=time, line=record.line, meta=meta)


def _is_conversation(value: object) -> bool:
    return isinstance(value, dict) and "conversation_parts" in value and "source" in value


def _tells(head: Head) -> bool:
    for value in head.values:
        listed = value.get("conversations")
        if _is_conversation(value):
            return True
        if value.get("type") == "conversation" and isinstance(value.get("source"), dict):
            return True
        if isinstance(listed, list) and listed[:1] and _is_conversation(listed[0]):
            return True
    return False


INTERCOM = Format(
    "intercom",
    read_intercom,
    _tells,
    signs="its conversations have a source and conversation_parts",
)
