from datetime import datetime

import pytest
from pydantic import ValidationError

from corpora.labels import EntitySpan
from nlp_lstm.entities.checking import checked, doubted
from nlp_lstm.entities.config import EntitiesConfig
from tests.nlp_lstm.entities.tiny_entities import CONFIG

AT = datetime(2026, 3, 5)


def spans_of(text: str, *said: tuple[str, str]) -> list[EntitySpan]:
    starts = [(text.index(words), words, label) for words, label in said]
    return [EntitySpan(at, at + len(words), label, 0.9) for at, words, label in starts]


def test_each_label_is_checked_as_its_model_says() -> None:
    text = "card 4111 1111 1111 1112 until tomorrow for Ana"
    spans = spans_of(text, ("4111 1111 1111 1112", "card"), ("tomorrow", "until"), ("Ana", "who"))
    card, until, who = checked(text, spans, {"card": "card", "until": "date"}, AT)
    assert (card.value, card.check) == (None, "failed")
    assert (until.value, until.check, until.confidence) == ("2026-03-06", "passed", 0.9)
    assert who == spans[2]


def test_a_failed_check_leaves_a_tenth_of_the_odds() -> None:
    assert doubted(0.5) == pytest.approx(1 / 11)
    assert doubted(10 / 11) == pytest.approx(0.5)
    assert doubted(0.0) == 0.0
    assert doubted(1.0) == doubted(0.99) < 0.91


def test_a_model_without_checks_loads_and_one_with_unknown_labels_does_not() -> None:
    stored = CONFIG.model_dump(mode="json")
    del stored["checks"]
    assert EntitiesConfig.model_validate(stored).checks == {}
    with pytest.raises(ValidationError, match="town, which is no label"):
        EntitiesConfig.model_validate({**stored, "checks": {"town": "date"}})


def test_what_no_span_covers_is_found_by_its_form() -> None:
    text = "ana@example.org or www.example.org, 4111 1111 1111 1111"
    part = EntitySpan(0, 3, "name", 0.6)
    found = checked(text, [part], {}, None, {"email": "mail", "card": "card"})
    assert [(text[s.start : s.end], s.label, s.value, s.check) for s in found] == [
        ("ana@example.org", "mail", "ana@example.org", "passed"),
        ("4111 1111 1111 1111", "card", "4111111111111111", "passed"),
    ]
    assert [span.confidence for span in found] == [1.0, 0.9]


def test_a_span_that_covers_what_is_found_stays() -> None:
    text = "user ana@example.org"
    for start in (0, 5):
        span = EntitySpan(start, len(text), "username", 0.6)
        assert checked(text, [span], {}, None, {"email": "mail"}) == (span,)


def test_a_label_for_what_is_found_must_exist() -> None:
    stored = CONFIG.model_dump(mode="json")
    with pytest.raises(ValidationError, match="mail, which is no label"):
        EntitiesConfig.model_validate({**stored, "found_by_form": {"email": "mail"}})
