"""What is written in any form and read again is what it was."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings

from corpora.conversation import Conversation, Turn
from corpora.roles import assign_roles
from corpora.transcripts import read_transcript
from corpora.transcripts.own_table import guarded, unguarded
from corpora.written import FORMS, distinct
from corpora.written.openai import bare_openai_lines
from pipelines.tables import is_table, read_tables
from tests.strategies import conversations, texts

SAMPLES = Path(__file__).parents[2] / "samples" / "transcripts"
EVERYTHING = Conversation(
    "c-1",
    (
        Turn("my order\r\nnever came", "Ana Ó", "customer", time=datetime(2024, 3, 14, 9, 0)),
        Turn("=HYPERLINK(1)", "+49 170", None, meta={"words": [[0, 2, 0.5]], "id": None}),
        Turn(
            "@ana ok",
            "agent_7",
            "agent",
            role_guessed=True,
            time=datetime(2024, 3, 14, 8, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
            meta={"source_role": "assistant"},
        ),
        Turn("", "", "tool", meta={"tool_calls": [{"id": "x"}], "big": 2**70}),
        Turn("'=1", "'quoted", "system", time=datetime(1970, 1, 1, tzinfo=UTC)),
        Turn("-1", "Ana Ó", "customer", meta={"nlp-lstm": "no", "text": "t", "n": 1.5}),
    ),
    meta={"heading": "Call of the 14th", "notes": ["x:3: mended"]},
)


def written(talks: Iterable[Conversation], name: str, folder: Path) -> Path:
    form = FORMS[name]
    place = folder / ("out" if form.is_folder else f"out.{'jsonl' if name == 'openai' else name}")
    if form.lines is not None:
        place.write_bytes(b"".join(form.lines(talks)))
    elif form.write is not None:
        form.write(talks, place)
    return place


def read(place: Path) -> list[Conversation]:
    def refuse(error: Exception) -> None:
        raise error

    if is_table(place):
        return [talk for table in read_tables(place, refuse) for talk in table]
    return list(read_transcript(place))


def bare(talks: Iterable[Conversation]) -> list[Conversation]:
    """Conversations without what says where they were read."""
    return [
        replace(
            talk,
            source=None,
            meta=dict(talk.meta),
            turns=tuple(replace(turn, line=None, meta=dict(turn.meta)) for turn in talk.turns),
        )
        for talk in talks
    ]


@pytest.mark.parametrize("name", FORMS)
def test_everything_that_a_talk_can_hold(name: str, tmp_path: Path) -> None:
    talks = [EVERYTHING, Conversation("c-2", (Turn("hi", "Ben"),))]

    assert bare(read(written(talks, name, tmp_path))) == bare(map(assign_roles, talks))


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    "sample", sorted(path.name for path in SAMPLES.iterdir() if path.name != "NOTICE")
)
def test_what_was_read_in_any_format(name: str, sample: str, tmp_path: Path) -> None:
    talks = [talk for talk in distinct(read_transcript(SAMPLES / sample)) if talk.turns]

    assert bare(read(written(talks, name, tmp_path))) == bare(talks)


@pytest.mark.parametrize("name", [name for name in FORMS if name != "convokit"])
def test_a_talk_of_no_turns(name: str, tmp_path: Path) -> None:
    talks = [Conversation("a", (), meta={"duration": 3}), Conversation("b", (Turn("hi"),))]

    assert bare(read(written(talks, name, tmp_path))) == bare(talks)


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=25, deadline=None)
@given(talk=conversations())
def test_any_talk(name: str, talk: Conversation, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("form")

    assert bare(read(written([talk], name, folder))) == bare([assign_roles(talk)])


@settings(deadline=None)
@given(texts())
def test_a_cell_is_never_a_formula_and_comes_back(text: str) -> None:
    cell = guarded(text)

    assert unguarded(cell) == text
    assert cell[:1] not in set("=+-@\t\r\n＝＋－＠")


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "-2", "+1", "\tx", "＝1", "'=1", "''=1"])
def test_a_formula_in_a_cell_is_made_inert_and_comes_back_as_it_was(
    text: str, tmp_path: Path
) -> None:
    talk = Conversation("c", (Turn(text, text, "customer"),))

    place = written([talk], "csv", tmp_path)
    rows = list(csv.reader(io.StringIO(place.read_text("utf-8"), newline="")))

    assert rows[1][2] == rows[1][6] == "'" + text
    assert bare(read(place)) == bare([talk])


def test_a_formula_in_a_table_of_somebody_else_stays(tmp_path: Path) -> None:
    place = tmp_path / "theirs.csv"
    place.write_text("speaker,text\nAna,'=1\nBen,=2\n")

    assert [turn.text for turn in read(place)[0].turns] == ["'=1", "=2"]


def test_messages_are_what_services_take() -> None:
    [line] = bare_openai_lines([EVERYTHING])
    value = json.loads(line)

    assert set(value) == {"messages"}
    assert [message["role"] for message in value["messages"]] == [
        "user", "user", "assistant", "tool", "system", "user",
    ]  # fmt: skip
    assert value["messages"][2] == {"role": "assistant", "name": "agent_7", "content": "@ana ok"}
    assert value["messages"][3]["content"] is None


def test_a_talk_in_messages_has_nothing_beside_them() -> None:
    said = {"id": "x", "messages": [{"role": "user", "content": "hi"}]}
    talks = read_transcript(io.BytesIO(json.dumps(said).encode()))

    [line] = cast(Any, FORMS["openai"].lines)(talks)

    assert json.loads(line) == said


def test_two_talks_of_one_id_are_told_apart() -> None:
    talks = [
        Conversation("a", (), "1.txt"),
        Conversation("a~2", ()),
        Conversation("a", (), "2.txt"),
    ]

    names = [talk.id for talk in distinct(talks)]

    assert names == ["a", "a~2", "a~3"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('c,0,Ana,customer,false,,hi,"{"\n', "found str \"'{'\" at /more, expected a JSON object"),
        ("c,0,Ana,customer\n", "expected 8 cells"),
        ('c,0,Ana,,false,,hi,"{""turn"": 7}"\n', "found int '7' at /nlp-lstm"),
    ],
)
def test_a_table_of_ours_that_was_damaged_is_named(content: str, found: str) -> None:
    header = "conversation_id,turn,speaker,role,role_guessed,time,text,more\n"
    errors: list[Exception] = []
    document = io.BytesIO(f"{header}{content}d,0,Ana,,false,,ok,\n".encode())

    talks = list(read_transcript(document, on_error=errors.append))

    assert found in str(errors[0])
    assert [talk.id for talk in talks] == ["d"]
