"""From turns to steps over a schema, and back to where the words stood."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.labels import Evidence
from nlp_lstm.states.described.plan import KINDS, SchemaPlan, spoken
from nlp_lstm.states.described.reading import LONGEST_ANSWERED, NO_TAG, TAGS, StepReader
from nlp_lstm.states.described.schema import DescribedSchema, DescribedSlot
from nlp_lstm.states.reading import LONGEST_STEP, Pending
from tests.nlp_lstm.states.described.tiny_described import PLAN, SCHEMA, SLOT, read_step
from tests.strategies import texts


def test_where_a_value_was_said() -> None:
    """Of words of two turns, in the later one."""
    step, places = read_step("  the Acorn\u2009House!", "Try it", "or Ritz", turn=3)
    at = {form: place for place, form in enumerate(step.forms)}

    assert places.said(at["Acorn"], at["House"]) == ("Acorn\u2009House", Evidence(5, 6, 17))
    assert places.said(at["it"], at["Ritz"]) == ("or Ritz", Evidence(4, 0, 7))


@settings(deadline=None, max_examples=50)
@given(st.lists(texts(), max_size=3), texts())
def test_every_word_is_cut_from_what_was_said(agent: list[str], customer: str) -> None:
    said = [*agent, customer]
    step, places = read_step(customer, *agent)

    for word, form in enumerate(step.forms):
        if word not in (0, step.user_starts):
            raw, place = places.said(word, word)
            assert raw == form == said[place.turn][place.start : place.end]
            assert (place.turn == len(agent)) is (word > step.user_starts)
    assert all(0 <= tag < TAGS for tag in step.tags)
    assert len(step.tags) == len(step.forms)


def test_words_lie_in_values_of_kinds_and_lists() -> None:
    step, _ = read_step("at 6 pm up north, the SOUPS")

    tagged = dict(zip(step.forms, step.tags, strict=True))
    time = 1 + 2 * KINDS.index("time")
    assert (tagged["6"], tagged["pm"]) == (time, time + 1)
    assert (tagged["up"], tagged["north"]) == (TAGS - 2, TAGS - 1)
    assert tagged["SOUPS"] == TAGS - 2
    assert tagged["at"] == NO_TAG
    said = {
        (SCHEMA.slots[match.slot].name, PLAN.slots[match.slot].values[match.value])
        for match in step.matches
    }
    assert said == {("hotel-area", "north"), ("taxi-area", "north"), ("meal-dishes", "soup")}


def test_the_longest_value_that_starts_at_a_word_is_the_one_that_is_said() -> None:
    step, _ = read_step("the green salad")

    assert [(match.first, match.last) for match in step.matches] == [(3, 4), (4, 4)]


def test_a_speech_is_read_in_parts_and_an_answer_is_to_its_end() -> None:
    reader = StepReader(PLAN)
    speech = " ".join(f"w{number}" for number in range(LONGEST_STEP + 5))
    before = Pending(0, 0, " ".join(f"a{number}" for number in range(LONGEST_ANSWERED + 7)))

    first, second = (step for step, _ in reader.steps([before], 1, speech))

    assert first.forms[1] == "a7"
    assert first.user_starts == LONGEST_ANSWERED + 1
    assert first.forms[first.user_starts + 1 :] == [f"w{number}" for number in range(LONGEST_STEP)]
    assert second.forms == ["<sys>", "<usr>", *[f"w{LONGEST_STEP + number}" for number in range(5)]]
    assert second.user_starts == 1


def test_nothing_said_is_a_step_too() -> None:
    (read,) = StepReader(PLAN).steps([], 0, "")

    assert read[0].forms == ["<sys>", "<usr>"]


@pytest.mark.parametrize(
    ("groups", "view"),
    [
        (None, list(range(len(SCHEMA.slots)))),
        (["taxi"], [SLOT["taxi-area"], SLOT["taxi-from"], SLOT["taxi-time"]]),
        (["taxi", "plane"], [SLOT["taxi-area"], SLOT["taxi-from"], SLOT["taxi-time"]]),
        (["plane"], list(range(len(SCHEMA.slots)))),
    ],
)
def test_which_slots_are_followed(groups: list[str] | None, view: list[int]) -> None:
    assert PLAN.view(groups) == view


@pytest.mark.parametrize(
    ("name", "group", "words"),
    [
        ("leaving_date", "", ["leaving", "date"]),
        ("leavingDate", "", ["leaving", "date"]),
        ("Hotels_1-star rating", "Hotels_1", ["star", "rating"]),
        ("taxi", "taxi", ["taxi"]),
        ("名前", "", ["名前"]),
        ("!", "", ["!"]),
    ],
)
def test_the_words_of_a_slots_name(name: str, group: str, words: list[str]) -> None:
    slot = DescribedSlot(name=name, description="d", kind="span", group=group)

    assert SchemaPlan(DescribedSchema(name="s", slots=(slot,))).slots[0].name == words


@pytest.mark.parametrize(
    ("text", "same"), [("Six Tables", "6 table"), ("The  ACORN!", "the acorn !"), ("", "")]
)
def test_how_values_are_recognised(text: str, same: str) -> None:
    assert spoken(text) == same


def test_a_pattern_is_found_where_it_stands() -> None:
    step, _ = read_step("it is AB1234, I think", "AB1234 or CD5678?")

    code = SLOT["meal-code"]
    assert [(slot, step.forms[first : last + 1]) for slot, first, last, *_ in step.patterned] == [
        (code, ["AB1234"]),
        (code, ["CD5678"]),
        (code, ["AB1234"]),
    ]
