import json
from typing import Any

import pytest

from tests.corpora.transcripts.reading_here import read_all, read_one, rows

CHAT = [{"role": "user", "content": "a table for 4?"}, {"role": "assistant", "content": "Sure."}]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(json.dumps({"messages": CHAT}), id="JSON"),
        pytest.param(json.dumps({"messages": CHAT}, indent=1), id="pretty-printed"),
        pytest.param(json.dumps([{"messages": CHAT}]), id="an array"),
        pytest.param(json.dumps(CHAT), id="bare messages"),
        pytest.param("\n".join(map(json.dumps, CHAT)), id="a bare message a line"),
        pytest.param(json.dumps({"custom_id": "1", "body": {"messages": CHAT}}), id="batch"),
        pytest.param(
            json.dumps({"input": {"messages": CHAT[:1]}, "preferred_output": CHAT[1:]}), id="pairs"
        ),
    ],
)
def test_wherever_the_messages_are(content: str) -> None:
    conversation = read_one(content)

    assert rows(conversation) == [("user", "a table for 4?"), ("assistant", "Sure.")]
    assert [(turn.role, turn.role_guessed) for turn in conversation.turns] == [
        ("customer", False),
        ("agent", False),
    ]


@pytest.mark.parametrize(
    ("message", "speaker", "role", "text"),
    [
        ({"role": "system", "content": "Be brief."}, "system", "system", "Be brief."),
        ({"role": "developer", "content": "x"}, "developer", "system", "x"),
        ({"role": "tool", "tool_call_id": "c1", "content": "{}"}, "tool", "tool", "{}"),
        ({"role": "function", "name": "find", "content": "7"}, "find", "tool", "7"),
        ({"role": "assistant", "content": None, "tool_calls": []}, "assistant", "agent", ""),
        ({"role": "assistant", "content": None, "refusal": "No."}, "assistant", "agent", "No."),
        ({"role": "user", "name": "Ana", "content": "x"}, "Ana", "customer", "x"),
    ],
)
def test_roles_of_messages(message: dict[str, Any], speaker: str, role: str, text: str) -> None:
    [turn] = read_one(json.dumps({"messages": [message]})).turns

    assert (turn.speaker, turn.role, turn.text) == (speaker, role, text)
    assert turn.meta["source_role"] == message["role"]


def test_parts_that_are_no_text_are_named_and_never_put_into_it() -> None:
    parts = [{"type": "text", "text": "What"}, {"type": "input_text", "text": "is it?"},
             {"type": "image_url", "image_url": {"url": "data:…"}}, {"type": "text", "text": 1},
             "really", 3, {"type": "refusal", "refusal": "no"}]  # fmt: skip

    [turn] = read_one(json.dumps({"messages": [{"role": "user", "content": parts}]})).turns

    assert turn.text == "What\nis it?\nreally\nno"
    assert turn.meta["parts"] == ["image_url", "text", "int"]


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"messages": [{"role": "user"}]}, "nothing, expected text at /messages/0/content"),
        ({"messages": [{"role": "user", "content": 3}]}, "int '3', expected text at"),
        ({"messages": ["hi"]}, "expected a message with a role at /messages/0"),
        ({"messages": {"de": "hallo"}}, "expected 'messages': a list of messages"),
        ({}, "expected 'messages': a list of messages"),
    ],
)
def test_a_damaged_chat_costs_no_other(record: dict[str, Any], found: str) -> None:
    lines = [json.dumps(value) for value in ({"messages": CHAT}, record, {"messages": CHAT})]

    conversations, [error] = read_all("\n".join(lines), format="openai")

    assert [c.id for c in conversations] == ["stream#1", "stream#3"]
    assert error.line == 2
    assert found in str(error)


def test_a_bare_array_with_a_bad_message_is_no_half_chat() -> None:
    conversations, [error] = read_all(json.dumps([*CHAT, {"role": "user"}]), format="openai")

    assert conversations == []
    assert "expected text at" in str(error)


SHAREGPT = {"id": "x", "conversations": [{"from": "human", "value": "Weather?"},
                                         {"from": "gpt", "value": "Minus four."}]}  # fmt: skip


@pytest.mark.parametrize("is_array", [True, False])
def test_sharegpt(is_array: bool) -> None:
    conversation = read_one(json.dumps([SHAREGPT] if is_array else SHAREGPT))

    assert conversation.id == "x"
    assert rows(conversation) == [("human", "Weather?"), ("gpt", "Minus four.")]
    assert [turn.role for turn in conversation.turns] == ["customer", "agent"]


def test_sharegpt_with_a_system_prompt_and_the_other_pair_of_keys() -> None:
    record = {"system": "Be kind.", "conversations": [{"role": "user", "content": "hi"}]}

    assert rows(read_one(json.dumps(record))) == [("system", "Be kind."), ("user", "hi")]


@pytest.mark.parametrize(
    ("record", "found"),
    [
        (SHAREGPT, "conversation 'x' again"),
        ({"conversations": [{"from": "gpt", "value": None}]}, "expected text at"),
        ({"conversations": [{"value": "a"}]}, "a word for the role"),
        ({"conversations": [7]}, "expected an object at /conversations/0"),
        ({"conversations": {}}, "expected 'conversations': a list of messages"),
    ],
)
def test_a_damaged_sharegpt_record_costs_no_other(record: dict[str, Any], found: str) -> None:
    last = {**SHAREGPT, "id": "last"}

    conversations, [error] = read_all(json.dumps([SHAREGPT, record, last]), format="sharegpt")

    assert [c.id for c in conversations] == ["x", "last"]
    assert found in str(error)


def test_an_array_that_is_cut_off_gives_what_came_before() -> None:
    content = json.dumps([SHAREGPT, {**SHAREGPT, "id": "y"}])[:-30]

    conversations, [error] = read_all(content)

    assert [c.id for c in conversations] == ["x"]
    assert "complete JSON object" in str(error)


def test_an_array_larger_than_any_line_is_read_one_record_at_a_time() -> None:
    record = {"conversations": [{"from": "human", "value": "x" * 100_000}]}
    count = 200

    conversations, errors = read_all(json.dumps([record] * count))

    assert errors == []
    assert len(conversations) == count
