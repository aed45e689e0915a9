"""A match of a pattern says the more, the rarer it is among what people write."""

import pytest

from nlp_lstm.states.described.plan import SchemaPlan
from nlp_lstm.states.described.rarity import match_odds
from nlp_lstm.states.described.schema import DescribedSchema, DescribedSlot
from tests.nlp_lstm.states.described.tiny_described import SLOT, read_step


def test_the_rarer_a_match_the_more_it_says() -> None:
    patterns = (r"\w+", r"\d+", r"\d{4}", r"\d{5}", r"[A-Z]{2}\d{6}")

    odds = [match_odds(pattern) for pattern in patterns]

    assert odds == sorted(odds)
    assert len(set(odds)) == len(odds)
    assert odds[0] == 0
    assert odds[-1] == pytest.approx(9.21, abs=0.01)


def test_words_that_match_are_marked_on_either_side() -> None:
    step, _ = read_step("no, ab1234 it is", "is it CD5678?")

    said = [(step.forms[first], first == last) for _, first, last, _ in step.patterned]

    assert said == [("CD5678", True), ("ab1234", True)]
    assert {slot for slot, *_ in step.patterned} == {SLOT["meal-code"]}
    assert all(odds == match_odds(r"[A-Z]{2}\d{4}") for *_, odds in step.patterned)


def test_an_address_of_the_one_mail_slot_is_marked() -> None:
    mail = DescribedSlot(name="mail", description="where to write to", kind="email")
    one = SchemaPlan(DescribedSchema(name="one", slots=(mail,)))
    two = SchemaPlan(
        DescribedSchema(name="two", slots=(mail, mail.model_copy(update={"name": "second"})))
    )

    marked, _ = read_step("write to ana@example.org", plan=one)
    unmarked, _ = read_step("write to ana@example.org", plan=two)

    ((slot, first, last, _),) = marked.patterned
    assert (slot, marked.forms[first : last + 1]) == (0, ["ana@example.org"])
    assert unmarked.patterned == []
