import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_lstm.values.times import normalise_time


@pytest.mark.parametrize(
    ("raw", "time"),
    [
        pytest.param("5:30pm", "17:30", id="afternoon"),
        pytest.param("5 : 30", "05:30", id="as on a 24-hour clock"),
        pytest.param("5 p . m .", "17:00", id="cut into words"),
        pytest.param("At 5 P.M.", "17:00", id="capitals and a preposition"),
        pytest.param("12 am", "00:00", id="midnight hour"),
        pytest.param("12:15 p.m.", "12:15", id="noon hour"),
        pytest.param("half past five in the afternoon", "17:30", id="half past"),
        pytest.param("quarter to 6 pm", "17:45", id="quarter to"),
        pytest.param("quarter to 12 am", "23:45", id="the evening before"),
        pytest.param("a quarter to 12 in the morning", "11:45", id="before noon"),
        pytest.param("quarter to 1 in the afternoon", "12:45", id="after noon"),
        pytest.param("0:25 am", "00:25", id="hour 0"),
        pytest.param('5 o"clock in the evening', "17:00", id="any apostrophe"),
        pytest.param("8 in the night", "20:00", id="in the night"),
        pytest.param("ten past five am", "05:10", id="past"),
        pytest.param("10 minutes to 6 pm", "17:50", id="minutes to"),
        pytest.param("five thirty pm", "17:30", id="words"),
        pytest.param("twelve forty-five am", "00:45", id="words after midnight"),
        pytest.param("evening 6:15", "18:15", id="part of the day first"),
        pytest.param("7 at night", "19:00", id="night before midnight"),
        pytest.param("2 at night", "02:00", id="night after midnight"),
        pytest.param("12 in the morning", "00:00", id="twelve in the morning"),
        pytest.param("noon", "12:00", id="noon"),
        pytest.param("12 midnight", "00:00", id="midnight"),
        pytest.param("1730hrs", "17:30", id="military"),
        pytest.param("17h30", "17:30", id="with an h"),
        pytest.param("17", "17:00", id="an hour of the afternoon"),
        pytest.param("17 o'clock", "17:00", id="o'clock of the afternoon"),
        pytest.param("24:00", "00:00", id="the end of a day"),
        pytest.param("5", None, id="a bare hour"),
        pytest.param("five o'clock", None, id="a bare hour in words"),
        pytest.param("half past five", None, id="either half of the day"),
        pytest.param("14 pm", None, id="no such hour"),
        pytest.param("5:99", None, id="no such minute"),
        pytest.param("five to six", None, id="a range"),
        pytest.param("5pm or 6pm", None, id="two times"),
        pytest.param("", None, id="empty"),
    ],
)
def test_what_time_it_is(raw: str, time: str | None) -> None:
    assert normalise_time(raw) == time


@given(st.times())
def test_every_minute_of_the_day_is_read_however_it_is_written(time: datetime.time) -> None:
    form = f"{time:%H:%M}"

    assert normalise_time(form) == form
    assert normalise_time(f"{time:%I:%M %p}") == form
    assert normalise_time(f"{time:%I : %M %p}".lower()) == form
