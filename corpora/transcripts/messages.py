"""Chats with language models: OpenAI messages and ShareGPT, as JSON, an array or JSON Lines.

{"messages": [{"role": "user", "content": "a table for 4?"}]}

{"id": "x_0", "conversations": [{"from": "human", "value": "a table for 4?"}]}
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.roles import role_of_word
from corpora.transcripts.format import Format, Head
from corpora.transcripts.reading import Options, Unique, surrogates_note, unexpected, with_notes
from corpora.transcripts.records import Record, is_json_lines, read_records
from corpora.transcripts.text import Text
from corpora.transcripts.turn_form import read_meta, restored

# Where a record keeps its messages: fine-tuning files, batch requests, preference pairs.
PLACES = (("messages",), ("body", "messages"), ("input", "messages"))
# What messages cannot hold of a talk that was written in them, if anything: see turn_form.py.
BESIDE = "nlp-lstm"
TEXT_PARTS = frozenset({"text", "input_text", "output_text", "refusal"})


def read_openai(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the conversations in a file of OpenAI messages.

    A bare array of messages is one conversation; so are bare messages a line.
    """
    unique = Unique(text.source)
    bare: list[Turn] = []
    notes: list[str] = []
    is_damaged = False

    def report(error: InputError) -> None:
        nonlocal is_damaged
        options.report(error)
        is_damaged = True

    for record in read_records(text, report):
        if "role" in record.value and _messages(record.value) is None:
            try:
                bare.append(openai_turn(record.value, "", record.line, text.source))
            except InputError as error:
                report(error)
            notes += surrogates_note(text.source, record.line, record.mended)
            continue
        try:
            yield _openai_conversation(record, text, unique)
        except InputError as error:
            options.report(error)
    if bare and (not is_damaged or is_json_lines(text.head)):
        if is_damaged:
            notes.append(f"{text.source}: some of its messages could not be read")
        yield Conversation(text.name, tuple(bare), text.source, with_notes({}, *notes))


