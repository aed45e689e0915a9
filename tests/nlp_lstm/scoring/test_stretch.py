from collections.abc import Sequence

import pytest

from corpora.conversation import Conversation, Turn
from corpora.labels import EntitySpan, LabelledConversation, SlotValue, TurnLabels
from nlp_lstm.scoring.stretch import measure_stretched, quiet_turns, spoken_turns, stretched

EAST = (SlotValue("area", "east"),)
BOTH = (SlotValue("area", "east"), SlotValue("stay", "2"))
TALK = [f"talk {number}" for number in range(7)]


def chat(name: str) -> LabelledConversation:
    """The area at turn 0, the stay at turn 4, thanks at turn 6."""
    texts = ["east please", "how long?", "hm", "how long?", "two nights", "done", "thanks"]
    turns = tuple(
        Turn(text, role="agent" if number % 2 else "customer") for number, text in enumerate(texts)
    )
    states = (EAST, None, EAST, None, BOTH, None, BOTH)
    return LabelledConversation(
        Conversation(name, turns), tuple(TurnLabels(state=state) for state in states)
    )


CHATS = [chat(f"c{number}") for number in range(12)]


@pytest.mark.parametrize("length", [0, 1, 10])
def test_the_dialogue_itself_stays_in_order(length: int) -> None:
    for labelled in CHATS:
        new = stretched(labelled, length, TALK)

        own = [*range(new.place), *range(new.place + length, 7 + length)]
        turns, labels = new.labelled.conversation.turns, new.labelled.labels
        assert [turns[i] for i in own] == list(labelled.conversation.turns)
        assert [labels[i] for i in own] == list(labelled.labels)
        assert len(turns) == 7 + length
        other = turns[new.place : new.place + length]
        assert all(turn.text in TALK for turn in other)
        assert all(labels[new.place + step] == TurnLabels() for step in range(length))


def test_talk_stands_after_a_customers_turn_past_the_first_third() -> None:
    assert {stretched(one, 5, TALK).place for one in CHATS} == {3, 5}


def test_more_talk_begins_as_less_does() -> None:
    less, more = (stretched(CHATS[0], length, TALK) for length in (3, 9))

    assert less.place == more.place
    assert [turn.text for turn in less.labelled.conversation.turns[less.place :][:3]] == [
        turn.text for turn in more.labelled.conversation.turns[more.place :][:3]
    ]


def perfect(corpus: list[LabelledConversation]) -> list[list[TurnLabels]]:
    """States as labelled; through talk they stand."""
    predicted = []
    for labelled in corpus:
        state: tuple[SlotValue, ...] = ()
        answers = []
        for labels in labelled.labels:
            state = state if labels.state is None else labels.state
            answers.append(TurnLabels(state=state))
        predicted.append(answers)
    return predicted


def forgetful(corpus: list[LabelledConversation]) -> list[list[TurnLabels]]:
    """The same, but talk makes it forget the area for good."""
    predicted = []
    for labelled, right in zip(corpus, perfect(corpus), strict=True):
        gone = False
        answers = []
        for turn, labels in zip(labelled.conversation.turns, right, strict=True):
            gone = gone or turn.text.startswith("talk")
            kept = tuple(one for one in labels.state or () if not (gone and one.slot == "area"))
            answers.append(TurnLabels(state=kept))
        predicted.append(answers)
    return predicted


def test_a_tracker_that_forgets_nothing() -> None:
    by_length, by_distance = measure_stretched(
        "states", CHATS, [0, 60], TALK, lambda c: perfect(list(c))
    )

    assert [row[:5] for row in by_length.rows] == [
        (length, 1.0, 1.0, 1.0, 1.0) for length in (0, 60)
    ]
    assert [row[-1] for row in by_length.rows] == [0, 0]
    assert [row[0] for row in by_distance.rows] == ["0", "1-2", "3-5", "6-10", "51-100"]
    for _, *figures, _ in by_distance.rows:
        assert set(figures) <= {1.0, ""}


def test_a_tracker_that_forgets() -> None:
    by_length, by_distance = measure_stretched(
        "states", CHATS, [0, 60], TALK, lambda c: forgetful(list(c))
    )

    _, (_, joint, *after, filled, drifted) = by_length.rows
    assert after == [0.0, 0.0, 0.0]
    assert 0 < float(joint) < 1
    assert drifted == len(CHATS)
    assert len(CHATS) <= int(filled) <= 2 * len(CHATS)
    recalls = {row[0]: row[2] for row in by_distance.rows}
    assert recalls["0"] == 1.0
    assert float(recalls["51-100"]) < 0.5


def test_quiet_turns_set_no_slot() -> None:
    assert quiet_turns([CHATS[0]]) == ["hm", "thanks"]
    assert len(spoken_turns([CHATS[0]])) == 7


def test_spans_are_judged_after_talk_too() -> None:
    span = (EntitySpan(0, 4, "area"),)
    gold = [
        LabelledConversation(
            one.conversation,
            tuple(TurnLabels(entities=span if place in (0, 6) else ()) for place in range(7)),
        )
        for one in CHATS
    ]

    def early(corpus: Sequence[LabelledConversation]) -> list[list[TurnLabels]]:
        """Finds what is said first, and nothing after talk."""
        return [
            [TurnLabels(entities=span if place == 0 else ()) for place in range(len(one.labels))]
            for one in corpus
        ]

    (table,) = measure_stretched("entities", gold, [0, 20], TALK, early)

    assert table.columns == ("turns between", "span_f1", "after them", "low", "high")
    assert [row[2] for row in table.rows] == [0.0, 0.0]
    assert float(table.rows[0][1]) == pytest.approx(2 / 3)
