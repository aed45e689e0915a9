"""What a step means to slots, whatever the network makes of it."""

import pytest

from corpora.labels import Evidence
from nlp_lstm.states.described.belief import Belief, Held, Mention, Offer
from nlp_lstm.states.described.plan import SchemaPlan
from nlp_lstm.states.described.schema import DescribedSchema, DescribedSlot, Kind
from nlp_lstm.states.described.situation import (
    ANY,
    FILLED,
    GROUP_CHANGED,
    GROUP_HOLDS,
    HELD_ANSWERED,
    HELD_SAID,
    LISTED_ANSWERED,
    LISTED_SAID,
    NOT_CUSTOMERS,
    OFFER_HELD,
    OFFERED_BEFORE,
    OFFERED_NOW,
    SEVERAL,
    VALUE_ANSWERED,
    VALUE_HELD,
    VALUE_LATEST,
    VALUE_SAID,
    Situation,
    heard,
    situate,
)
from tests.nlp_lstm.states.described.tiny_described import PLAN, SCHEMA, SLOT, read_step

NAME, AREA, DISHES = SLOT["hotel-name"], SLOT["hotel-area"], SLOT["meal-dishes"]
EVERY = range(len(SCHEMA.slots))


def held(value: str, words: str = "") -> tuple[Held, ...]:
    return (Held(value, value, None, "said", words or value.lower()),)


def meaning(customer: str, agent: str = "", belief: Belief | None = None) -> Situation:
    step, _ = read_step(customer, agent)
    return situate(PLAN, EVERY, step, belief or Belief())


ACORN = Offer("Acorn", Evidence(0, 0, 5), 3, "acorn")


@pytest.mark.parametrize(
    ("customer", "agent", "belief", "slot", "bits"),
    [
        pytest.param("hello", "", Belief(), NAME, 0, id="nothing"),
        pytest.param(
            "so", "", Belief(held={NAME: held("Acorn")}), NAME, FILLED | GROUP_HOLDS, id="filled"
        ),
        pytest.param(
            "so",
            "",
            Belief(held={NAME: held("dontcare")}),
            NAME,
            ANY | GROUP_HOLDS,
            id="any will do",
        ),
        pytest.param(
            "ACORN",
            "acorns?",
            Belief(held={NAME: held("Acorn")}),
            NAME,
            FILLED | GROUP_HOLDS | HELD_SAID | HELD_ANSWERED,
            id="said again by both",
        ),
        pytest.param(
            "acorn street",
            "",
            Belief(held={NAME: held("corn")}),
            NAME,
            FILLED | GROUP_HOLDS,
            id="whole words only",
        ),
        pytest.param(
            "x", "", Belief(held={NAME: held("Acorn")}), AREA, GROUP_HOLDS, id="its group's"
        ),
        pytest.param("x", "", Belief(changed=frozenset({0})), AREA, GROUP_CHANGED, id="changed"),
        pytest.param(
            "x", "", Belief(step=3, offers={NAME: ACORN}), NAME, OFFERED_NOW, id="offered now"
        ),
        pytest.param(
            "x", "", Belief(step=4, offers={NAME: ACORN}), NAME, OFFERED_BEFORE, id="offered before"
        ),
        pytest.param(
            "x",
            "",
            Belief(step=4, offers={NAME: ACORN}, held={NAME: held("Acorn")}),
            NAME,
            OFFERED_BEFORE | FILLED | GROUP_HOLDS | OFFER_HELD,
            id="the offer is what it holds",
        ),
        pytest.param("Northern", "", Belief(), AREA, LISTED_SAID, id="a listed value"),
        pytest.param("", "the south", Belief(), AREA, LISTED_ANSWERED, id="by the other side"),
        pytest.param("x", "", Belief(), DISHES, SEVERAL, id="several"),
        pytest.param(
            "the salad",
            "",
            Belief(held={DISHES: held("green salad")}),
            DISHES,
            SEVERAL | FILLED | GROUP_HOLDS | LISTED_SAID | HELD_SAID,
            id="one of several by its alias",
        ),
        pytest.param(
            "the soup",
            "salad?",
            Belief(held={DISHES: held("green salad")}),
            DISHES,
            SEVERAL | FILLED | GROUP_HOLDS | LISTED_SAID | LISTED_ANSWERED,
            id="another of several",
        ),
        pytest.param("x", "", Belief(), SLOT["meal-clerk"], NOT_CUSTOMERS, id="the agent's"),
    ],
)
def test_what_a_step_means_to_a_slot(
    customer: str, agent: str, belief: Belief, slot: int, bits: int
) -> None:
    assert meaning(customer, agent, belief).slots[slot] == bits


