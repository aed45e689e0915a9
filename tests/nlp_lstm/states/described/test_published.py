"""Schemas of published corpora: SGD's from its own file, the others from files that we wrote."""

from pathlib import Path

import pytest

from corpora.conversation import Conversation, Turn
from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from corpora.published import Split, read_corpus
from corpora.published.multidogo_states import SEVERAL
from nlp_lstm.states.described.published import DESCRIBED, published_labels, published_schema
from nlp_lstm.states.described.schema import Kind
from nlp_lstm.states.described.sgd_schema import Slot, kind_of

SAMPLES = Path(__file__).parents[3] / "samples"
SAMPLED: dict[str, Split] = {
    "multiwoz21": "train",
    "multiwoz21-raw": "dev",
    "woz2": "train",
    "sim-m": "train",
    "sim-r": "dev",
    "multidogo-states": "train",
    "multidogo-support": "train",
    "sgd": "train",
}


def after(*state: SlotValue) -> LabelledConversation:
    turn = Turn("hello", role="customer")
    return LabelledConversation(Conversation("1", (turn,)), (TurnLabels(state=state),))


def respelt(name: str, *state: SlotValue) -> tuple[SlotValue, ...] | None:
    schema = published_schema(name, SAMPLES)
    (labelled,) = published_labels(name, schema, [after(*state)])
    return labelled.labels[0].state


def test_every_schema_is_judged_by_a_sample() -> None:
    assert SAMPLED.keys() == {*DESCRIBED, "sgd"}


@pytest.mark.parametrize("name", SAMPLED)
def test_a_schema_holds_what_its_corpus_labels(name: str) -> None:
    split = SAMPLED[name]
    schema = published_schema(name, SAMPLES, split)

    read = list(published_labels(name, schema, read_corpus(name, SAMPLES, split)))

    held = {one for each in read for labels in each.labels for one in labels.state or ()}
    assert held
    for one in held:
        slot = schema.slots[schema.slot_index[one.slot]]
        listed = {value.name for value in slot.values}
        listed |= {"true", "false"} if slot.kind == "boolean" else set()
        assert not listed or one.value in listed | {"dontcare"}


@pytest.mark.parametrize("name", [name for name in SAMPLED if name not in ("woz2",)])
def test_groups_are_what_conversations_are_about(name: str) -> None:
    groups = {slot.group for slot in published_schema(name, SAMPLES, SAMPLED[name]).slots}

    for labelled in read_corpus(name, SAMPLES, SAMPLED[name]):
        assert set(labelled.conversation.meta.get("services", ())) <= groups


def test_slots_of_several_values_are_those_that_accumulate() -> None:
    schema = published_schema("multidogo-states", SAMPLES)

    assert {slot.name for slot in schema.slots if slot.several} == SEVERAL


def test_an_sgd_slot() -> None:
    schema = published_schema("sgd", SAMPLES)

    genre = schema.slots[schema.slot_index["Media_1-genre"]]
    assert (genre.kind, genre.group) == ("span", "Media_1")
    assert genre.description == (
        "A leading provider of movies for searching and watching on-demand: Genre of the movie"
    )
    shows = schema.slots[schema.slot_index["Movies_1-show_type"]]
    assert [value.name for value in shows.values] == ["regular", "3d", "imax"]


@pytest.mark.parametrize(
    ("name", "description", "kind"),
    [
        ("phone_number", "Phone number of the hotel", "phone"),
        ("number_of_days", "Number of days in the reservation", "number"),
        ("transfer_time", "Number of days for the transfer to go through", "number"),
        ("wait_time", "Expected waiting time for pick-up by cab", "number"),
        ("approximate_ride_duration", "Approximate duration of ride", "number"),
        ("average_rating", "Average review rating for the hotel", "number"),
        ("check_in_date", "Start date for the reservation", "date"),
        ("show_time", "Time of the show", "time"),
        ("transfer_amount", "The amount of money to transfer", "money"),
        ("price_per_night", "Price per night for the stay", "money"),
        ("recipient_name", "The name of the recipient", "person"),
        ("directed_by", "Name of the director of the movie", "person"),
        ("origin_airport_name", "Number of the airport flying out from", "span"),
        ("stylist_name", "Name of the hair stylist/salon", "span"),
        ("event_name", "Title of event", "span"),
    ],
)
def test_what_an_sgd_slot_is_called_tells_its_kind(name: str, description: str, kind: Kind) -> None:
    slot = Slot(name=name, description=description, is_categorical=False, possible_values=())

    assert kind_of(slot) == kind


@pytest.mark.parametrize(
    ("values", "kind"), [(("True", "False"), "boolean"), (("1", "2"), "category")]
)
def test_an_sgd_slot_that_lists_its_values(values: tuple[str, ...], kind: Kind) -> None:
    slot = Slot(name="date", description="Date", is_categorical=True, possible_values=values)

    assert kind_of(slot) == kind


def test_any_value_will_do_is_spelt_one_way() -> None:
    cares_not = SlotValue("restaurant-food", "do not care")

    assert respelt("multiwoz21", cares_not) == (SlotValue("restaurant-food", "dontcare"),)
    assert respelt("woz2", SlotValue("food", "dontcare")) == (SlotValue("food", "dontcare"),)


@pytest.mark.parametrize(
    ("held", "spelt"),
    [
        pytest.param(SlotValue("area", "center"), "centre", id="an alias"),
        pytest.param(SlotValue("food", "center"), "center", id="a span stays"),
        pytest.param(SlotValue("area", "nowhere"), "nowhere", id="an unlisted value stays"),
        pytest.param(SlotValue("name", "center"), "center", id="an undescribed slot stays"),
    ],
)
def test_categories_are_spelt_as_they_are_listed(held: SlotValue, spelt: str) -> None:
    assert respelt("woz2", held) == (SlotValue(held.slot, spelt),)


def test_turns_without_a_state_stay_without() -> None:
    schema = published_schema("woz2", SAMPLES)
    turn = LabelledConversation(Conversation("1", (Turn("hello"),)), (TurnLabels(),))

    assert list(published_labels("woz2", schema, [turn])) == [turn]


def test_a_corpus_without_described_slots_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="no schema of 'meld'; there are sgd, multiwoz21"):
        published_schema("meld", SAMPLES)
    with pytest.raises(ValueError, match="no corpus 'woz3'"):
        next(published_labels("woz3", published_schema("woz2", SAMPLES), []))
