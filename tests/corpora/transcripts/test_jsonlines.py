import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.conversation import Conversation
from tests.corpora.transcripts.reading_here import read_all, read_one, rows
from tests.strategies import conversations

GOOD = '{"id": "good", "turns": [{"speaker": "Ana", "text": "hi"}]}'


def as_line(conversation: Conversation) -> str:
    turns = [{"speaker": t.speaker, "role": t.role, "text": t.text} for t in conversation.turns]
    return json.dumps({"id": conversation.id, "turns": turns}, ensure_ascii=False)


def as_turn_lines(conversation: Conversation) -> list[str]:
    return [
        json.dumps(
            {"conversation": conversation.id, "speaker": t.speaker, "role": t.role, "text": t.text},
            ensure_ascii=False,
        )
        for t in conversation.turns
    ]


@given(
    st.lists(conversations(), min_size=1, max_size=3, unique_by=lambda c: c.id),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    st.booleans(),
)
def test_reading_what_was_written_gives_it_back(
    written: list[Conversation], line_end: str, encoding: str, is_by_turn: bool
) -> None:
    lines = [line for c in written for line in (as_turn_lines(c) if is_by_turn else [as_line(c)])]
    content = "".join(line + line_end for line in lines).encode(encoding)

    read, errors = read_all(content, format="jsonl")

    assert errors == []
    assert [c.id for c in read] == [c.id for c in written]
    for before, after in zip(written, read, strict=True):
        for old, new in zip(before.turns, after.turns, strict=True):
            assert (new.speaker, new.text) == (old.speaker, old.text)
            if old.role is not None:
                assert new.role == old.role


@pytest.mark.parametrize(
    ("line", "found"),
    [
        pytest.param('{"id": "a", "turns": [{"text": "x"}', "unexpected end", id="half an object"),
        pytest.param("7", "found '7', expected a JSON object", id="a number"),
        pytest.param("[1]", "found a JSON array", id="an array"),
        pytest.param('{"id": "a", "turns": {}}', "dict '{}' at /turns", id="turns as an object"),
        pytest.param('{"id": "a", "turns": [1]}', "int '1' at /turns/0", id="a turn as a number"),
        pytest.param('{"id": "a", "turns": [{}]}', "nothing at /turns/0/text", id="no text"),
        pytest.param('{"id":"a","turns":[{"text":null}]}', "nothing at /turns/0/text", id="null"),
        pytest.param('{"id":"a","turns":[{"text":3}]}', "int '3' at /turns/0/text", id="number"),
        pytest.param('{"id": 1.5, "turns": []}', "float '1.5' at /id", id="a fraction for an id"),
        pytest.param('{"id": true, "turns": []}', "bool 'True' at /id", id="a truth for an id"),
        pytest.param(
            '{"id":"a","turns":[{"text":"x","speaker":[]}]}', "list '[]' at", id="wrong speaker"
        ),
        pytest.param('{"id":"a","turns":[{"text":"x","role":1}]}', "int '1' at", id="wrong role"),
        pytest.param('{"id":"good","turns":[]}', "conversation 'good' again", id="an id again"),
        pytest.param('{"x":' + "[" * 100_000, "nested too deep", id="nested 100,000 deep"),
        pytest.param('{"id":' + "1" * 5_000 + "}", "5000 digits", id="a number of 5,000 digits"),
    ],
)
def test_a_bad_line_is_named_and_costs_no_other(line: str, found: str) -> None:
    last = GOOD.replace("good", "last")

    read, errors = read_all(f"{GOOD}\n{line}\n{last}\n", format="jsonl")

    assert [c.id for c in read] == ["good", "last"]
    assert [error.line for error in errors] == [2]
    assert found in str(errors[0])


