"""Laws over any text that people and machines write: what is said comes back as it was said."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from tests.corpora.transcripts.reading_here import read_all
from tests.strategies import single_lines, texts

STAMP = "1710406920.000200"


def tweet(said: str) -> str:
    quoted = said.replace('"', '""')
    header = "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id"
    return f'{header}\n1,firm,False,x,"{quoted}",,\n'


# Formats that hold a text as it is, each with a document of one message of somebody.
JSON_FORMATS: dict[str, Callable[[str], Any]] = {
    "jsonl": lambda said: {"conversation": "c", "speaker": "x", "text": said},
    "openai": lambda said: {"messages": [{"role": "user", "content": said}]},
    "sharegpt": lambda said: {"conversations": [{"from": "human", "value": said}]},
    "discord": lambda said: {
        "guild": {},
        "channel": {},
        "messages": [{"content": said or " ", "author": {"name": "x"}}],
    },
    "telegram": lambda said: {
        "name": "x", "type": "personal_chat", "id": 1,
        "messages": [{"id": 1, "type": "message", "from": "x", "text": said}],
    },
    "claude": lambda said: [{"chat_messages": [{"sender": "human", "text": said}]}],
    "convokit": lambda said: {"id": "u", "speaker": "x", "reply-to": None, "text": said},
    "rasa": lambda said: {"events": [{"event": "user", "text": said, "timestamp": 1}]},
    "zendesk": lambda said: {"id": 1, "comments": [{"author_id": 1, "body": said}]},
}  # fmt: skip


@pytest.mark.parametrize("format", JSON_FORMATS)
@given(said=texts())
@settings(max_examples=30)
def test_what_stands_in_json_is_what_was_said(format: str, said: str) -> None:
    document = json.dumps(JSON_FORMATS[format](said))

    [conversation], errors = read_all(document, format=format)

    assert errors == []
    [turn] = conversation.turns
    assert turn.text == (said if format != "discord" else said or " ")


@pytest.mark.parametrize("format", JSON_FORMATS)
def test_fault_6_a_lone_surrogate_becomes_a_replacement_and_a_note(format: str) -> None:
    document = json.dumps(JSON_FORMATS[format]("a \ud83d b"))

    [conversation], errors = read_all(document, format=format)

    assert errors == []
    assert conversation.turns[0].text == "a \ufffd b"
    assert "1 lone surrogates replaced" in conversation.meta["notes"][0]


@given(said=texts().filter(lambda said: "\r" not in said))
@settings(max_examples=30)
def test_what_stands_in_a_quoted_cell_is_what_was_said(said: str) -> None:
    conversations, errors = read_all(tweet(said), format="twcs")

    assert errors == []
    assert [turn.text for talk in conversations for turn in talk.turns] == [said]


@given(said=single_lines().filter(lambda said: "<|im_" not in said))
@settings(max_examples=30)
def test_what_stands_between_marks_is_what_was_said(said: str) -> None:
    document = f"<|im_start|>user\n{said}<|im_end|>\n"

    [conversation], errors = read_all(document, format="chatml")

    assert errors == []
    assert [turn.text for turn in conversation.turns] == [said]


@pytest.mark.parametrize("format", ["slack", "intercom", "chatgpt", "discord-txt", "mbox"])
@given(said=texts())
@settings(max_examples=30)
def test_formats_that_decode_their_text_never_lose_a_message(format: str, said: str) -> None:
    part = {"part_type": "comment", "body": said + "x", "author": {"type": "user"}}
    documents = {
        "slack": json.dumps([{"type": "message", "ts": STAMP, "user": "U", "text": said}]),
        "intercom": json.dumps({"source": part, "conversation_parts": []}),
        "chatgpt": json.dumps([{"mapping": {"a": {"parent": None, "message": {
            "author": {"role": "user"}, "content": {"parts": [said]}}}}}]),
        "discord-txt": f"[3/14/2024 9:01 AM] x\n{said}\n",
        "mbox": f"From a@b.example Thu Mar 14 08:00:00 2024\nFrom: x\n\n{said}\n",
    }  # fmt: skip

    conversations, errors = read_all(documents[format], format=format)

    assert errors == []
    assert sum(len(talk.turns) for talk in conversations) == 1
