"""A new value that does not fit never erases the old one, and says why it does not fit."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.changes import operations
from nlp_lstm.states.described.revision import Accepted, Reason, Rejected, revise
from nlp_lstm.states.described.slots import CategoryValue, DescribedSlot, Setter
from nlp_lstm.values.kinds import Kind
from tests.strategies import texts

TUESDAY = datetime(2026, 3, 3, 10, 30)


def slot(
    kind: Kind = "span", *, several: bool = False, pattern: str | None = None
) -> DescribedSlot:
    return DescribedSlot(name="s", description="d", kind=kind, several=several, pattern=pattern)


SIZE = DescribedSlot(
    name="size",
    description="size of the drink",
    kind="category",
    values=(
        CategoryValue(name="small"),
        CategoryValue(name="large", aliases=("big", "extra grande")),
    ),
)
TOPPINGS = SIZE.model_copy(update={"several": True})
ORDER = slot("identifier", pattern=r"[A-Z]{2}\d{6}")


@pytest.mark.parametrize(
    ("slot", "raw", "value", "kept_raw"),
    [
        pytest.param(SIZE, "Small", "small", None, id="a listed value"),
        pytest.param(SIZE, "extra  Grande", "large", "extra  Grande", id="an alias"),
        pytest.param(slot("time"), "5:30pm", "17:30", "5:30pm", id="a time"),
        pytest.param(slot("time"), "half past five", "half past five", None, id="of which half?"),
        pytest.param(slot("number"), "six people", "6", "six people", id="a number among words"),
        pytest.param(slot("money"), "$1,200.50", "1200.50 USD", "$1,200.50", id="an amount"),
        pytest.param(slot("boolean"), "yes", "true", "yes", id="yes"),
        pytest.param(slot("person"), "Ana  Petrov", "Ana Petrov", None, id="a name"),
        pytest.param(slot("email"), "Ana@Example.com", "ana@example.com", None, id="an address"),
        pytest.param(ORDER, "ab 123456", "AB123456", "ab 123456", id="of the pattern, tidied"),
        pytest.param(
            slot("phone", pattern=r"\d{3}-\d{4}"), "555-1234", "555-1234", None, id="as written"
        ),
        pytest.param(slot("date"), "march 5th", "2026-03-05", "march 5th", id="a date"),
        pytest.param(
            slot("date"), "29 February", "2028-02-29", "29 February", id="a date of leap years"
        ),
        pytest.param(slot("date"), "03/04/2026", "03/04/2026", None, id="which is the month?"),
        pytest.param(slot("date"), "some weekend", "some weekend", None, id="no date yet"),
    ],
)
def test_what_fits_is_taken_in_its_normalised_form(
    slot: DescribedSlot, raw: str, value: str, kept_raw: str | None
) -> None:
    for present in ((), ("old",)):
        assert revise(slot, present, raw, by="customer", at=TUESDAY) == Accepted(
            value, kept_raw, (value,)
        )


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        pytest.param("March 5th", "March 5th", id="a day of some year"),
        pytest.param("next  Tuesday", "next Tuesday", id="seen from today"),
        pytest.param("29 February", "29 February", id="of some years"),
        pytest.param("Friday, March 6th", "Friday, March 6th", id="a Friday in some years"),
        pytest.param("Sunday the 31st", "Sunday the 31st", id="of some months"),
        pytest.param("March 5th 2026", "2026-03-05", id="needs no today"),
    ],
)
def test_without_a_time_a_date_stays_as_it_was_said(raw: str, value: str) -> None:
    revised = revise(slot("date"), ["2026-01-01"], raw, by="customer")

    assert revised.values == (value,)


@pytest.mark.parametrize(
    ("slot", "raw", "reason"),
    [
        pytest.param(SIZE, "medium", "not one of the values", id="not listed"),
        pytest.param(SIZE, "", "nothing said", id="empty"),
        pytest.param(slot(), " \n\u2003", "nothing said", id="blank"),
        pytest.param(slot(), "long " * 50, "too long", id="a speech"),
        pytest.param(ORDER, "tomorrow", "not of the pattern", id="not of the pattern"),
        pytest.param(ORDER, "AB1234567", "not of the pattern", id="a digit too many"),
        pytest.param(slot("number"), "a few", "not of the kind", id="no number"),
        pytest.param(slot("number"), "2 or 3", "not of the kind", id="two numbers"),
        pytest.param(slot("boolean"), "perhaps", "not of the kind", id="neither yes nor no"),
        pytest.param(slot("email"), "ana at home", "not of the kind", id="no address"),
        pytest.param(slot("date"), "31 February", "no such date", id="31 February"),
        pytest.param(slot("date"), "February 30th", "no such date", id="February 30th"),
        pytest.param(slot("date"), "2026-04-31", "no such date", id="31 April"),
        pytest.param(slot("date"), "31/04/2026", "no such date", id="31/04, whichever is which"),
        pytest.param(slot("date"), "13/13/2026", "no such date", id="a thirteenth month"),
        pytest.param(slot("date"), "Monday 31 June", "no such date", id="no Monday either"),
        pytest.param(slot("time"), "25:30", "no such time", id="25:30"),
        pytest.param(slot("time"), "10:75", "no such time", id="10:75"),
    ],
)
@pytest.mark.parametrize("at", [TUESDAY, None], ids=["at a time", "at no time"])
@pytest.mark.parametrize("present", [(), ("old",)], ids=["empty", "filled"])
def test_what_does_not_fit_leaves_the_old_value(
    slot: DescribedSlot,
    raw: str,
    reason: Reason,
    at: datetime | None,
    present: tuple[str, ...],
) -> None:
    assert revise(slot, present, raw, by="customer", at=at) == Rejected(reason, present)


@pytest.mark.parametrize(
    ("set_by", "by", "fits"),
    [
        pytest.param(("customer",), "customer", True, id="the customer's slot"),
        pytest.param(("customer",), "agent", False, id="an agent cannot set it"),
        pytest.param(("agent",), "customer", False, id="a customer cannot set it"),
        pytest.param(("customer", "agent"), "agent", True, id="both can"),
    ],
)
def test_whose_turn_may_set_a_slot(set_by: tuple[Setter, ...], by: Setter, fits: bool) -> None:
    owned = slot().model_copy(update={"set_by": set_by, "several": True})

    revised = revise(owned, ["old"], "new", by=by)

    if fits:
        assert revised.values == ("old", "new")
    else:
        assert revised == Rejected("another speaker's", ("old",))


@pytest.mark.parametrize(
    ("kind", "present", "raw", "values"),
    [
        pytest.param("span", (), "tea", ("tea",), id="the first"),
        pytest.param("span", ("tea",), "milk", ("tea", "milk"), id="one more"),
        pytest.param("span", ("tea", "milk"), " TEA", ("tea", "milk"), id="there already"),
        pytest.param("time", ("17:30",), "5:30 pm", ("17:30",), id="there, said otherwise"),
        pytest.param("date", ("march 5th",), "5 March", ("march 5th",), id="one date, unread"),
        pytest.param("date", ("march 5th",), "31 February", ("march 5th",), id="no such date"),
        pytest.param("span", ("dontcare",), "tea", ("tea",), id="any would do, now one will"),
    ],
)
def test_a_slot_of_several_values_grows(
    kind: Kind, present: tuple[str, ...], raw: str, values: tuple[str, ...]
) -> None:
    assert revise(slot(kind, several=True), present, raw, by="customer").values == values


SLOTS = [SIZE, TOPPINGS, ORDER]
KINDS: tuple[Kind, ...] = (
    *("span", "number", "time", "date", "money", "boolean"),
    *("person", "identifier", "phone", "email"),
)
SLOTS += [slot(kind, several=kind != "boolean") for kind in KINDS] + [slot(kind) for kind in KINDS]
SAID = ("31 February", "5:30pm", "march 5th", "25:00", "big", "no", "ab 123456", "six", "$5")


@settings(deadline=None)
@given(
    st.sampled_from(SLOTS),
    st.lists(texts() | st.sampled_from(SAID), max_size=6),
    st.none() | st.just(TUESDAY),
)
def test_no_words_whatever_empty_a_slot(
    slot: DescribedSlot, said: list[str], at: datetime | None
) -> None:
    """What is accepted is one operation away; what is rejected, none."""
    values: tuple[str, ...] = ()
    for raw in said:
        revised = revise(slot, values, raw, by="customer", at=at)
        done = operations(values, revised.values, several=slot.several)
        if isinstance(revised, Rejected):
            assert revised.values == values
        else:
            assert revised.value.strip()
            assert [operation for operation, _ in done] in ([], ["set"], ["replace"], ["append"])
            again = revise(slot, revised.values, raw, by="customer", at=at)
            assert again.values == revised.values
        values = revised.values