def test_a_turn_a_line_belongs_together_while_the_conversation_stays_the_same() -> None:
    lines = ['{"conversation": 1, "text": "a"}', '{"conversation": 1, "text": "b"}',
             '{"conversation": 2, "text": "c"}']  # fmt: skip

    read, errors = read_all("\n".join(lines))

    assert errors == []
    assert [(c.id, len(c.turns)) for c in read] == [("1", 2), ("2", 1)]


def test_a_conversation_that_comes_again_later_is_refused_once() -> None:
    order = ["a", "b", "a", "a", "c"]
    lines = [json.dumps({"conversation": name, "text": "x"}) for name in order]

    read, errors = read_all("\n".join(lines))

    assert [c.id for c in read] == ["a", "b", "c"]
    assert [error.line for error in errors] == [3]


def test_no_half_conversation_is_yielded_when_one_of_its_turns_is_bad() -> None:
    lines = ['{"conversation": "a", "text": "x"}', '{"conversation": "a", "text": 7}',
             '{"conversation": "b", "text": "y"}']  # fmt: skip

    read, errors = read_all("\n".join(lines))

    assert [c.id for c in read] == ["b"]
    assert [error.line for error in errors] == [2]


def test_a_line_that_may_have_been_a_turn_leaves_a_note() -> None:
    lines = ['{"conversation": "a", "text": "x"}', "oops", '{"conversation": "a", "text": "y"}']

    [conversation], [error] = read_all("\n".join(lines))

    assert error.line == 2
    assert conversation.meta["notes"] == ["<stream>:2: unreadable, perhaps a turn of this talk"]


def test_lone_surrogates_are_replaced_and_noted() -> None:
    conversation = read_one(r'{"id": "a", "turns": [{"text": "x \ud83d y"}]}')

    assert rows(conversation) == [("", "x \ufffd y")]
    assert "1 lone surrogates replaced" in conversation.meta["notes"][0]


def test_other_line_ends_of_unicode_end_no_line() -> None:
    text = "a\u2028b\x85c\x0bd\x0ce"
    content = json.dumps({"id": "a", "turns": [{"text": text}]}, ensure_ascii=False)

    assert rows(read_one(content)) == [("", text)]


def test_times_and_roles_and_what_is_not_ours() -> None:
    line = {"conversation": "a", "speaker": "Bo", "role": "end-user", "text": "x", "extra": 1,
            "time": "2024-03-14T09:00:00Z", "meta": {"private": True}}  # fmt: skip

    [turn] = read_one(json.dumps(line)).turns

    assert turn.time == datetime(2024, 3, 14, 9, tzinfo=UTC)
    assert turn.role == "customer"
    assert turn.meta == {"private": True, "source_role": "end-user"}


def test_a_time_that_is_no_date_is_kept_and_never_guessed() -> None:
    [turn] = read_one('{"conversation": "a", "text": "x", "time": 1710406800}').turns

    assert turn.time is None
    assert turn.meta == {"time": 1710406800}


def test_pretty_printed_conversations_and_arrays_are_read_too() -> None:
    objects = [json.loads(GOOD), json.loads(GOOD.replace("good", "other"))]
    pretty = "\n".join(json.dumps(value, indent=2) for value in objects)

    for content in (pretty, json.dumps(objects)):
        read, errors = read_all(content)

        assert errors == []
        assert [(c.id, rows(c)) for c in read] == [
            ("good", [("Ana", "hi")]),
            ("other", [("Ana", "hi")]),
        ]


def test_an_array_nested_100000_deep_is_refused() -> None:
    conversations, [error] = read_all("[\n" * 100_000, format="jsonl")

    assert conversations == []
    assert "nested too deep" in str(error)


def test_keys_of_others_can_be_named() -> None:
    content = '{"dialog": 4, "turns": [{"who": "Ana", "utt": "hi"}]}'
    columns = {"id": "dialog", "speaker": "who", "text": "utt"}

    [conversation], errors = read_all(content, format="jsonl", columns=columns)

    assert errors == []
    assert (conversation.id, rows(conversation)) == ("4", [("Ana", "hi")])
