r"""Telegram Desktop's result.json: one chat, or an account with all of them.

    {"name": "Desk", "type": "personal_chat", "id": 42, "messages": [{"id": 2, "type": "message",
     "date": "2024-03-14T10:01:00", "date_unixtime": "1710403260", "from": "Dana",
     "from_id": "user1001", "text": ["order ", {"type": "bold", "text": "88213"}]}]}

Versions of the program write what is no JSON: `\x0B` for control characters, and a document_id
without quotes. Both are repaired where they stand.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.transcripts.format import Export, Format, Head
from corpora.transcripts.moments import epoch_time
from corpora.transcripts.nested import ITEM, Part, read_parts
from corpora.transcripts.reading import (
    Options,
    Unique,
    read_time,
    surrogates_note,
    unexpected,
    with_notes,
)
from corpora.transcripts.speakers import clean_name
from corpora.transcripts.text import Text

CHATS = tuple((place, "list", ITEM) for place in ("chats", "left_chats"))
ENTERED = frozenset({
    (), ("messages",), ("chats",), ("left_chats",), ("chats", "list"), ("left_chats", "list"),
    *CHATS, *((*chat, "messages") for chat in CHATS),
})  # fmt: skip
ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)
BARE_DOCUMENT = re.compile(
    r'("document_id":[ \t]*)([^\s"{\[\d-][^\r\n]{0,300}?)(?=,?[ \t]{0,9}\r?\n)'
)
LONGEST_BARE = 1000  # characters of a line that may hold a bare document_id, when pieces are cut
MARKS = frozenset({"message", "service", "unsupported"})


def read_telegram(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the chats of an export, one at a time."""
    unique = Unique(text.source)
    chat = _Chat()
    for part in read_parts(text, ENTERED, options.report, _mend):
        place = part.path[:3] if part.path[:3] in CHATS else ()
        inside = part.path[len(place) :]
        if inside == ("messages", ITEM) and not part.is_end:
            try:
                chat.turns.append(_turn(part, text.source))
            except InputError as error:
                options.report(error)
                chat.missing += 1
            chat.notes += surrogates_note(text.source, part.line, part.mended)
        elif len(inside) == 1 and not part.is_end and not isinstance(part.value, dict | list):
            chat.about[inside[0]] = part.value
        elif inside == () and part.is_end and (place or "messages" in chat.seen):
            yield from chat.close(text, unique, options, is_only=not place)
            chat = _Chat()
        if inside[:1] == ("messages",):
            chat.seen.add("messages")


class _Chat:
    """One chat, gathered message by message."""

    def __init__(self) -> None:
        self.about: dict[str, Any] = {}
        self.turns: list[Turn] = []
        self.notes: list[str] = []
        self.seen: set[str] = set()
        self.missing = 0

    def close(
        self, text: Text, unique: Unique, options: Options, *, is_only: bool
    ) -> Iterator[Conversation]:
        """The conversation; none where nobody wrote anything."""
        if not self.turns:
            return
        name = text.name if is_only else f"{text.name}/{self.about.get('id', self.turns[0].line)}"
        try:
            unique.check(name, self.turns[0].line or 1)
        except InputError as error:
            options.report(error)
            return
        if self.missing:
            self.notes.append(f"{text.source}: {self.missing} messages could not be read")
        meta = {key: self.about[key] for key in ("name", "type", "id") if self.about.get(key)}
        yield Conversation(name, tuple(self.turns), text.source, with_notes(meta, *self.notes))


