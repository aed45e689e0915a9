"""Claude's data export: conversations.json, an array of conversations.

[{"uuid": "c1", "name": "Trip", "chat_messages": [{"uuid": "m1", "sender": "human",
"text": "plan a trip", "created_at": "2024-03-14T09:00:01.000000Z"}]}]
"""

from collections.abc import Iterator, Mapping
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.roles import role_of_word
from corpora.transcripts.format import Format, Head
from corpora.transcripts.reading import (
    Options,
    named,
    read_each,
    read_time,
    surrogates_note,
    unexpected,
    with_notes,
)
from corpora.transcripts.records import Record
from corpora.transcripts.text import Text


def read_claude(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the conversations of an export; those in which nothing was said are none."""
    return read_each(text, options, lambda value: [value], _conversation)


def _conversation(value: Mapping[str, Any], record: Record, text: Text) -> Conversation:
    messages = value.get("chat_messages")
    if not isinstance(messages, list):
        raise unexpected(text.source, record.line, messages, "'chat_messages': a list of messages")
    turns = tuple(
        _turn(message, f"/chat_messages/{index}", record.line, text.source)
        for index, message in enumerate(messages)
    )
    identifier, name = value.get("uuid"), value.get("name")
    if not isinstance(identifier, str):
        identifier = f"{text.name}#{record.position}"
    meta = {"title": name} if isinstance(name, str) and name else {}
    notes = surrogates_note(text.source, record.line, record.mended)
    return Conversation(identifier, turns, text.source, with_notes(meta, *notes))


def _turn(message: object, pointer: str, line: int, source: str) -> Turn:
    if not isinstance(message, dict) or not isinstance(message.get("sender"), str):
        raise unexpected(source, line, message, f"a message with a sender at {pointer}")
    said = message.get("text")
    if not isinstance(said, str) or not said:
        said = _of_content(message.get("content"))
    if said is None:
        raise unexpected(source, line, message.get("text"), f"text at {pointer}/text")
    word = message["sender"]
    meta: dict[str, Any] = {"source_role": word}
    if isinstance(message.get("uuid"), str):
        meta["id"] = message["uuid"]
    names = [
        name
        for key in ("attachments", "files", "files_v2")
        for name in named(message.get(key), "file_name")
    ]
    if names:
        meta["files"] = list(dict.fromkeys(names))
    time = read_time(message.get("created_at"))
    return Turn(said, word, role_of_word(word), time=time, line=line, meta=meta)


def _of_content(content: object) -> str | None:
    """The text of a message in parts; thoughts and calls of tools are no part of it."""
    if content is None or not isinstance(content, list):
        return "" if content is None else None
    said = [
        part["text"]
        for part in content
        if isinstance(part, Mapping)
        and part.get("type", "text") == "text"
        and isinstance(part.get("text"), str)
    ]
    return "\n".join(said)


def _tells(head: Head) -> bool:
    return any(isinstance(value.get("chat_messages"), list) for value in head.values)


CLAUDE = Format("claude", read_claude, _tells, signs="its conversations have chat_messages")
