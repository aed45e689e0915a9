"""Labelled turns against what a tracker could have made of them."""

import pytest

from nlp_lstm.states.described.examples import ExampleReader
from nlp_lstm.states.described.plan import SchemaPlan
from nlp_lstm.states.described.schema import DescribedSchema
from nlp_lstm.states.described.situation import (
    FILLED,
    GROUP_CHANGED,
    GROUP_HOLDS,
    HELD_ANSWERED,
    HELD_SAID,
    OFFER_HELD,
    OFFERED_BEFORE,
    OFFERED_NOW,
)
from tests.nlp_lstm.states.described.tiny_described import (
    SCHEMA,
    SLOT,
    Said,
    entries,
    examples,
    labelled,
)

ACORN = {"hotel-name": "Acorn"}
NORTH = {"hotel-area": "north"}
OFFER = Said("how about the Acorn?", "hm", {}, offered=ACORN)


@pytest.mark.parametrize(
    ("said", "slot", "right"),
    [
        pytest.param([Said("", "the Acorn please", ACORN)], "hotel-name", {"word 2"}, id="said"),
        pytest.param(
            [Said("", "acorn or ACORN", ACORN)], "hotel-name", {"word 1", "word 3"}, id="said twice"
        ),
        pytest.param(
            [Said("", "acorn, the Acorn", ACORN, marked=ACORN)],
            "hotel-name",
            {"word 4"},
            id="the marked words alone",
        ),
        pytest.param(
            [Said("", "the inn", {"hotel-name": "Acorn House"}, also={"hotel-name": ("Inn",)})],
            "hotel-name",
            {"word 2"},
            id="by another spelling",
        ),
        pytest.param(
            [Said("", "at 6 pm", {"taxi-time": "18:00"})], "taxi-time", {"word 2"}, id="6 pm"
        ),
        pytest.param(
            [Said("", "at 6 pm", {"taxi-time": "half past six"}, also={"taxi-time": ("18:00",)})],
            "taxi-time",
            {"word 2"},
            id="6 pm is another spelling",
        ),
        pytest.param(
            [Said("", "six of us", {"hotel-people": "6"})], "hotel-people", {"word 1"}, id="six"
        ),
        pytest.param(
            [Said("try the Acorn", "fine", ACORN, offered=ACORN)],
            "hotel-name",
            {"offer"},
            id="offered and accepted",
        ),
        pytest.param(
            [OFFER, Said("or the Ritz", "the first", ACORN, offered={})],
            "hotel-name",
            {"offer"},
            id="offered before",
        ),
        pytest.param(
            [Said("try the Acorn", "Acorn it is", ACORN, offered=ACORN)],
            "hotel-name",
            {"offer", "word 1"},
            id="offered and said",
        ),
        pytest.param(
            [Said("at 18:00?", "yes", {"taxi-time": "6 pm"}, offered={"taxi-time": "18:00"})],
            "taxi-time",
            {"offer"},
            id="offered in another form",
        ),
        pytest.param(
            [Said("the Acorn has gone", "fine", ACORN)], "hotel-name", set(), id="offered unmarked"
        ),
        pytest.param([Said("", "up north", NORTH)], "hotel-area", {"value north"}, id="an alias"),
        pytest.param(
            [Said("", "where it is cold", NORTH)], "hotel-area", {"value north"}, id="implied"
        ),
        pytest.param(
            [Said("", "north", {"hotel-area": "boreal"}, also={"hotel-area": ("North",)})],
            "hotel-area",
            {"value north"},
            id="listed under another spelling",
        ),
        pytest.param(
            [Said("", "west", {"hotel-area": "west"})], "hotel-area", set(), id="not listed"
        ),
        pytest.param(
            [Said("", "yes", {"hotel-parking": "true"})],
            "hotel-parking",
            {"value true"},
            id="a boolean",
        ),
        pytest.param(
            [Said("", "any", {"hotel-name": "dontcare"})], "hotel-name", {"any"}, id="any"
        ),
        pytest.param(
            [Said("", "acorn", ACORN), Said("", "so?", ACORN)], "hotel-name", None, id="kept"
        ),
        pytest.param([Said("", "acorn", {})], "hotel-name", None, id="stays empty"),
        pytest.param(
            [Said("", "Acorn", ACORN), Said("", "Acorn, ok", ACORN)],
            "hotel-name",
            {"keep", "word 1"},
            id="kept, and said again",
        ),
        pytest.param(
            [Said("", "north", NORTH), Said("", "hm", NORTH)],
            "hotel-area",
            {"keep", "value north"},
            id="kept in a list",
        ),
        pytest.param(
            [Said("", "Acorn", ACORN), Said("", "no, Ritz", {"hotel-name": "Ritz"})],
            "hotel-name",
            {"word 3"},
            id="replaced",
        ),
        pytest.param(
            [Said("", "Acorn", ACORN), Said("", "forget it", {})],
            "hotel-name",
            {"nothing"},
            id="deleted",
        ),
        pytest.param(
            [Said("", "hello", {"hotel-name": "Ritz"})], "hotel-name", set(), id="unreachable"
        ),
        pytest.param(
            [Said("", "Acorn", ACORN), Said("", "from there", {**ACORN, "taxi-from": "acorn"})],
            "taxi-from",
            {"copy hotel-name"},
            id="copied",
        ),
        pytest.param(
            [Said("", "north", NORTH), Said("", "to there", {**NORTH, "taxi-area": "north"})],
            "taxi-area",
            {"value north", "copy hotel-area"},
            id="copied from a list to a list",
        ),
        pytest.param(
            [Said("", "soup and fries", {"meal-dishes": ("large fries", "soup")})],
            "meal-dishes",
            {"value soup", "value large fries"},
            id="two at once",
        ),
        pytest.param(
            [
                Said("", "soup", {"meal-dishes": "soup"}),
                Said("", "and salad", {"meal-dishes": ("green salad", "soup")}),
            ],
            "meal-dishes",
            {"value green salad"},
            id="one more",
        ),
        pytest.param(
            [
                Said("", "soup", {"meal-dishes": "soup"}),
                Said("", "yes, soup", {"meal-dishes": "soup"}),
            ],
            "meal-dishes",
            None,
            id="one of several said again",
        ),
        pytest.param(
            [Said("", "no salt, more oil", {"meal-wishes": ("more oil", "no salt")})],
            "meal-wishes",
            {"word 1", "word 4"},
            id="two wishes",
        ),
    ],
)
def test_what_gives_a_slot_its_labelled_value(
    said: list[Said], slot: str, right: set[str] | None
) -> None:
    assert entries(examples(*said)[-1], slot) == right