def _turn(part: Part, source: str) -> Turn:
    message = part.value
    if not isinstance(message, dict) or not {"type", "text", "from"} & set(message):
        raise unexpected(source, part.line, message, "a message")
    meta: dict[str, Any] = {}
    if isinstance(identifier := message.get("id"), int | str):
        meta["id"] = str(identifier)
    time = epoch_time(message.get("date_unixtime")) or read_time(message.get("date"))
    if time is None and message.get("date") is not None:
        meta["time"] = message["date"]
    if isinstance(reply := message.get("reply_to_message_id"), int | str):
        meta["reply_to"] = str(reply)
    edited = epoch_time(message.get("edited_unixtime")) or read_time(message.get("edited"))
    if edited is not None:
        meta["edited"] = edited.isoformat()
    for key in ("forwarded_from", "via_bot", "media_type", "sticker_emoji"):
        if isinstance(message.get(key), str):
            meta[key] = message[key]
    said = _said(message)
    if message.get("type", "message") != "message":
        actor = message.get("actor")
        meta |= {"kind": "system", "action": message.get("action")}
        if isinstance(actor, str):
            meta["by"] = clean_name(actor)
        return Turn(said, "", "system", time=time, line=part.line, meta=meta)
    if not said and {"photo", "file", "media_type", "poll", "location_information"} & set(message):
        meta["kind"] = "media"
    speaker = message.get("from")
    if not isinstance(speaker, str):
        number = str(message.get("from_id") or "").removeprefix("user")
        speaker = f"deleted account {number}".strip()
    return Turn(said, clean_name(speaker), time=time, line=part.line, meta=meta)


def _said(message: dict[str, Any]) -> str:
    """The text; `text_entities` holds all of it in newer files, `text` may be in pieces."""
    pieces = message.get("text_entities") or message.get("text") or ""
    if isinstance(pieces, str):
        return pieces
    said = []
    for piece in pieces if isinstance(pieces, list) else ():
        text = piece.get("text") if isinstance(piece, dict) else piece
        if isinstance(text, str):
            said.append(text)
    return "".join(said)


def _mend(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces with what no JSON reader takes repaired; they are cut where no repair is."""
    kept = ""
    for piece in pieces:
        whole = kept + piece
        # Neither an escape nor a line with a document_id may lie in two pieces.
        end = whole.rfind("\n") + 1
        if not end or len(whole) - end > LONGEST_BARE:
            end = max(end, len(whole.rstrip("\\")) - 3)
            while end > 0 and "\\" in whole[max(end - 3, 0) : end]:
                end -= 1
        yield _repaired(whole[:end])
        kept = whole[end:]
    yield _repaired(kept)


def _repaired(piece: str) -> str:
    if "\\x" in piece:
        piece = ESCAPE.sub(lambda match: f"\\u00{match[1]}" if match[1] else match[0], piece)
    if '"document_id"' in piece:
        piece = BARE_DOCUMENT.sub(_quote, piece)
    return piece


def _quote(match: re.Match[str]) -> str:
    inside = match[2].replace("\\", "\\\\").replace('"', '\\"')
    return f'{match[1]}"{inside}"'


def _is_chat(value: Any) -> bool:
    messages = value.get("messages")
    if not isinstance(messages, list):
        return False
    if not messages:
        return {"name", "type", "id"} <= set(value)
    first = messages[0] if isinstance(messages[0], dict) else {}
    return (
        bool({"date_unixtime", "from_id", "actor_id", "text_entities"} & set(first))
        or ({"type", "text"} <= set(first) and bool({"from", "actor"} & set(first)))
        or (str(first.get("type")) in MARKS and {"name", "type", "id"} <= set(value))
    )


def _tells(head: Head) -> bool:
    for value in head.values:
        chats = value.get("chats")
        if isinstance(chats, dict) and "list" in chats:
            return True
        about = value.get("about")
        if isinstance(about, str) and "Telegram" in about and "personal_information" in value:
            return True  # the chats come behind contacts and sessions
        if _is_chat(value):
            return True
    return False


def _tells_folder(names: Collection[str]) -> bool:
    return "result.json" in names


def _part(file: str) -> bool | None:
    # What was sent lies in folders: files/, photos/, voice_messages/.
    return True if file == "result.json" else False if "/" in file else None


TELEGRAM = Format(
    "telegram",
    read_telegram,
    _tells,
    export=Export(_tells_folder, _part),
    signs="its messages have the keys that Telegram Desktop writes",
)
