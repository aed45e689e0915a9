from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_lstm.values.checks import check
from nlp_lstm.values.moments import normalise_moment
from tests.strategies import texts

AT = datetime(2026, 3, 5, 10, 0)  # a Thursday


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("tomorrow at 5 pm", "2026-03-06T17:00"),
        ("5 pm on friday", "2026-03-06T17:00"),
        ("tomorrow at 5", "2026-03-06"),
        ("tomorrow morning", "2026-03-06"),
        ("tonight at 8", "2026-03-05T20:00"),
        ("9 tomorrow morning", "2026-03-06T09:00"),
        ("yesterday around 3pm", "2026-03-04T15:00"),
        ("the 3rd of may, 5:30 pm", "2026-05-03T17:30"),
        ("in two hours", "2026-03-05T12:00"),
        ("half an hour ago", "2026-03-05T09:30"),
        ("next month", "2026-04"),
        ("last year", "2025"),
        ("next week", "2026-W11"),
        ("march 2027", "2027-03"),
        ("24062018", "2018-06-24"),
        ("20180624", "2018-06-24"),
        ("2026-03-05T17:00:30Z", "2026-03-05T17:00"),
        ("next friday", None),
        ("friday or saturday", None),
        ("tomorrow, five people", None),
        ("2026-99-05T17:00", None),
        ("in 9999 hours or so", None),
        ("some time", None),
    ],
)
def test_a_moment_is_as_exact_as_it_was_said(said: str, moment: str | None) -> None:
    assert normalise_moment(said, AT) == moment


def test_without_the_time_of_the_turn_relative_moments_are_unknown() -> None:
    for said in ("tomorrow at 5 pm", "in two hours", "next month", "last week"):
        assert normalise_moment(said, None) is None
    assert normalise_moment("march 2027", None) == "2027-03"


def test_on_a_sunday_nobody_knows_which_week_is_next() -> None:
    assert normalise_moment("next week", datetime(2026, 3, 8)) is None


@pytest.mark.parametrize(
    ("said", "time"),
    [("1130 pm", "23:30"), ("315 am", "03:15"), ("tomorrow at 5 pm", "2026-03-06T17:00"),
     ("tomorrow", None), ("half past five", None)],
)  # fmt: skip
def test_a_time_may_be_said_with_its_day(said: str, time: str | None) -> None:
    assert check("time", said, AT).value == time


def test_a_telephone_number_may_have_an_extension() -> None:
    assert check("phone", "0276936225 x 031") == ("0276936225;ext=031", "passed")
    assert check("phone", "+44 20 7946 0018 ext. 5").value == "+442079460018;ext=5"


@given(texts(), st.none() | st.datetimes(timezones=st.none() | st.just(UTC)))
def test_any_text_has_a_moment_or_none(said: str, at: datetime | None) -> None:
    assert normalise_moment(said, at) is None or at is not None or any(map(str.isdecimal, said))