def test_spans_are_the_words_that_say_values() -> None:
    (example,) = examples(
        Said(
            "",
            "the Acorn House at half past six, 6 pm",
            {"hotel-name": "acorn house", "taxi-time": "18:00"},
        )
    )

    said = [
        (SCHEMA.slots[place].name, " ".join(example.step.forms[first : last + 1]))
        for place, first, last in example.spans
    ]
    assert said == [("hotel-name", "Acorn House"), ("taxi-time", "6 pm")]


def test_offers_are_labelled_or_nobody_looked() -> None:
    marked = examples(Said("the Acorn?", "yes", ACORN, offered=ACORN), Said("ok", "so", ACORN))
    unmarked = examples(Said("the Acorn?", "yes", ACORN), Said("ok", "so", ACORN))

    assert [example.offers for example in marked] == [[(SLOT["hotel-name"], 2, 2)], []]
    assert [example.offers for example in unmarked] == [None, None]


def test_requests_are_places_in_view() -> None:
    taxi = [SLOT["taxi-area"], SLOT["taxi-from"], SLOT["taxi-time"]]
    asked = labelled(Said("", "where and when?", {}, requests=("taxi-time", "hotel-name", "fare")))
    (example,) = ExampleReader(SchemaPlan(SCHEMA))(asked, ["taxi"])

    assert (example.view, example.requests) == (taxi, [2])


@pytest.mark.parametrize(
    ("then", "state", "taken_back"),
    [
        pytest.param("no soup", "green salad", True, id="taken back"),
        pytest.param("hot soup", ("green salad", "soup"), False, id="only named"),
        pytest.param("thanks", ("green salad", "soup"), None, id="not named"),
    ],
)
def test_one_of_several_values_taken_back(
    then: str, state: str | tuple[str, ...], taken_back: bool | None
) -> None:
    both = {"meal-dishes": ("green salad", "soup")}
    _, example = examples(Said("", "salad and soup", both), Said("", then, {"meal-dishes": state}))

    assert example.taken_back.get(SLOT["meal-dishes"]) is taken_back
    assert entries(example, "meal-dishes") is None


def test_the_next_step_knows_what_the_labels_said() -> None:
    """The labelled value is recognised in the words in which it was said."""
    time = {"taxi-time": "18:00"}
    first, second = examples(
        Said("", "at 6 pm", time),
        Said("6 pm then", "yes, 6 pm", time, offered={"taxi-time": "6 pm"}),
    )
    place = SLOT["taxi-time"]

    assert first.situation.slots[place] == 0
    assert second.situation.slots[place] == (
        FILLED | HELD_SAID | HELD_ANSWERED | OFFERED_NOW | OFFER_HELD | GROUP_HOLDS | GROUP_CHANGED
    )


def test_an_offer_is_old_at_the_next_step() -> None:
    first, second = examples(OFFER, Said("so?", "hm", {}, offered={}))
    place = SLOT["hotel-name"]

    assert first.situation.slots[place] == OFFERED_NOW
    assert second.situation.slots[place] == OFFERED_BEFORE


def test_a_turn_whose_state_nobody_labelled_teaches_nothing_and_deletes_nothing() -> None:
    _, unlabelled, third = examples(
        Said("", "Acorn", ACORN), Said("", "hm, Ritz", None), Said("", "so?", ACORN)
    )

    assert all(unlabelled.right[place] == [] for place in range(len(SCHEMA.slots)))
    assert third.situation.slots[SLOT["hotel-name"]] & FILLED
    assert entries(third, "hotel-name") is None


def test_a_long_turn_is_several_examples_of_one_state() -> None:
    said = examples(Said("", f"Acorn {'and so on ' * 80} the north", {**ACORN, **NORTH}))

    assert len(said) == 2
    assert [entries(example, "hotel-name") for example in said] == [{"word 1"}, None]
    assert entries(said[1], "hotel-area") == {"keep", "value north"}


def test_slots_of_the_schema_that_labels_do_not_know_and_the_other_way_round() -> None:
    small = DescribedSchema(name="small", slots=SCHEMA.slots[:2])
    (example,) = examples(
        Said("", "Acorn at 6 pm", {**ACORN, "taxi-time": "18:00"}), plan=SchemaPlan(small)
    )

    assert entries(example, "hotel-name", SchemaPlan(small)) == {"word 1"}
    assert set(example.right) == {1}


def test_lower_case_keeps_places() -> None:
    read = ExampleReader(SchemaPlan(SCHEMA))
    said = labelled(Said("try the ACORN", "the ACORN", ACORN, offered={"hotel-name": "ACORN"}))
    (raw,), (lower,) = read(said), read(said, lower=True)

    assert lower.step.forms == [form.lower() for form in raw.step.forms]
    assert (lower.right, lower.spans, lower.offers) == (raw.right, raw.spans, raw.offers)