def read_sharegpt(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the conversations in a ShareGPT file."""
    unique = Unique(text.source)
    for record in read_records(text, options.report):
        try:
            yield _sharegpt_conversation(record, text, unique)
        except InputError as error:
            options.report(error)


def _openai_conversation(record: Record, text: Text, unique: Unique) -> Conversation:
    messages = _messages(record.value)
    if messages is None:
        raise unexpected(text.source, record.line, record.value, "'messages': a list of messages")
    turns = [
        openai_turn(message, f"/messages/{index}", record.line, text.source)
        for index, message in enumerate(messages)
    ]
    told = record.value.get(BESIDE)
    if isinstance(told, dict) and isinstance(told.get("turns"), list):
        pairs = zip_longest(turns, told["turns"][: len(turns)])
        turns = [restored(turn, one, record.line, text.source) for turn, one in pairs]
    preferred = record.value.get("preferred_output")
    if isinstance(preferred, list):
        turns += [
            openai_turn(message, f"/preferred_output/{index}", record.line, text.source)
            for index, message in enumerate(preferred)
        ]
    identifier = _identifier(record, text, ("id", "custom_id", "conversation_id"))
    unique.check(identifier, record.line)
    meant = read_meta(told.get("meta")) or {} if isinstance(told, dict) else {}
    meta = with_notes(meant, *surrogates_note(text.source, record.line, record.mended))
    if isinstance(preferred, list):
        meta["output"] = "preferred"
    return Conversation(identifier, tuple(turns), text.source, meta)


def openai_turn(message: object, pointer: str, line: int, source: str) -> Turn:
    """The turn of a message.

    Args:
        message: The message.
        pointer: Where in its line it stands: a JSON pointer.
        line: Where its document keeps it.
        source: What messages call the document.

    Raises:
        InputError: It has no role, or no content.
    """
    if not isinstance(message, dict) or not isinstance(message.get("role"), str):
        raise unexpected(source, line, message, f"a message with a role at {pointer or '/'}")
    word, name = message["role"], message.get("name")
    meta: dict[str, Any] = {"source_role": word}
    content = message.get("content")
    if isinstance(content, list):
        said, others = _join_parts(content)
        if others:
            meta["parts"] = others
    elif content is None and ("tool_calls" in message or "refusal" in message):
        refusal = message.get("refusal")
        said = refusal if isinstance(refusal, str) else ""
    elif isinstance(content, str):
        said = content
    else:
        raise unexpected(source, line, content, f"text at {pointer}/content")
    for key in ("tool_calls", "tool_call_id", "weight"):
        if message.get(key) is not None:
            meta[key] = message[key]
    speaker = name if isinstance(name, str) else word
    return Turn(said, speaker, role_of_word(word), line=line, meta=meta)


def _join_parts(parts: Sequence[object]) -> tuple[str, list[str]]:
    """The text of a message in parts, and the kinds of those that are no text."""
    said, others = [], []
    for part in parts:
        if isinstance(part, str):
            said.append(part)
        elif isinstance(part, dict):
            kind = str(part.get("type", "text"))
            content = part.get("refusal" if kind == "refusal" else "text")
            if kind in TEXT_PARTS and isinstance(content, str):
                said.append(content)
            else:
                others.append(kind)
        else:
            others.append(type(part).__name__)
    return "\n".join(said), others


def _sharegpt_conversation(record: Record, text: Text, unique: Unique) -> Conversation:
    messages = record.value.get("conversations")
    if not isinstance(messages, list):
        raise unexpected(
            text.source, record.line, record.value, "'conversations': a list of messages"
        )
    turns = []
    if isinstance(system := record.value.get("system"), str) and system:
        turns.append(Turn(system, "system", "system", line=record.line))
    for index, message in enumerate(messages):
        pointer = f"/conversations/{index}"
        if not isinstance(message, dict):
            raise unexpected(text.source, record.line, message, f"an object at {pointer}")
        word = message.get("from", message.get("role"))
        said = message.get("value", message.get("content"))
        if not isinstance(word, str):
            raise unexpected(
                text.source, record.line, word, f"a word for the role at {pointer}/from"
            )
        if not isinstance(said, str):
            raise unexpected(text.source, record.line, said, f"text at {pointer}/value")
        meta = {"source_role": word}
        turns.append(Turn(said, word, role_of_word(word), line=record.line, meta=meta))
    identifier = _identifier(record, text, ("id",))
    unique.check(identifier, record.line)
    notes = surrogates_note(text.source, record.line, record.mended)
    return Conversation(identifier, tuple(turns), text.source, with_notes({}, *notes))


def _messages(value: Mapping[str, Any]) -> list[Any] | None:
    for place in PLACES:
        found: Any = value
        for key in place:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, list):
            return found
    return None


def _identifier(record: Record, text: Text, keys: Sequence[str]) -> str:
    for key in keys:
        given = record.value.get(key)
        if isinstance(given, str | int) and not isinstance(given, bool):
            return str(given)
    return f"{text.name}#{record.position}"


def _tells_openai(head: Head) -> bool:
    return any(map(_is_openai, head.values))


def _is_openai(value: Mapping[str, Any]) -> bool:
    messages = _messages(value)
    if messages is None:
        return "role" in value and "content" in value
    first = messages[0] if messages else {"role": ""}
    return isinstance(first, dict) and "role" in first


def _tells_sharegpt(head: Head) -> bool:
    return any(map(_is_sharegpt, head.values))


def _is_sharegpt(value: Mapping[str, Any]) -> bool:
    talk = value.get("conversations")
    if not isinstance(talk, list):
        return False
    first = talk[0] if talk else {"from": ""}
    return isinstance(first, dict) and bool({"from", "role"} & set(first))


OPENAI = Format(
    "openai", read_openai, _tells_openai, signs="its JSON has a list of messages with `role`"
)
SHAREGPT = Format(
    "sharegpt",
    read_sharegpt,
    _tells_sharegpt,
    signs="its JSON has a list `conversations` of messages with `from`",
)
