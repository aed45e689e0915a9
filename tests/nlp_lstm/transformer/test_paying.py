"""What routing is worth: the least sure are routed first, and errors are counted over all turns."""

import pytest

from corpora.conversation import Conversation, Turn
from corpora.labels import (
    Emotion,
    EntitySpan,
    LabelledConversation,
    Sentiment,
    SentimentLabel,
    TurnLabels,
)
from nlp_lstm.transformer.paying import SHARES, paid, together

COUNT = 20


def felt(label: SentimentLabel, confidence: float = 1.0) -> TurnLabels:
    return TurnLabels(sentiment=Sentiment(label, confidence=confidence))


def test_routing_the_unsure_saves_more_than_chance() -> None:
    turns = tuple(Turn(f"turn {number}", role="customer") for number in range(COUNT))
    labels = tuple(felt("positive") for _ in turns)
    # Labelled with an emotion alone, so nobody can be wrong about its class.
    turns += (Turn("hm", role="customer"),)
    labels += (TurnLabels(sentiment=Sentiment(None, emotions=(Emotion("doubt"),))),)
    gold = [LabelledConversation(Conversation("c", turns), labels)]
    # A quarter is wrong, and is what the model is least sure of.
    ours = [[felt("negative", 0.3) if n < 5 else felt("positive", 0.9) for n in range(COUNT + 1)]]

    rows = paid(
        "sentiment",
        gold,
        ours,
        [list(labels)],
        lambda said: said.sentiment.confidence if said.sentiment else None,
        other="a sage",
        seconds=1.0,
        seconds_stronger=10.0,
    )

    alone, *routed, stronger = rows
    assert [row.way for row in rows[1:-1]] == [f"{share:.0%} to a sage" for share in SHARES]
    assert alone.error == pytest.approx(0.25)
    assert [row.error for row in routed] == pytest.approx([0.20, 0.15, 0.05, 0.0])
    assert all(row.at_random is not None and row.at_random > row.error for row in routed)
    assert [row.seconds for row in routed] == pytest.approx([1.5, 2.0, 3.0, 4.0])
    assert stronger.error == 0.0
    assert stronger.seconds == 10.0


def test_a_person_costs_answers_and_no_seconds() -> None:
    turns = (Turn("hello", role="customer"),)
    gold = [LabelledConversation(Conversation("c", turns), (felt("neutral"),))]
    said = [[felt("neutral", 0.9)]]

    rows = paid(
        *("sentiment", gold, said, said, lambda _: None),
        other="a person",
        seconds=1.0,
        seconds_stronger=None,
    )

    assert [row.seconds for row in rows] == [1.0, None, None, None, None, None]
    assert [row.answers for row in rows] == [0, 50, 100, 200, 300, 1000]


def test_two_readers_keep_what_both_find_and_what_one_is_sure_of() -> None:
    first = TurnLabels(entities=(EntitySpan(0, 4, "name", 0.6), EntitySpan(5, 9, "date", 0.4)))
    second = TurnLabels(
        entities=(
            EntitySpan(0, 4, "name", 0.5),
            EntitySpan(2, 9, "place", 0.9),
            EntitySpan(10, 12, "time", 0.95),
        )
    )

    ((joined,),) = together([[first]], [[second]])

    found = joined.entities or ()
    assert [(span.start, span.label) for span in found] == [(0, "name"), (10, "time")]
    assert [span.confidence for span in found] == pytest.approx([0.55, 0.475])
    assert together([[first]], [[TurnLabels()]]) == [[first]]
