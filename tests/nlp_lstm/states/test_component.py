from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.changes import raw_of, replay
from corpora.conversation import Conversation, Role, Turn
from corpora.labels import StateChange, TurnLabels
from nlp_lstm.artefact import ArtefactError
from nlp_lstm.component import Memory
from nlp_lstm.states import component, reading
from nlp_lstm.states.history import TABLE_ROWS
from nlp_lstm.states.reading import LONGEST_STEP, MOST_PENDING, is_customer
from tests.nlp_lstm.states.tiny_states import tiny_tracker

WORDS = (
    *("i", "want", "a", "table", "in", "the", "north", "south", ".", "acorn", "guest", "house"),
    *("king", "s", "lynn", "at", "5", "17:30", "no", "thanks", "northern", "slug", "lettuce", "?"),
)


TRACKERS = [tiny_tracker(seed) for seed in range(4)]
TRACKER = TRACKERS[1]


def spoken() -> st.SearchStrategy[Turn]:
    text = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
    return st.builds(Turn, text=text, role=st.sampled_from(["customer", "agent", "system", None]))


def chats() -> st.SearchStrategy[Conversation]:
    turns = st.lists(spoken(), min_size=0, max_size=20).map(tuple)
    return st.builds(Conversation, id=st.just("c"), turns=turns)


def stepped(conversation: Conversation) -> list[TurnLabels]:
    memory = TRACKER.start()
    labels = []
    for turn in conversation.turns:
        label, memory = TRACKER.step(Memory.from_bytes(memory.to_bytes()), turn)
        labels.append(label)
    return labels


def bare(labels: TurnLabels) -> object:
    """Labels without confidences, which may differ in the last digits."""
    changes = [replace(change, confidence=0) for change in labels.changes or ()]
    return labels.state, changes, labels.requests


def confidences(labels: TurnLabels) -> list[float]:
    assert labels.state_confidence is not None
    return [labels.state_confidence, *(change.confidence for change in labels.changes or ())]


@settings(max_examples=20, deadline=None)
@given(st.lists(chats(), min_size=1, max_size=3), st.sampled_from([1, 2, 5, 16]))
def test_annotating_at_once_gives_what_stepping_gives(
    conversations: list[Conversation], window: int
) -> None:
    """Alone or among others, through stored memories or not, in windows or turn by turn."""
    with patch.object(component, "WINDOW", window):
        at_once = TRACKER.annotate(conversations)

    for conversation, labels in zip(conversations, at_once, strict=True):
        one_by_one = stepped(conversation)
        assert [bare(label) for label in labels] == [bare(label) for label in one_by_one]
        for left, right in zip(labels, one_by_one, strict=True):
            assert confidences(left) == pytest.approx(confidences(right), abs=1e-5)


def test_the_tiny_tracker_does_change_its_mind() -> None:
    """Or the law above would say nothing."""
    turns = tuple(
        Turn(f"{a} {b} at 17:30", role="customer") for a, b in zip(WORDS, WORDS[::-1], strict=True)
    )

    labels = TRACKER.annotate([Conversation("c", turns)])[0]

    operations = {change.operation for label in labels for change in label.changes or ()}
    assert operations == {"set", "replace", "delete", "dontcare"}


def test_memory_is_bounded_whatever_is_said() -> None:
    tracker = TRACKER
    memory = tracker.start()
    sizes = []
    for minute in range(2 * TABLE_ROWS):
        said = Turn(f"acorn at 17:{minute:02d}", role="customer")
        _, memory = tracker.step(memory, said)
        sizes.append(len(memory.to_bytes()))
    for _ in range(3):
        _, memory = tracker.step(memory, Turn("as you like " * 100, role="agent"))

    assert max(sizes) - sizes[TABLE_ROWS] < 200  # numbers grow by a digit
    assert memory.turns == 2 * TABLE_ROWS + 3
    assert sum(len(text) for _, _, text in memory.facts["pending"]) <= MOST_PENDING


def test_a_memory_of_another_component_is_refused() -> None:
    tracker = TRACKER
    foreign = Memory(tracker.fingerprint, 0, 0, {"hidden": np.zeros(1)}, {})

    with pytest.raises(ArtefactError, match="state tracker"):
        tracker.step(foreign, Turn("hello"))


