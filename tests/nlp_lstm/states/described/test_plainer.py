"""Slots in plainer words, and conversations labelled with them."""

from nlp_lstm.states.described.plainer import plainer, plainly
from nlp_lstm.states.described.schema import CategoryValue, DescribedSchema, DescribedSlot
from tests.nlp_lstm.states.described.tiny_described import SCHEMA, Said, labelled

SEATS = DescribedSlot(
    name="Films_1-seats",
    description="Book tickets for films: Number of seats to reserve",
    kind="category",
    values=(CategoryValue(name="1"), CategoryValue(name="2")),
    group="Films_1",
)


def test_a_description_is_cut_to_what_it_says_of_the_slot_and_counts_are_numbers() -> None:
    (slot,) = plainer(DescribedSchema(name="films", slots=(SEATS,))).slots

    assert slot.description == "Number of seats to reserve"
    assert (slot.kind, slot.values) == ("number", ())
    assert slot.name.removeprefix(slot.group) == "-seats"
    assert slot.name != SEATS.name


def test_days_of_the_week_are_dates() -> None:
    days = tuple(CategoryValue(name=day) for day in ("monday", "Tuesday"))
    slot = DescribedSlot(name="day", description="day of the visit", kind="category", values=days)

    (plain,) = plainer(DescribedSchema(name="visits", slots=(slot,))).slots

    assert (plain.kind, plain.values) == ("date", ())


def test_whatever_else_keeps_its_kind_and_its_values() -> None:
    for own, other in zip(SCHEMA.slots, plainer(SCHEMA).slots, strict=True):
        assert (other.kind, other.values, other.set_by) == (own.kind, own.values, own.set_by)
        assert other.description == own.description


def test_labels_are_under_the_names_of_the_plainer_slots() -> None:
    chat = labelled(
        Said(
            "Shall it be the Hilton?",
            "yes, the Hilton",
            {"hotel-name": "Hilton"},
            marked={"hotel-name": "Hilton"},
            offered={"hotel-name": "Hilton"},
        )
    )
    known = {slot.name for slot in plainer(SCHEMA).slots}

    other = plainly(chat)

    assert other.conversation == chat.conversation
    for own, labels in zip(chat.labels, other.labels, strict=True):
        said = [one.label for one in labels.entities or ()]
        held = [(one.slot, one.value) for one in labels.state or ()]
        assert {*said, *(slot for slot, _ in held)} <= known
        assert len(said) == len(own.entities or ())
        assert [value for _, value in held] == [one.value for one in own.state or ()]
