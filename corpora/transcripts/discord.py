"""Discord channels as DiscordChatExporter writes them: JSON.

{"guild": {}, "channel": {"name": "help"}, "messages": [{"id": "202", "type": "Reply",
"timestamp": "2024-03-14T09:02:03+02:00", "content": "which version?",
"author": {"name": "ana.p", "nickname": "Ana", "isBot": false},
"reference": {"messageId": "201"}}], "messageCount": 1}
"""

from collections.abc import Iterator, Mapping
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.transcripts.format import Format, Head
from corpora.transcripts.nested import ITEM, Part, read_parts
from corpora.transcripts.reading import (
    Options,
    named,
    read_time,
    surrogates_note,
    unexpected,
    with_notes,
)
from corpora.transcripts.speakers import clean_name
from corpora.transcripts.text import Text

MESSAGES = ("messages",)
# Kinds that people write; all others are notices. Unknown kinds come as numbers: 19 is a reply,
# 20 and 23 are commands, 21 opens a thread.
SAID = frozenset({"Default", "Reply", "19", "20", "21", "23", "ChatInputCommand"})


def read_discord(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the channel in an export."""
    turns: list[Turn] = []
    notes: list[str] = []
    about: dict[str, Any] = {}
    is_complete, missing = False, 0
    for part in read_parts(text, {(), MESSAGES}, options.report):
        if part.path == (*MESSAGES, ITEM):
            try:
                turns.append(_turn(part, text.source))
            except InputError as error:
                options.report(error)
                missing += 1
            notes += surrogates_note(text.source, part.line, part.mended)
        elif not part.is_end:
            about["/".join(part.path)] = part.value
        elif part.path == ():
            is_complete = True
    if missing:
        notes.append(f"{text.source}: {missing} messages could not be read")
    count = about.get("messageCount")
    if isinstance(count, int) and count != len(turns) + missing:
        notes.append(f"{text.source}: {len(turns)} messages where the export counts {count}")
    if turns and is_complete:
        meta = {
            key: value["name"]
            for key in ("guild", "channel")
            if isinstance(value := about.get(key), dict) and isinstance(value.get("name"), str)
        }
        yield Conversation(text.name, tuple(turns), text.source, with_notes(meta, *notes))


def _turn(part: Part, source: str) -> Turn:
    message = part.value
    if not isinstance(message, dict):
        raise unexpected(source, part.line, message, "a message")
    said, author = message.get("content"), message.get("author")
    if not isinstance(said, str) or not isinstance(author, dict):
        raise unexpected(source, part.line, message, "a message with 'content' and 'author'")
    speaker = clean_name(_name(author))
    meta: dict[str, Any] = {}
    if isinstance(identifier := message.get("id"), str):
        meta["id"] = identifier
    time = read_time(message.get("timestamp"))
    if time is None and message.get("timestamp") is not None:
        meta["time"] = message["timestamp"]
    if isinstance(edited := message.get("timestampEdited"), str):
        meta["edited"] = edited
    reference = message.get("reference")
    if isinstance(reference, dict) and isinstance(reference.get("messageId"), str):
        meta["reply_to"] = reference["messageId"]
    if files := named(message.get("attachments"), "fileName"):
        meta["files"] = files
    if stickers := named(message.get("stickers"), "name"):
        meta["stickers"] = stickers
    if author.get("isBot") is True:
        meta["bot"] = True
    forwarded = message.get("forwardedMessage")
    if not said and isinstance(forwarded, dict) and isinstance(forwarded.get("content"), str):
        said, meta["forwarded"] = forwarded["content"], True
    if not said:
        said = _of_embeds(message.get("embeds"))
    if str(message.get("type", "Default")) not in SAID:
        meta |= {"kind": "system", "by": speaker}
        return Turn(said, "", "system", time=time, line=part.line, meta=meta)
    return Turn(said, speaker, time=time, line=part.line, meta=meta)


def _name(author: Mapping[str, Any]) -> str:
    for key in ("nickname", "name"):
        if isinstance(name := author.get(key), str) and name:
            return name
    return str(author.get("id", ""))


def _of_embeds(embeds: object) -> str:
    """What bots say in boxes."""
    said = []
    for embed in embeds if isinstance(embeds, list) else ():
        if isinstance(embed, dict):
            lines = (embed.get(key) for key in ("title", "description"))
            said += [line for line in lines if isinstance(line, str) and line]
    return "\n".join(said)


def _tells(head: Head) -> bool:
    return any(
        {"guild", "channel"} <= set(value) and {"messages", "exportedAt", "dateRange"} & set(value)
        for value in head.values
    )


DISCORD = Format(
    "discord", read_discord, _tells, signs="it has the keys guild, channel and messages"
)
