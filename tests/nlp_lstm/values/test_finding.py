from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp_lstm.values import find_values
from nlp_lstm.values.forms import listed
from tests.strategies import texts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("it is 8:30 pm", [("8:30 pm", "time")], id="clock"),
        pytest.param("at 5 : 30 pm.", [("5 : 30 pm", "time")], id="clock, cut into words"),
        pytest.param("5 p . m . then", [("5 p . m .", "time")], id="p.m., cut into words"),
        pytest.param("half past 11 in the morning", [("half past 11 in the morning", "time")]),
        pytest.param("evening 6:15", [("evening 6:15", "time")], id="part of the day first"),
        pytest.param("five thirty pm", [("five thirty pm", "time")], id="clock in words"),
        pytest.param("at 5 for 6 people", [("5", "time"), ("6", "number")], id="hour and count"),
        pytest.param("by 5 people", [("5", "number")], id="a count after `by`"),
        pytest.param("noon or midnight", [("noon", "time"), ("midnight", "time")], id="noon"),
        pytest.param("on March 5th, 2026!", [("March 5th, 2026", "date")], id="month first"),
        pytest.param("the 5 th of march", [("5 th of march", "date")], id="cut into words"),
        pytest.param("2026-03-05", [("2026-03-05", "date")], id="ISO date"),
        pytest.param("3 / 5 / 2026", [("3 / 5 / 2026", "date")], id="numeric, cut into words"),
        pytest.param("friday next week", [("friday next week", "date")], id="weekday"),
        pytest.param("monday the 11th", [("monday the 11th", "date")], id="weekday and day"),
        pytest.param("the 5th or 5th street", [("the 5th", "date")], id="a day, not a street"),
        pytest.param('5 o"clock in the evening', [('5 o"clock in the evening', "time")]),
        pytest.param("in the morning at 9:30 am", [("9:30 am", "time")], id="part said before"),
        pytest.param("a quarter past 5", [("quarter past 5", "time")], id="without its article"),
        pytest.param("on the 5th of march.", [("5th of march", "date")], id="without a full stop"),
        pytest.param("in three days", [("in three days", "date")], id="counted days"),
        pytest.param("we sat in the sun, may we?", [], id="words that are days and months"),
        pytest.param("$1,200.50 please", [("$1,200.50", "money")], id="dollars"),
        pytest.param("$ 40 or 50 euros", [("$ 40", "money"), ("50 euros", "money")], id="money"),
        pytest.param("twenty-five bucks", [("twenty-five bucks", "money")], id="money in words"),
        pytest.param("a hundred and five", [("a hundred and five", "number")], id="number words"),
        pytest.param("1,200 or 2.5", [("1,200", "number"), ("2.5", "number")], id="numbers"),
        pytest.param("(707) 555-1234", [("(707) 555-1234", "phone")], id="phone"),
        pytest.param("707 - 555 - 1234", [("707 - 555 - 1234", "phone")], id="cut into words"),
        pytest.param("+44 (0)20 7946 0018", [("+44 (0)20 7946 0018", "phone")], id="abroad"),
        pytest.param("5 5 5 0 1 2 3", [("5 5 5 0 1 2 3", "phone")], id="phone, digit by digit"),
        pytest.param("ana@example.org. Bye", [("ana@example.org", "email")], id="email"),
        pytest.param(
            "ana @ example . co . uk . bye", [("ana @ example . co . uk", "email")], id="spaced"
        ),
        pytest.param("ana at example dot org", [("ana at example dot org", "email")], id="said"),
        pytest.param("order LH-40719", [("LH-40719", "identifier")], id="code"),
        pytest.param("#5512", [("#5512", "identifier")], id="number sign"),
        pytest.param("account 12345678", [("12345678", "identifier")], id="long number"),
        pytest.param("four double seven oh one", [("four double seven oh one", "identifier")]),
        pytest.param("the 21st century, 10km", [("the 21st", "date")], id="units are no codes"),
        pytest.param("İ at 5pm", [("5pm", "time")], id="a letter that lowers to two"),
        pytest.param("", [], id="empty"),
        pytest.param("nothing to see here", [], id="nothing"),
    ],
)
def test_what_is_found(text: str, found: list[tuple[str, str]]) -> None:
    assert [(text[start:end], kind) for start, end, kind in find_values(text)] == found


PIECES = listed(
    "5 12 2026 555 - / : . , $ € # + ( ) @ pm am o'clock march may the 5th of friday next week in"
    " days one twenty hundred and thousand dollars half past double oh at ana dot org 😀"
)


@given(
    texts()
    | st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)
    | st.lists(st.sampled_from(PIECES)).map("".join)
)
@example("５：３０ pm ٣ march")
def test_values_lie_in_the_text_in_order_and_apart(text: str) -> None:
    found = find_values(text)

    assert all(0 <= value.start < value.end <= len(text) for value in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(text[value.start : value.end].strip() for value in found)


@pytest.mark.parametrize(
    "piece",
    ["1", "a", "1 ", "1-", "a-1", "one ", "$1,111", "double ", "5:", "a@a.", "1 1", "#", "("],
)
def test_a_long_turn_is_searched(piece: str) -> None:
    """What takes steps for each pair of characters would not end here."""
    text = piece * 50_000

    assert all(0 <= one.start < one.end <= len(text) for one in find_values(text))
