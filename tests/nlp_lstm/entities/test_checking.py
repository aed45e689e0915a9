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