def test_the_other_side_never_changes_the_state() -> None:
    tracker = TRACKER
    memory = tracker.start()
    before, memory = tracker.step(memory, Turn("north at 17:30", role="customer"))

    for role in ("agent", "system", "tool"):
        after, memory = tracker.step(memory, Turn("south at 12:00", role=role))
        assert after.state == before.state
        assert after.changes == ()
        assert after.state_confidence == before.state_confidence


def changes_of(conversation: Conversation, seed: int) -> Iterator[tuple[int, StateChange]]:
    """Each change with the turn that made it."""
    for turn, labels in enumerate(TRACKERS[seed].annotate([conversation])[0]):
        for change in labels.changes or ():
            yield turn, change


def test_changes_carry_where_the_value_was_said_and_how() -> None:
    """In code points of the raw turn, for every change whose value somebody said."""
    turns = (
        Turn("How about the NORTH, or Acorn?", role="agent"),
        Turn("Hm – 5:30pm at the Acorn Guesthouse, South!", role="customer"),
        Turn("or Northern?", role="customer"),
    )
    possible = {
        ("accepted", "north", "NORTH", None),
        ("accepted", "acorn guest house", "Acorn", "Acorn"),
        ("said", "north", "Northern", "Northern"),
        ("said", "south", "South", None),
        ("said", "17:30", "5:30pm", "5:30pm"),
        ("said", "acorn guest house", "Acorn Guesthouse", "Acorn Guesthouse"),
    }
    found = set()
    for seed in range(len(TRACKERS)):
        for _, change in changes_of(Conversation("c", turns), seed):
            if change.evidence is not None and change.source != "copied":
                where = change.evidence
                said = turns[where.turn].text[where.start : where.end]
                found.add((change.source, change.value, said, change.raw))

    assert found <= possible
    assert len(found) > 3


@settings(max_examples=20, deadline=None)
@given(chats(), st.integers(0, 3))
def test_a_change_names_a_side_and_its_words(conversation: Conversation, seed: int) -> None:
    turns = conversation.turns
    for turn, change in changes_of(conversation, seed):
        where = change.evidence
        if where is None:
            assert change.source in ("implied", "copied")
            assert change.raw is None
            continue
        said = turns[where.turn].text[where.start : where.end]
        assert where.turn <= turn
        assert change.value is not None
        assert change.raw == raw_of(said, change.value)
        if change.source != "copied":
            assert change.source == ("said" if is_customer(turns[where.turn]) else "accepted")


def test_values_are_said_accepted_copied_and_implied() -> None:
    """Or the law above would say nothing."""
    texts = ("The NORTH, or Acorn?", "ok", "12:15 in the south?", "fine", "Lynn?", "hm", "south")
    sides: tuple[Role, Role] = ("agent", "customer")
    turns = tuple(Turn(text, role=sides[i % 2]) for i, text in enumerate((*texts, *texts)))

    sources = {
        change.source
        for seed in range(len(TRACKERS))
        for _, change in changes_of(Conversation("c", turns), seed)
    }

    assert sources == {"said", "accepted", "copied", "implied"}


@settings(max_examples=20, deadline=None)
@given(chats(), st.integers(0, 3), st.sampled_from([1, 3, 200]))
def test_replaying_the_changes_gives_every_turns_state(
    conversation: Conversation, seed: int, words: int
) -> None:
    """Of turns read in one step or in several."""
    with patch.object(reading, "LONGEST_STEP", words):
        labels = TRACKERS[seed].annotate([conversation])[0]

    assert list(replay(label.changes for label in labels)) == [label.state for label in labels]


def test_a_very_long_turn_is_read_to_its_end() -> None:
    tracker = TRACKER
    filler = "well " * (3 * LONGEST_STEP)

    _, memory = tracker.step(tracker.start(), Turn(filler + "acorn", role="customer"))

    assert memory.facts["step"] == 4
    value, *_ = memory.facts["said"][0]
    assert tracker.schema.value_names[value] == "acorn guest house"


def test_an_empty_turn_and_an_empty_conversation_are_read() -> None:
    tracker = TRACKER

    assert tracker.annotate([Conversation("c", ())]) == [[]]
    assert len(tracker.annotate([Conversation("c", (Turn(""), Turn("\u200b 😀")))])[0]) == 2
