from pathlib import Path

import pytest

from corpora.transcripts import read_transcript
from tests.corpora.transcripts.reading_here import read_all, read_one, rows

SAMPLES = Path(__file__).parents[2] / "samples" / "transcripts"


def test_messages_of_several_lines_private_ones_and_reactions() -> None:
    [chat] = read_transcript(SAMPLES / "zoom-chat.txt")
    asked, answered, reacted = chat.turns

    assert (asked.speaker, asked.text) == (
        "Ana Lee",
        "When does it land?\nI have the 10:30 slot: is that ok?",
    )
    assert (asked.line, asked.time) == (1, None)
    assert asked.meta == {"clock": "15:01:39", "to": "Everyone"}
    assert answered.speaker == "Ben (he/him)"
    assert answered.meta == {"clock": "15:01:58", "to": "Ana Lee", "private": True}
    assert reacted.meta["kind"] == "reaction"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("zoom-chat-older.txt", [("Ana Lee", "Hello all"), ("Ben", "I want to go: soon")]),
        (
            "zoom-chat-cloud.txt",
            [("Alex", "Did you get the link?"), ("Maya K.", "Yes: https://example.net/a")],
        ),
    ],
)
def test_other_ways_to_save_it(name: str, said: list[tuple[str, str]]) -> None:
    [chat] = read_transcript(SAMPLES / name)

    assert rows(chat) == said


def test_a_day_where_one_is_written() -> None:
    [turn] = read_one("2024-03-14 15:01:39 From Ana to Everyone:\n\thi\n").turns

    assert str(turn.time) == "2024-03-14 15:01:39"


def test_carriage_returns_and_blank_lines_inside() -> None:
    chat = read_one("15:01:39 From Ana to Everyone:\r\n\tone\r\n\r\n\ttwo\r\n")

    assert rows(chat) == [("Ana", "one\n\ntwo")]


def test_what_is_no_message_is_named() -> None:
    conversations, [error] = read_all("hello\n15:01:39 From Ana:\n\thi\n", format="zoom-chat")

    assert conversations == []
    assert "found 'hello', expected '15:01:39 From NAME to Everyone:'" in str(error)


def test_nothing_is_nothing() -> None:
    assert read_all("\n", format="zoom-chat") == ([], [])
