import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.corpora.transcripts.reading_here import read_all, read_one, rows
from tests.strategies import texts


def test_rows_of_one_conversation_belong_together() -> None:
    conversations, errors = read_all(
        "conversation_id,speaker,message,created_at,channel\n"
        "17,Ana,my order never came,2024-03-14T09:00:00Z,web\n"
        '17,Ben,"I see, ""sorry""\nabout that",10:01,\n'
        "18,Ana,again,,web\n"
    )

    assert errors == []
    assert [c.id for c in conversations] == ["17", "18"]
    first, second = conversations[0].turns
    assert first.time is not None
    assert first.meta == {"channel": "web"}
    assert second.text == 'I see, "sorry"\nabout that'
    assert (second.time, second.meta) == (None, {"time": "10:01"})
    assert [turn.line for turn in (first, second)] == [2, 3]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("speaker;text\nAna;hi, Ben\n", ("Ana", "hi, Ben"), id="semicolons"),
        pytest.param("sep=;\nspeaker;text\nAna;hi\n", ("Ana", "hi"), id="Excel's hint"),
        pytest.param("speaker\ttext\nAna\thi\n", ("Ana", "hi"), id="tabs"),
        pytest.param("speaker|text\nAna|hi\n", ("Ana", "hi"), id="bars"),
        pytest.param("text,Agent Name\nhi,Ana\n", ("Ana", "hi"), id="blanks in names"),
        pytest.param("message,content,text,user\na,b,hi,Ana\n", ("Ana", "hi"), id="ours first"),
        pytest.param("speaker,text\nAna,NULL\n", ("Ana", "NULL"), id="NULL is text"),
        pytest.param("speaker,text\n\n,\nAna,hi\n\n", ("Ana", "hi"), id="empty rows"),
        pytest.param("speaker,text\nAna,hi", ("Ana", "hi"), id="no last line end"),
    ],
)
def test_tables_as_they_come(content: str, expected: tuple[str, str]) -> None:
    assert rows(read_one(content)) == [expected]


@pytest.mark.parametrize(
    ("column", "cell", "role"),
    [
        ("role", "agent", "agent"),
        ("sender_type", "End-User", "customer"),
        ("direction", "inbound", "customer"),
        ("direction", "outbound", "agent"),
        ("inbound", "True", "customer"),
        ("inbound", "False", "agent"),
        ("role", "dolphin", None),
    ],
)
def test_roles_by_any_word(column: str, cell: str, role: str | None) -> None:
    [turn] = read_one(f"text,{column}\nhi,{cell}\n").turns

    assert turn.role == role
    if cell != role:
        assert turn.meta["source_role"] == cell


def test_whisper_writes_milliseconds() -> None:
    turns = read_one("start\tend\ttext\n0\t2500\thi\n2500\t3100\tyo\n").turns

    assert [(turn.meta["start"], turn.meta["end"]) for turn in turns] == [(0, 2.5), (2.5, 3.1)]


def test_the_caller_names_columns() -> None:
    content = "Fall,Wer,Nachricht\n1,Ana,hallo\n"
    columns = {"conversation": "Fall", "speaker": "Wer", "text": "Nachricht"}

    [conversation], _ = read_all(content, columns=columns)

    assert (conversation.id, rows(conversation)) == ("1", [("Ana", "hallo")])


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param("message,content,who\na,b,c\n", "columns 'message' and 'content'", id="two"),
        pytest.param("a,b\n1,2\n", "found columns 'a, b', expected a column of texts", id="none"),
    ],
)
def test_columns_that_are_a_coin_toss_are_asked_for(content: str, found: str) -> None:
    conversations, [error] = read_all(content, format="csv")

    assert conversations == []
    assert found in str(error)
    assert "--map text=COLUMN" in str(error)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        pytest.param("2,Ana", "2 cells, expected 3 cells", id="too short"),
        pytest.param("2,Ana,a,b", "4 cells, expected 3 cells", id="too long"),
        pytest.param('2,Ana,"a"b', "a row that breaks off", id="a stray quote"),
    ],
)
def test_a_damaged_row_costs_its_conversation_and_no_other(row: str, found: str) -> None:
    content = f"conversation,speaker,text\n1,Ana,x\n2,Ben,y\n{row}\n3,Cy,z\n"

    conversations, [error] = read_all(content)

    assert [c.id for c in conversations] == ["1", "3"]
    assert error.line == 4
    assert found in str(error)


def test_a_conversation_that_comes_again_is_refused_once() -> None:
    conversations, [error] = read_all("conversation,text\n1,a\n2,b\n1,c\n1,d\n3,e\n")

    assert [(c.id, len(c.turns)) for c in conversations] == [("1", 1), ("2", 1), ("3", 1)]
    assert error.line == 4


# Inside a cell CRLF, CR and LF are all read as LF; a row of empty cells is no turn.
CELLS = texts().filter(lambda text: "\r" not in text and "\0" not in text)


@given(st.lists(CELLS, min_size=1, max_size=5), st.sampled_from([",", ";", "\t"]))
def test_what_was_said_is_never_changed(said: list[str], delimiter: str) -> None:
    table = io.StringIO()
    writer = csv.writer(table, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["speaker", "text"], *(["Ana", text] for text in said)])
    format = "tsv" if delimiter == "\t" else "csv"

    assert [turn.text for turn in read_one(table.getvalue(), format).turns] == said
