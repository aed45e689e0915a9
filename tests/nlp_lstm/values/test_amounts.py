from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_lstm.values.forms import listed
from nlp_lstm.values.money import normalise_money
from nlp_lstm.values.numbers import normalise_number, read_number
from nlp_lstm.values.phones import normalise_phone


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        pytest.param("$1,200.50", "1200.50 USD", id="dollars"),
        pytest.param("$ 1 , 200 . 50", "1200.50 USD", id="cut into words"),
        pytest.param("$5.5", "5.50 USD", id="one decimal"),
        pytest.param("1200 dollars", "1200 USD", id="dollars in words"),
        pytest.param("five hundred bucks", "500 USD", id="all in words"),
        pytest.param("5 dollars and 50 cents", "5.50 USD", id="cents"),
        pytest.param("$2 million", "2000000 USD", id="scale"),
        pytest.param("£5k", "5000 GBP", id="k"),
        pytest.param("1.234,50 €", "1234.50 EUR", id="decimal comma"),
        pytest.param("1,5 euros", "1.50 EUR", id="decimal comma alone"),
        pytest.param("usd 50", "50 USD", id="code"),
        pytest.param("50p", "0.50 GBP", id="pence"),
        pytest.param("$20 dollars", "20 USD", id="said twice"),
        pytest.param("1.234 €", None, id="thousand or one"),
        pytest.param("¥500", None, id="yen or yuan"),
        pytest.param("50 cents", None, id="cents of what"),
        pytest.param("500", None, id="no currency"),
        pytest.param("cheap", None, id="no amount"),
    ],
)
def test_how_much_it_is(raw: str, amount: str | None) -> None:
    assert normalise_money(raw) == amount


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        pytest.param("1,200", "1200", id="thousands"),
        pytest.param("3.50", "3.5", id="decimals"),
        pytest.param("-5", "-5", id="negative"),
        pytest.param("100", "100", id="zeros that count"),
        pytest.param("for two people", "2", id="among words"),
        pytest.param("twenty-five", "25", id="words"),
        pytest.param("a hundred and five", "105", id="hundred"),
        pytest.param("two thousand and six", "2006", id="thousand"),
        pytest.param("half a dozen", "6", id="dozen"),
        pytest.param("1.5 million", "1500000", id="scale"),
        pytest.param("٣", "3", id="other digits"),
        pytest.param("two or three", None, id="two numbers"),
        pytest.param("2-3", None, id="a range"),
        pytest.param("5th", None, id="a place"),
        pytest.param("some", None, id="none"),
    ],
)
def test_which_number_it_is(raw: str, number: str | None) -> None:
    assert normalise_number(raw) == number


UNITS = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
TENS = listed("_ _ twenty thirty forty fifty sixty seventy eighty ninety")


def spelled(number: int) -> str:
    for size, name in ((10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" and {spelled(number % size)}" if number % size else ""
            return f"{spelled(number // size)} {name}{rest}"
    if number < 20:
        return UNITS[number]
    return TENS[number // 10] + (f"-{UNITS[number % 10]}" if number % 10 else "")


@given(st.integers(0, 999_999_999))
def test_every_number_is_read_in_words_as_in_digits(number: int) -> None:
    assert read_number(spelled(number)) == Decimal(number)
    assert read_number(f"{number:,}") == Decimal(number)


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        pytest.param("(707) 555-1234", "7075551234", id="no country"),
        pytest.param("707 - 555 - 1234", "7075551234", id="cut into words"),
        pytest.param("+1 707 555 1234", "+17075551234", id="country"),
        pytest.param("+44 (0)20 7946 0018", "+442079460018", id="a zero not dialled"),
        pytest.param("+39 06 698 12345", "+390669812345", id="a zero that is"),
        pytest.param("0044 20 7946 0018", "+442079460018", id="00 for +"),
        pytest.param("five five five oh one double two", "5550122", id="spoken"),
        pytest.param("555-1234", "5551234", id="local"),
        pytest.param("12345", None, id="too short"),
        pytest.param("1" * 16, None, id="too long"),
        pytest.param("+999 12", None, id="no such country"),
        pytest.param("call me", None, id="no number"),
    ],
)
def test_which_telephone_number_it_is(raw: str, digits: str | None) -> None:
    assert normalise_phone(raw) == digits
