"""Other names in text, labels and states at once."""

import random
from dataclasses import replace

from nlp_lstm.states.described.renaming import renamed, words_of
from tests.nlp_lstm.states.described.tiny_described import Said, labelled

CHAT = labelled(
    Said(
        "Shall it be the Hilton?",
        "yes, the Hilton up north",
        {"hotel-name": "Hilton", "hotel-area": "north"},
        also={"hotel-name": ("the Hilton",)},
        marked={"hotel-name": "Hilton"},
        offered={"hotel-name": "Hilton"},
    ),
    Said("", "for two", {"hotel-name": "Hilton", "hotel-area": "north", "hotel-people": "2"}),
)


def test_a_name_is_the_same_wherever_it_is_marked_or_held() -> None:
    other = renamed(CHAT, {"hotel-name"}, ["garden", "seven"], random.Random(1))

    (name,) = {
        one.value for own in other.labels for one in own.state or () if one.slot == "hotel-name"
    }
    assert name != "Hilton"
    assert name[:1].isupper()
    for turn, labels in zip(other.conversation.turns, other.labels, strict=True):
        assert "Hilton" not in turn.text
        assert all(turn.text[span.start : span.end] == name for span in labels.entities or ())


def test_without_marks_a_name_stands_where_the_words_of_a_value_do() -> None:
    bare = replace(
        CHAT, labels=tuple(replace(own, entities=None, changes=None) for own in CHAT.labels)
    )
    other = renamed(bare, {"hotel-name"}, ["garden", "seven"], random.Random(1))

    held = {one.value for own in other.labels for one in own.state or ()} - {"north", "2"}
    texts = [turn.text for turn in other.conversation.turns]
    assert len(held) == 1
    assert all("Hilton" not in text for text in texts)
    assert sum(next(iter(held)) in text for text in texts) == 2


def test_a_value_inside_a_longer_word_is_no_name() -> None:
    chat = labelled(Said("", "the Hiltons at the hilton", {"hotel-name": "Hilton"}))
    bare = replace(chat, labels=tuple(replace(own, entities=None) for own in chat.labels))

    other = renamed(bare, {"hotel-name"}, ["garden"], random.Random(1))

    assert other.conversation.turns[-1].text.startswith("the Hiltons at the garden")


def test_what_is_no_name_stays() -> None:
    other = renamed(CHAT, {"hotel-name"}, ["garden"], random.Random(1))

    kept = [
        [one for one in own.state or () if one.slot != "hotel-name"]
        for own in (*CHAT.labels, *other.labels)
    ]
    assert kept[: len(CHAT.labels)] == kept[len(CHAT.labels) :]
    assert renamed(CHAT, {"taxi-from"}, ["garden"], random.Random(1)) == CHAT


def test_names_are_made_of_the_words_of_the_corpus() -> None:
    assert words_of([CHAT]) == ["for", "hilton", "north", "shall", "the", "two"]
