from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.transcripts.phrases import EDITED, is_system
from tests.corpora.transcripts.reading_here import read_all, read_one, rows
from tests.strategies import single_lines

AT = datetime(2024, 3, 13, 0, 16)


@pytest.mark.parametrize(
    ("line", "speaker", "moment"),
    [
        pytest.param("[3/13/24, 12:16:00\u202fAM] ~\u202fTeo: x", "Teo", AT, id="iOS, US"),
        pytest.param("\u200e[13.03.24, 00:16:00] Rosa: x", "Rosa", AT, id="iOS, German, mark"),
        pytest.param("[13/03/2024 00:16:00] John: x", "John", AT, id="iOS, no comma"),
        pytest.param("13.03.24, 00:16 - Jörg: x", "Jörg", AT, id="Android, German"),
        pytest.param("3/13/24, 12:16 AM - John: x", "John", AT, id="Android, US"),
        pytest.param("13/3/2024 12:16 a.\u00a0m. - Mia: x", "Mia", AT, id="Android, Spanish"),
        pytest.param("2024-03-13, 12:16 a.m. - A: x", "A", AT, id="Android, Canada"),
        pytest.param("2024/03/13, 00:16 - A: x", "A", AT, id="year first with slashes"),
        pytest.param("13. 3. 2024, 0:16 - Jan: x", "Jan", AT, id="blanks after dots"),
        pytest.param("١٣/٠٣/٢٠٢٤, ٠٠:١٦ - سارة: x", "سارة", AT, id="Arabic digits"),
        pytest.param(
            "13.03.24, 00:16 - \u202a+44\u00a07700\u00a0900123\u202c: x",
            "+44\u00a07700\u00a0900123",
            AT,
            id="a number wrapped in marks",
        ),
    ],
)
def test_the_shapes_that_phones_write(line: str, speaker: str, moment: datetime) -> None:
    [turn] = read_one(line).turns

    assert (turn.speaker, turn.text, turn.time) == (speaker, "x", moment)


def test_a_message_goes_on_over_lines_until_the_next_header_of_the_same_grammar() -> None:
    content = (
        "13.03.24, 00:16 - Ana: look what he wrote\n"
        "[1/1/20, 10:00:00] Ben: happy new year\n"
        "\n"
        "rude, no?\n"
        "13.03.24, 00:17 - Ben: yes\n"
    )

    assert rows(read_one(content)) == [
        ("Ana", "look what he wrote\n[1/1/20, 10:00:00] Ben: happy new year\n\nrude, no?"),
        ("Ben", "yes"),
    ]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param("Ana: <Media omitted>", "media", id="Android"),
        pytest.param("Ana: <Medien ausgeschlossen>", "media", id="Android, German"),
        pytest.param("Ana: \u200eimage omitted", "media", id="iOS"),
        pytest.param("Ana: \u200e<attached: 00000001-AUDIO.opus>", "media", id="iOS, attached"),
        pytest.param("Ana: IMG-20240313-WA0001.jpg (file attached)", "media", id="file"),
        pytest.param("Ana: This message was deleted.", "deleted", id="deleted"),
        pytest.param("Ana: Du hast diese Nachricht gelöscht.", "deleted", id="deleted, German"),
        pytest.param("Ana: the image omitted my best side", None, id="about a picture"),
        pytest.param("Ana created this group", "system", id="no name before a colon"),
        pytest.param('Ana changed the subject to "A: B"', "system", id="a colon in a title"),
        pytest.param("Family: \u200eAna created this group", "system", id="iOS, by the group"),
        pytest.param("Ana: Bo was added by his mum", None, id="a person speaks of adding"),
    ],
)
def test_what_kind_of_line_it_is(body: str, kind: str | None) -> None:
    turn = read_one(f"13.03.24, 00:15 - Bo: hi\n13.03.24, 00:16 - {body}\n").turns[1]

    assert turn.meta.get("kind") == kind
    assert (turn.role == "system") == (kind == "system")
    assert bool(turn.speaker) == (kind != "system")


def test_an_edited_message_loses_the_mark_and_says_so() -> None:
    [turn] = read_one("13.03.24, 00:16 - Ana: at 6 \u200e<This message was edited>").turns

    assert (turn.text, turn.meta) == ("at 6", {"edited": True})


@pytest.mark.parametrize(
    ("dates", "order", "is_guessed"),
    [
        pytest.param(["13/3/24", "14/3/24"], "day first", False, id="13 is no month"),
        pytest.param(["3/13/24", "3/14/24"], "month first", False, id="13 is no month"),
        pytest.param(["2024/3/4", "2024/3/5"], "year first", False, id="four digits"),
        pytest.param(["5/4/24", "3/5/24"], "day first", False, id="or time would run backwards"),
        pytest.param(["4/5/24", "5/3/24"], "month first", False, id="or time would run backwards"),
        pytest.param(["3/4/24", "4/4/24"], "day first", True, id="the day changes more often"),
        pytest.param(["3/4/24", "3/5/24"], "month first", True, id="the day changes more often"),
        pytest.param(["3/4/24", "3/4/24"], "day first", True, id="custom"),
    ],
)
def test_day_or_month_first(dates: list[str], order: str, is_guessed: bool) -> None:
    content = "".join(f"{date}, 10:00 - Ana: hi\n" for date in dates)

    meta = read_one(content).meta

    assert (meta["date_order"], meta["date_order_guessed"]) == (order, is_guessed)
    assert ("notes" in meta) == is_guessed


def test_half_day_clocks_with_slashes_are_american_by_custom() -> None:
    assert read_one("3/4/24, 10:00 AM - Ana: hi\n").meta["date_order"] == "month first"


def test_a_date_quoted_in_a_message_proves_nothing() -> None:
    content = (
        "3/4/24, 10:00 - Ana: he wrote\n[1/13/20, 10:00:00] Ben: hi\n3/4/24, 10:01 - Ben: true\n"
    )

    assert read_one(content).meta["date_order_guessed"] is True


def test_the_callers_word_on_the_order_beats_all() -> None:
    [conversation], _ = read_all("3/4/24, 10:00 - Ana: hi\n", day_first=False)

    assert conversation.turns[0].time == datetime(2024, 3, 4, 10)
    assert conversation.meta["date_order_guessed"] is False


def test_forced_on_something_else_it_shows_what_it_expects() -> None:
    _, [error] = read_all("Ana: hi\n", format="whatsapp")

    assert "found 'Ana: hi', expected a WhatsApp line such as" in str(error)


def is_said(text: str) -> bool:
    """Whether WhatsApp itself would not write it, nor set marks before it."""
    return not (
        is_system(text) or EDITED.search(text) or text[:1] in "\u200e\u200f\ufeff\0" or "\0" in text
    )


@given(st.lists(single_lines().filter(is_said), min_size=1, max_size=5))
def test_what_was_said_is_never_changed(said: list[str]) -> None:
    content = "".join(f"13.03.24, 00:16 - Ana: {text}\n" for text in said)

    assert [turn.text for turn in read_one(content, "whatsapp").turns] == said
