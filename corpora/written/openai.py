"""Messages as OpenAI and those that follow it take them, a conversation a line.

    {"id": "c-1", "messages": [{"role": "user", "content": "my order never came"}]}

Customers are users, agents assistants. What messages have no place for (times, names that are not
letters and digits, guesses) stands under `nlp-lstm` beside them; programs that refuse keys they
do not know are given the bare messages.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from corpora.conversation import Conversation, Role, Turn
from corpora.roles import role_of_word
from corpora.transcripts.messages import BESIDE, openai_turn
from corpora.transcripts.turn_form import json_line, missing

WORDS: Mapping[Role | None, str] = {
    "customer": "user",
    "agent": "assistant",
    "system": "system",
    "tool": "tool",
    None: "user",
}
THEIRS = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
KEPT = ("tool_calls", "tool_call_id", "weight")


def openai_lines(conversations: Iterable[Conversation]) -> Iterator[bytes]:
    """Each conversation as a line, with all that is needed to read it back."""
    for conversation in conversations:
        messages = [message_of(turn) for turn in conversation.turns]
        value: dict[str, Any] = {"id": conversation.id, "messages": messages}
        pairs = zip(conversation.turns, messages, strict=True)
        turns = [missing(turn, openai_turn(message, "", 0, "")) for turn, message in pairs]
        beside: dict[str, Any] = {"turns": turns} if any(turns) else {}
        if conversation.meta:
            beside["meta"] = dict(conversation.meta)
        if beside:
            value[BESIDE] = beside
        yield json_line(value)


def bare_openai_lines(conversations: Iterable[Conversation]) -> Iterator[bytes]:
    """Each conversation as its messages and nothing else, as services for fine-tuning ask for."""
    for conversation in conversations:
        yield json_line({"messages": [message_of(turn) for turn in conversation.turns]})


def message_of(turn: Turn) -> dict[str, Any]:
    """A turn as a message."""
    word = turn.meta.get("source_role")
    if word not in THEIRS or role_of_word(word) != turn.role:
        word = WORDS[turn.role]
    message: dict[str, Any] = {"role": word}
    if turn.speaker != word and NAME.fullmatch(turn.speaker):
        message["name"] = turn.speaker
    message["content"] = turn.text
    for key in KEPT:
        if turn.meta.get(key) is not None:
            message[key] = turn.meta[key]
    if "tool_calls" in message and not turn.text:
        message["content"] = None
    return message
