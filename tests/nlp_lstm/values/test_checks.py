from datetime import datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_lstm.values.cards import has_check_digit
from nlp_lstm.values.checks import check
from nlp_lstm.values.ibans import LENGTHS, has_check_digits
from nlp_lstm.values.kinds import Check
from tests.strategies import texts

AT = datetime(2026, 3, 5, 10, 0)  # a Thursday


@pytest.mark.parametrize(
    ("kind", "said", "value"),
    [
        ("email", "Ana.Lee@Example.ORG", "ana.lee@example.org"),
        ("email", "john dot smith at gmail dot com", "john.smith@gmail.com"),
        ("url", "https://Example.org/Help?a=1", "https://example.org/Help?a=1"),
        ("url", "www.example.co.uk/help).", "www.example.co.uk/help"),
        ("url", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
        ("phone", "+44 (0)20 7946 0018", "+442079460018"),
        ("phone", "(707) 555-1234", "7075551234"),
        ("iban", "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("iban", "GB82-WEST-1234-5698-7654-32", "GB82WEST12345698765432"),
        ("card", "4111 1111 1111 1111", "4111111111111111"),
        ("card", "3782-822463-10005", "378282246310005"),
        ("money", "$1,200.50", "1200.50 USD"),
        ("date", "tomorrow", "2026-03-06"),
        ("date", "31/12/2026", "2026-12-31"),
        ("time", "half past five pm", "17:30"),
        ("number", "twenty-five", "25"),
    ],
)
def test_what_can_be_read_has_passed_and_has_one_form(kind: Check, said: str, value: str) -> None:
    assert check(kind, said, AT) == (value, "passed")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        pytest.param("email", "ana at home", id="no host"),
        pytest.param("email", "ana@example", id="no top level"),
        pytest.param("url", "ana@example.org", id="an address of e-mail"),
        pytest.param("url", "the website", id="words"),
        pytest.param("phone", "12", id="too few digits"),
        pytest.param("phone", "+999 123 456 789", id="no such country"),
        pytest.param("iban", "DE89 3704 0044 0532 0130 01", id="last digit wrong"),
        pytest.param("iban", "DE98 3704 0044 0532 0130 00", id="digits swapped"),
        pytest.param("iban", "DE89 3704 0044 0532 0130", id="too short for its country"),
        pytest.param("card", "4111 1111 1111 1112", id="last digit wrong"),
        pytest.param("card", "4111 1111 1111 1111 11", id="longer"),
        pytest.param("date", "31/02/2026", id="no such day"),
        pytest.param("date", "feb 30", id="in no year"),
        pytest.param("date", "friday 5 march 2026", id="on another day of the week"),
        pytest.param("time", "25:10", id="no such hour"),
        pytest.param("time", "8:75 pm", id="no such minute"),
        pytest.param("email", "a" * 100_000, id="too long for one"),
    ],
)
def test_what_cannot_be_has_failed(kind: Check, said: str) -> None:
    assert check(kind, said, AT) == (None, "failed")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        pytest.param("card", "ending in 1111", id="a part of a card"),
        pytest.param("card", "4111 xxxx xxxx 1111", id="a card with digits left out"),
        pytest.param("phone", "xxx-xxx-1234", id="a phone with digits left out"),
        pytest.param("iban", "DE89 **** **** 3000", id="an IBAN with digits left out"),
        pytest.param("money", "a lot of money", id="no amount"),
        pytest.param("money", "50", id="no currency"),
        pytest.param("date", "some day soon", id="no date"),
        pytest.param("date", "05/06/2026", id="May or June"),
        pytest.param("date", "feb 29", id="of a year that has it"),
        pytest.param("date", "01/02/00", id="January or February of 2000"),
        pytest.param("time", "five", id="either half of the day"),
        pytest.param("number", "two or three", id="two numbers"),
        pytest.param("date", "a" * 100_000, id="too long to read"),
    ],
)
def test_what_nothing_can_tell_is_left_alone(kind: Check, said: str) -> None:
    assert check(kind, said, None) == (None, None)


def test_relative_dates_need_the_time_of_the_turn() -> None:
    assert check("date", "tomorrow", None) == (None, None)
    assert check("date", "next monday", AT) == ("2026-03-09", "passed")


@given(st.text("0123456789", min_size=11, max_size=18))
def test_one_check_digit_fits_and_every_changed_digit_is_noticed(digits: str) -> None:
    [fitting] = [last for last in "0123456789" if has_check_digit(digits + last)]
    changed = str((int(digits[0]) + 1) % 10) + digits[1:]
    assert not has_check_digit(changed + fitting)


@given(st.sampled_from(sorted(LENGTHS)), st.text("0123456789ABCXYZ", min_size=30, max_size=30))
def test_one_pair_of_check_digits_fits(country: str, account: str) -> None:
    account = account[: LENGTHS[country] - 4]
    fitting = [
        pair
        for pair in map("{:02d}".format, range(2, 99))
        if has_check_digits(f"{country}{pair}{account}")
    ]
    assert len(fitting) == 1


@given(st.sampled_from(get_args(Check)), texts(), st.none() | st.datetimes())
def test_any_text_has_an_answer(kind: Check, said: str, at: datetime | None) -> None:
    value, result = check(kind, said, at)
    assert (value is not None) == (result == "passed")
