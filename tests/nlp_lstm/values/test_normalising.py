from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_lstm.values import find_values, normalise
from nlp_lstm.values.forms import listed
from nlp_lstm.values.kinds import Kind
from tests.strategies import texts

KINDS: tuple[Kind, ...] = get_args(Kind)


@pytest.mark.parametrize(
    ("kind", "raw", "form"),
    [
        pytest.param("boolean", "Yes, please!", "true", id="yes"),
        pytest.param("boolean", "nope", "false", id="no"),
        pytest.param("boolean", "yes i do", "true", id="yes, in full"),
        pytest.param("boolean", "I don’t", "false", id="no, in full"),
        pytest.param("boolean", "of course", "true", id="of course"),
        pytest.param("boolean", "of course not", "false", id="of course not"),
        pytest.param("boolean", "not sure", None, id="both"),
        pytest.param("boolean", "maybe", None, id="neither"),
        pytest.param("boolean", "no problem", None, id="more than an answer"),
        pytest.param("identifier", "ab 123456", "AB123456", id="blanks in a code"),
        pytest.param("identifier", "#LH-40719.", "LH-40719", id="sign and full stop"),
        pytest.param("identifier", "four double seven oh", "4770", id="spoken digits"),
        pytest.param("identifier", "my number is 5", None, id="words among digits"),
        pytest.param("email", "Ana@Example.org", "ana@example.org", id="address"),
        pytest.param("email", "ana @ example . org", "ana@example.org", id="cut into words"),
        pytest.param("email", "ana at example dot org", "ana@example.org", id="said"),
        pytest.param("email", "ana", None, id="no address"),
        pytest.param("person", " Ana  López ", "Ana López", id="name"),
        pytest.param("span", "by the  river", "by the river", id="words"),
        pytest.param("category", " ", None, id="blank"),
        pytest.param("number", "9" * 500, None, id="far too long"),
    ],
)
def test_what_a_value_is(kind: Kind, raw: str, form: str | None) -> None:
    assert normalise(kind, raw) == form


MOMENTS = st.none() | st.datetimes() | st.datetimes(timezones=st.just(UTC))
SPOKEN = listed(
    "5 0 31 12 99 2026 9999 555 5th first twenty hundred million k am pm : / - . $ € + 00 ( )"
    " of the march february friday next last this week days ago in half past quarter to minutes"
    " a dozen yes not double oh @ at dot org ٣ ५ morning night"
)
SAID = st.lists(st.sampled_from(SPOKEN), max_size=8)


@given(st.sampled_from(KINDS), texts() | SAID.map(" ".join) | SAID.map("".join), MOMENTS)
def test_whatever_was_said_is_read_or_left_alone(kind: Kind, raw: str, at: datetime | None) -> None:
    form = normalise(kind, raw, at=at)

    assert form is None or (form == form.strip() != "")


@given(st.sampled_from(KINDS), SAID.map(" ".join))
def test_a_canonical_form_is_its_own(kind: Kind, raw: str) -> None:
    form = normalise(kind, raw)

    assert form is None or normalise(kind, form) == form


@given(texts())
def test_whatever_is_found_can_be_asked_for_its_form(text: str) -> None:
    for start, end, kind in find_values(text):
        normalise(kind, text[start:end])
