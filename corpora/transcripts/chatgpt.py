"""ChatGPT's data export: a zip with conversations.json, each conversation a tree of messages.

    [{"title": "T", "current_node": "a", "mapping": {
      "u": {"parent": null, "children": ["b", "a"], "message": {"author": {"role": "user"},
            "create_time": 1710406801.5, "content": {"content_type": "text", "parts": ["hi"]}}},
      "a": {"parent": "u", "children": [], "message": {}}}}]

What is read is the branch that was shown last; edits and other answers are counted, not read.
"""

import math
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from corpora.conversation import Conversation, Role, Turn
from corpora.roles import role_of_word
from corpora.transcripts.format import Export, Format, Head
from corpora.transcripts.moments import epoch_time
from corpora.transcripts.reading import (
    Options,
    read_each,
    surrogates_note,
    unexpected,
    with_notes,
)
from corpora.transcripts.records import Record
from corpora.transcripts.text import Text

# What stands around citations: characters that no font has.
CITATION = re.compile("\ue200[^\ue200-\ue206]*(?:[\ue202-\ue206][^\ue200-\ue206]*)*\ue201")
PRIVATE = dict.fromkeys(range(0xE200, 0xE207))
UNSEEN = frozenset(
    {"thoughts", "reasoning_recap", "user_editable_context", "model_editable_context"}
)
FILE = re.compile(r"conversations(?:-\d+)?\.json")
COMPANIONS = frozenset({
    "chat.html", "user.json", "users.json", "message_feedback.json", "model_comparisons.json",
    "shared_conversations.json", "projects.json", "memories.json", "user_settings.json",
    "export_manifest.json", "group_chats.json", "shopping.json", "sora.json",
})  # fmt: skip


def read_chatgpt(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the conversations of an export."""
    return read_each(text, options, lambda value: [value], _conversation)


def _conversation(value: Mapping[str, Any], record: Record, text: Text) -> Conversation:
    mapping = value.get("mapping")
    if not isinstance(mapping, dict):
        raise unexpected(text.source, record.line, mapping, "'mapping': an object of messages")
    path = _shown_path(mapping, value.get("current_node"))
    turns = []
    for node in path:
        message = mapping[node].get("message")
        turn = _turn(message, node, record.line) if isinstance(message, dict) else None
        if turn is not None:
            turns.append(turn)
    meta: dict[str, Any] = {}
    if isinstance(title := value.get("title"), str) and title:
        meta["title"] = title
    notes = list(surrogates_note(text.source, record.line, record.mended))
    left = sum(map(_has_message, mapping.values())) - sum(
        _has_message(mapping[node]) for node in path
    )
    if left:
        notes.append(f"{text.source}:{record.line}: {left} messages of other branches left out")
    identifier = value.get("conversation_id") or value.get("id")
    if not isinstance(identifier, str):
        identifier = f"{text.name}#{record.position}"
    return Conversation(identifier, tuple(turns), text.source, with_notes(meta, *notes))


def _shown_path(mapping: Mapping[str, Any], current: object) -> list[str]:
    """From the root to the node that was shown last, or else to the newest leaf."""
    if not isinstance(current, str) or current not in mapping:
        current = _newest_leaf(mapping)
    path: list[str] = []
    seen: set[str] = set()
    while isinstance(current, str) and current not in seen:
        node = mapping.get(current)
        if not isinstance(node, dict):
            break
        seen.add(current)
        path.append(current)
        current = node.get("parent")
    return path[::-1]


def _has_message(node: object) -> bool:
    return isinstance(node, dict) and isinstance(node.get("message"), dict)


def _newest_leaf(mapping: Mapping[str, Any]) -> str | None:
    parents = {node.get("parent") for node in mapping.values() if isinstance(node, dict)
               and isinstance(node.get("parent"), str)}  # fmt: skip
    leaves = [
        (_created(node), place, name)
        for place, (name, node) in enumerate(mapping.items())
        if isinstance(node, dict) and name not in parents
    ]
    return max(leaves)[2] if leaves else None


def _created(node: Mapping[str, Any]) -> float:
    message = node.get("message")
    created = message.get("create_time") if isinstance(message, dict) else None
    return created if isinstance(created, float) and math.isfinite(created) else 0.0


def _turn(message: Mapping[str, Any], node: str, line: int) -> Turn | None:
    """A message as a turn; None for what nobody was shown."""
    author, content = message.get("author"), message.get("content")
    if not isinstance(author, dict) or not isinstance(content, dict):
        return None
    about = message.get("metadata")
    is_hidden = isinstance(about, dict) and about.get("is_visually_hidden_from_conversation")
    kind = str(content.get("content_type"))
    word = author.get("role")
    if is_hidden or message.get("weight") == 0 or kind in UNSEEN or not isinstance(word, str):
        return None
    said, others = _said(content)
    if not said.strip() and (word in ("system", "assistant", "tool") and not others):
        return None
    role: Role | None = role_of_word(word)
    meta: dict[str, Any] = {"id": str(message.get("id") or node), "source_role": word}
    if others:
        meta["parts"] = others
    recipient = message.get("recipient")
    if isinstance(recipient, str) and recipient != "all":
        meta |= {"kind": "tool_call", "recipient": recipient}
    name = author.get("name")
    speaker = name if isinstance(name, str) and name else word
    time = epoch_time(message.get("create_time"))
    return Turn(said, speaker, role, time=time, line=line, meta=meta)


def _said(content: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The text of a message and the kinds of its parts that are no text."""
    said, others = [], []
    parts = content.get("parts")
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, str):
            said.append(part)
        elif isinstance(part, dict):
            if isinstance(spoken := part.get("text"), str):
                said.append(spoken)
            else:
                others.append(str(part.get("content_type", "object")))
    for key in ("text", "result"):
        if not said and isinstance(content.get(key), str):
            said.append(content[key])
    text = "\n".join(said)
    if not text.isascii():
        text = CITATION.sub("", text).translate(PRIVATE)
    return text, others


def _tells(head: Head) -> bool:
    return any(
        isinstance(value.get("mapping"), dict) and ("current_node" in value or "title" in value)
        for value in head.values
    )


def _tells_folder(names: Collection[str]) -> bool:
    return any(map(FILE.fullmatch, names)) and bool(COMPANIONS & set(names))


def part(file: str) -> bool | None:
    """Which files of an export hold talks, here and in Claude's, whose file has the same name."""
    if FILE.fullmatch(file):
        return True
    # What was uploaded to a chat lies in folders or has a name of this kind.
    return False if file in COMPANIONS or "/" in file or file.startswith("file-") else None


CHATGPT = Format(
    "chatgpt",
    read_chatgpt,
    _tells,
    export=Export(_tells_folder, part),
    signs="its conversations have a mapping of messages",
)
