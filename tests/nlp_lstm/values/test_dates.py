from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_lstm.values.dates import normalise_date

TUESDAY = datetime(2026, 3, 3, 10, 30)


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        pytest.param("2026-03-05", "2026-03-05", id="ISO"),
        pytest.param("March 5th, 2026", "2026-03-05", id="month first"),
        pytest.param("the fifth of march 2026", "2026-03-05", id="day first"),
        pytest.param("5 mar 2026", "2026-03-05", id="abbreviated"),
        pytest.param("25/12/2026", "2026-12-25", id="only one can be the month"),
        pytest.param("12/25/85", "1985-12-25", id="two digits of a year"),
        pytest.param("5/5/2026", "2026-05-05", id="either way the same day"),
        pytest.param("thursday march 5 2026", "2026-03-05", id="with its weekday"),
        pytest.param("05/06/2026", None, id="June 5 or May 6"),
        pytest.param("monday march 5 2026", None, id="with another weekday"),
        pytest.param("february 30 2026", None, id="no such day"),
        pytest.param("march 5th", None, id="of which year"),
        pytest.param("tomorrow", None, id="seen from when"),
        pytest.param("friday", None, id="which one"),
    ],
)
def test_dates_that_need_no_other(raw: str, day: str | None) -> None:
    assert normalise_date(raw, None) == day


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        pytest.param("today", "2026-03-03", id="today"),
        pytest.param("Tomorrow!", "2026-03-04", id="tomorrow"),
        pytest.param("the day after tomorrow", "2026-03-05", id="after tomorrow"),
        pytest.param("yesterday", "2026-03-02", id="yesterday"),
        pytest.param("march 5th", "2026-03-05", id="this year"),
        pytest.param("march 3rd", "2026-03-03", id="today by date"),
        pytest.param("february 5", "2027-02-05", id="next year"),
        pytest.param("february 29", "2028-02-29", id="next leap year"),
        pytest.param("the 5th", "2026-03-05", id="this month"),
        pytest.param("the 2nd", "2026-04-02", id="next month"),
        pytest.param("the 31st", "2026-03-31", id="a month that has it"),
        pytest.param("thursday the 5th", "2026-03-05", id="weekday and day"),
        pytest.param("friday the 5th", None, id="weekday of another day"),
        pytest.param("on friday", "2026-03-06", id="the coming one"),
        pytest.param("tuesday", None, id="today or in a week"),
        pytest.param("this tuesday", "2026-03-03", id="today"),
        pytest.param("next monday", "2026-03-09", id="the next one is in next week"),
        pytest.param("next friday", None, id="in three days or in ten"),
        pytest.param("friday next week", "2026-03-13", id="next week"),
        pytest.param("last friday", "2026-02-27", id="last week"),
        pytest.param("last monday", None, id="yesterday or a week before"),
        pytest.param("saturday this week", "2026-03-07", id="this week"),
        pytest.param("monday this week", None, id="gone already"),
        pytest.param("the 1st of this month", "2026-03-01", id="this month, gone or not"),
        pytest.param("5th", "2026-03-05", id="without its article"),
        pytest.param("in three days", "2026-03-06", id="days"),
        pytest.param("in a week", "2026-03-10", id="a week"),
        pytest.param("2 weeks ago", "2026-02-17", id="weeks ago"),
        pytest.param("12/25", "2026-12-25", id="without a year"),
        pytest.param("5/6", None, id="June 5 or May 6"),
        pytest.param("next week", None, id="seven days"),
        pytest.param("soon", None, id="no date"),
        pytest.param("", None, id="empty"),
    ],
)
def test_dates_seen_from_a_tuesday(raw: str, day: str | None) -> None:
    assert normalise_date(raw, TUESDAY) == day


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_every_day_is_read_however_it_is_written(day: date) -> None:
    for form in ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%A, %b %d %Y", "the %dth of %B , %Y"):
        assert normalise_date(day.strftime(form), None) == day.isoformat()


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 1)), st.integers(1, 27))
def test_a_day_to_come_needs_no_year(today: date, days: int) -> None:
    at = datetime.combine(today, datetime.min.time())
    day = today + timedelta(days=days)

    assert normalise_date(f"{day:%B} {day.day}", at) == day.isoformat()
    assert normalise_date(f"in {days} days", at) == day.isoformat()
    if days < 7:
        assert normalise_date(f"{day:%A}", at) == day.isoformat()