def test_what_a_step_means_to_listed_values() -> None:
    belief = Belief(
        held={AREA: held("north")}, mentioned={AREA: Mention(1, "south", Evidence(0, 0, 5))}
    )

    values = meaning("north", "northern or south", belief).values

    assert values[AREA, 0] == VALUE_SAID | VALUE_ANSWERED | VALUE_HELD
    assert values[AREA, 1] == VALUE_ANSWERED | VALUE_LATEST
    assert values[SLOT["taxi-area"], 0] == VALUE_SAID | VALUE_ANSWERED


def test_places_are_those_of_the_view() -> None:
    step, _ = read_step("north")

    seen = situate(PLAN, [SLOT["taxi-area"], NAME], step, Belief(held={NAME: held("Acorn")}))

    assert seen.slots == [LISTED_SAID, FILLED | GROUP_HOLDS]
    assert seen.values == {(0, 0): VALUE_SAID}
    assert seen.copies == []


def copies(*slots: DescribedSlot, value: str) -> list[tuple[int, int]]:
    """Who may copy from the first slot."""
    plan = SchemaPlan(DescribedSchema(name="s", slots=slots))
    step, _ = read_step("hello", plan=plan)
    belief = Belief(held={0: held(value)})
    return situate(plan, range(len(slots)), step, belief).copies


def slot(name: str, kind: Kind, **more: object) -> DescribedSlot:
    return DescribedSlot.model_validate({"name": name, "description": "d", "kind": kind, **more})


@pytest.mark.parametrize(
    ("giver", "value", "taker", "may"),
    [
        pytest.param(slot("a", "span"), "Acorn", slot("b", "span"), True, id="names"),
        pytest.param(slot("a", "span"), "Ana", slot("b", "person"), True, id="names of people"),
        pytest.param(slot("a", "span"), "dontcare", slot("b", "span"), False, id="no value"),
        pytest.param(slot("a", "span"), "six", slot("b", "number"), False, id="another kind"),
        pytest.param(slot("a", "time"), "18:00", slot("b", "time"), True, id="times"),
        pytest.param(slot("a", "boolean"), "true", slot("b", "boolean"), False, id="yes to what?"),
        pytest.param(
            slot("a", "span", several=True), "Acorn", slot("b", "span"), False, id="one of several"
        ),
        pytest.param(
            slot("a", "category", values=["1", "2"]),
            "2",
            slot("b", "category", values=["2", "3"]),
            True,
            id="listed by both",
        ),
        pytest.param(
            slot("a", "category", values=["1", "2"]),
            "1",
            slot("b", "category", values=["2", "3"]),
            False,
            id="listed by one",
        ),
        pytest.param(
            slot("a", "identifier"),
            "AB1234",
            slot("b", "identifier", pattern="[A-Z]{2}[0-9]{4}"),
            True,
            id="of the pattern",
        ),
        pytest.param(
            slot("a", "identifier"),
            "AB12345",
            slot("b", "identifier", pattern="[A-Z]{2}[0-9]{4}"),
            False,
            id="not of the pattern",
        ),
    ],
)
def test_what_may_be_copied(
    giver: DescribedSlot, value: str, taker: DescribedSlot, may: bool
) -> None:
    assert copies(giver, taker, value=value) == ([(1, 0)] if may else [])


def test_what_the_other_side_says_is_remembered() -> None:
    step, places = read_step("south?", "the North, or acorn", turn=4)
    acorn = Offer("acorn", Evidence(4, 14, 19), 0, "acorn")

    belief = heard(step, places, Belief(), {NAME: acorn})

    assert belief.offers == {NAME: acorn}
    north = Mention(0, "North", Evidence(4, 4, 9))
    assert belief.mentioned == {AREA: north, SLOT["taxi-area"]: north}
    later = heard(*read_step("south?", "the south", turn=6), belief, {})
    assert later.mentioned[AREA] == Mention(1, "south", Evidence(6, 4, 9))
    assert later.offers == {NAME: acorn}
