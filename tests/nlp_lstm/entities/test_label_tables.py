"""Publishers' labels under other names, and what a corpus that marks some kinds can judge."""

from collections import Counter

import pytest

from corpora.conversation import Conversation, Turn
from corpora.labels import EntitySpan, LabelledConversation, TurnLabels
from nlp_lstm.entities.label_tables import comparable, resolve, translated, untangled
from nlp_lstm.scoring.evaluation import evaluate
from tests.nlp_lstm.entities.tiny_entities import tiny_tagger

TABLE = {
    "first": "person",
    "last": "person",
    "*-city": "place",
    "band": "group",
    "group": "organisation",
    "size": "O",
    "event": "",
}


def spans(*given: tuple[int, int, str]) -> tuple[EntitySpan, ...]:
    return tuple(EntitySpan(*span) for span in given)


@pytest.mark.parametrize(
    ("published", "ours"),
    [
        pytest.param([(0, 3, "first"), (4, 7, "last")], [(0, 7, "person")], id="one person"),
        pytest.param([(0, 3, "first"), (5, 8, "last")], [(0, 3, "person"), (5, 8, "person")]),
        pytest.param([(0, 3, "hotel-city")], [(0, 3, "place")], id="a pattern"),
        pytest.param([(0, 3, "band")], [(0, 3, "organisation")], id="a chain is followed"),
        pytest.param([(0, 3, "size"), (4, 7, "last")], [(4, 7, "person")], id="none of ours"),
        pytest.param([(0, 3, "event")], [(0, 3, "")], id="something, nobody knows what"),
        pytest.param([(4, 7, "last"), (0, 2, "first")], [(0, 2, "person"), (4, 7, "person")]),
    ],
)
def test_labels_are_called_as_the_table_says(
    published: list[tuple[int, int, str]], ours: list[tuple[int, int, str]]
) -> None:
    losses: Counter[str] = Counter()

    assert resolve(TABLE).translate(spans(*published), losses) == spans(*ours)
    assert not losses


def test_an_unknown_label_is_named_and_counted_and_may_be_anything() -> None:
    losses: Counter[str] = Counter()
    table = resolve(TABLE)

    assert table.translate(spans((0, 2, "car"), (3, 5, "car")), losses, "mine") == spans((0, 5, ""))
    assert losses == {"label 'car', which the table of mine does not know": 2}


def test_a_circle_is_named_and_its_labels_may_be_anything() -> None:
    table = resolve({"a": "b", "b": "a", "c": "a", "d": "d", "person": "person"})

    assert table.circular == ("a", "b", "c")
    assert [table.target(label) for label in "abcd"] == ["", "", "", "d"]
    assert table.marked == {"d", "person"}


def test_entries_that_nothing_matches_are_found() -> None:
    assert resolve(TABLE).unused(["first", "hotel-city", "band", "event"]) == ["last", "size"]


def test_of_overlapping_spans_the_first_stays_and_the_others_are_counted() -> None:
    losses: Counter[str] = Counter()

    kept = untangled(spans((4, 9, "b"), (0, 5, "a"), (0, 3, "c"), (9, 12, "d")), losses)

    assert kept == list(spans((0, 5, "a"), (9, 12, "d")))
    assert losses == {"spans over another span": 2}


def test_kinds_that_a_corpus_does_not_mark_are_not_held_against_a_model() -> None:
    conversation = Conversation("c", (Turn("ana lee from leeds at the fair"), Turn("not labelled")))
    published = (TurnLabels(spans((0, 7, "first"), (26, 30, "event"))), TurnLabels())
    table = resolve({"first": "person", "event": ""})
    gold = translated(
        [LabelledConversation(conversation, published)], table, Counter(), "the corpus"
    )
    found = spans((0, 3, "person"), (4, 7, "person"), (13, 18, "place"), (22, 30, "person"))

    judged, answers = comparable(gold, [[TurnLabels(found), TurnLabels()]], table.marked)

    assert judged[0].labels == (TurnLabels(spans((0, 7, "person"))), TurnLabels())
    assert answers[0][0].entities == found[:2]


def test_a_corpus_is_judged_by_the_models_own_table() -> None:
    tagger = tiny_tagger()
    tables = {"tweets": {"PER": "name", "EVENT": ""}}
    tagger.config = tagger.config.model_copy(update={"tables": tables})
    conversation = Conversation("c", (Turn("ana at the fair in north"),))
    gold = [
        LabelledConversation(
            conversation, (TurnLabels(spans((0, 3, "PER"), (11, 15, "EVENT"), (19, 24, "LOC"))),)
        )
    ]

    mapped = evaluate(tagger, "tweets", "dev", gold).scores
    plain = evaluate(tagger, "others", "dev", gold).scores

    assert (mapped.counts["spans"], plain.counts["spans"]) == (1, 3)
    assert "does not mark: city, number" in mapped.protocol
    assert "does not mark" not in plain.protocol
