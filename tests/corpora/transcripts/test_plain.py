import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.corpora.transcripts.reading_here import read_all, read_one, rows
from tests.strategies import single_lines

ROUTER = """\
Customer: my router drops since 10:30
and the light says "DSL: no sync"

Agent (Priya): Could you open http://192.168.1.1 ?
[09:06:52] Visitor 4821: human
"""


def test_who_says_what() -> None:
    assert rows(read_one(ROUTER)) == [
        ("Customer", 'my router drops since 10:30\nand the light says "DSL: no sync"'),
        ("Agent (Priya)", "Could you open http://192.168.1.1 ?"),
        ("Visitor 4821", "human"),
    ]


def test_lines_are_where_turns_start_and_clocks_are_kept() -> None:
    turns = read_one(ROUTER).turns

    assert [turn.line for turn in turns] == [1, 4, 5]
    assert turns[2].meta == {"clock": "09:06:52"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("**Ana:** hi\n**Ben:** yo\n**Ana**: ok", "Ana Ben Ana", id="Markdown"),
        pytest.param("[SPEAKER_00]: hi\n[SPEAKER_01]: yo", "SPEAKER_00 SPEAKER_01", id="WhisperX"),
        pytest.param("Ana:\nhi\n\nBen:\nyo\n\nAna:\nok", "Ana Ben Ana", id="names above"),
        pytest.param("Ana：hi\nBen：yo\nAna：ok", "Ana Ben Ana", id="full-width colon"),
        pytest.param("Ana : hi\nBen : yo\nAna : ok", "Ana Ben Ana", id="a blank before the colon"),
        pytest.param("נועה: שלום?\nדן: כן\nנועה: תודה", "נועה דן נועה", id="letters without case"),
        pytest.param("10:42 Ana: a\n10:43 Ben: b\n10:44 Ana: c", "Ana Ben Ana", id="bare clock"),
        pytest.param("Q: who?\nA: me\nQ: when?\nA: now", "Q A Q A", id="questions and answers"),
    ],
)
def test_how_people_write_speakers(content: str, expected: str) -> None:
    assert [turn.speaker for turn in read_one(content).turns] == expected.split()


def test_a_date_before_the_speaker_is_read_without_inventing_a_zone() -> None:
    turn = read_one("2024-03-14 09:05:11 Ana: hi\n2024-03-14 09:06:00 Ben: yo?\n").turns[0]

    assert turn.time is not None
    assert turn.time.isoformat() == "2024-03-14T09:05:11"


def test_a_label_seen_once_inside_anothers_turn_opens_none() -> None:
    content = (
        "Ana: where to?\nthe\nDelivery point: 5 Mill St\nor so\nBen: there\nAna: ok\nBen: bye\n"
    )

    assert [turn.speaker for turn in read_one(content).turns] == ["Ana", "Ben", "Ana", "Ben"]


def test_a_heading_is_not_said_by_anybody() -> None:
    conversation = read_one("Call of Tuesday\n\nAna: hi\nBen: yo\nAna: ok\n")

    assert conversation.meta["heading"] == "Call of Tuesday"
    assert len(conversation.turns) == 3


def test_forced_on_text_without_speakers_it_says_what_it_needs() -> None:
    conversations, [error] = read_all("so where is it\n", format="plain")

    assert conversations == []
    assert "found 'so where is it', expected 'SPEAKER: text'" in str(error)


# A document that is NUL for the greater part is taken for a binary one.
@given(st.lists(single_lines().filter(lambda text: "\0" not in text), min_size=1, max_size=5))
def test_what_was_said_is_never_changed(said: list[str]) -> None:
    content = "".join(f"{'Ana' if i % 2 else 'Ben'}: {text}\n" for i, text in enumerate(said))

    assert [turn.text for turn in read_one(content, "plain").turns] == said
