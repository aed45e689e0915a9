"""What peers read, and that their answers come back to where ours stand."""

from corpora.conversation import Conversation, Turn
from corpora.labels import EntitySpan, LabelledConversation, TurnLabels
from tests.benchmarks.entity_sentences import answers, sentences

SAID = LabelledConversation(
    Conversation(
        "c",
        (Turn("people , date"), Turn("for 7, on May  3rd!"), Turn(""), Turn("thanks")),
    ),
    (
        TurnLabels(),
        TurnLabels(entities=(EntitySpan(4, 5, "people"), EntitySpan(10, 18, "date"))),
        TurnLabels(entities=()),
        TurnLabels(),
    ),
)


def test_what_nobody_labelled_stands_before_the_next_turn() -> None:
    first, blank = sentences([SAID])

    assert first.words == ["people", ",", "date", "for", "7", ",", "on", "May", "3rd", "!"]
    assert first.spaced == [True, True, True, True, False, True, True, True, False, False]
    assert first.spans == [(4, 4, "people"), (7, 8, "date")]
    assert (first.lead, blank.words) == (3, [])


def test_gold_spans_come_back_as_they_are() -> None:
    found = [sentence.spans for sentence in sentences([SAID])]

    assert answers([SAID], found) == [list(SAID.labels)]


def test_what_is_found_in_the_turn_before_is_nobodys() -> None:
    ((_, labels, *_),) = answers([SAID], [[(0, 0, "people"), (2, 3, "date")], []])

    assert labels.entities == ()
