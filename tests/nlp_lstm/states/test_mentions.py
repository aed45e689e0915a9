import pytest

from nlp_lstm.states.mentions import MentionFinder, edit_distance
from nlp_lstm.states.schema import Schema, Value
from tests.nlp_lstm.states.tiny_states import SCHEMA

FIND = MentionFinder(SCHEMA)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("in the north", [("north", "north", True)], id="a value's own word"),
        pytest.param("the northern part", [("north", "northern", False)], id="an alias"),
        pytest.param(
            "the acorn guest house .",
            [("acorn guest house", "acorn guest house", True)],
            id="several words, and no shorter mention inside",
        ),
        pytest.param("try acorn", [("acorn guest house", "acorn", False)], id="without its tail"),
        pytest.param("a guest house", [], id="a tail alone is no name"),
        pytest.param("king s lynn", [("kings lynn", "king s lynn", True)], id="s apart"),
        pytest.param("kingslynn", [("kings lynn", "kingslynn", True)], id="written together"),
        pytest.param(
            "slug & lettuce", [("the slug and lettuce", "slug & lettuce", True)], id="small words"
        ),
        pytest.param(
            "wartworth house", [("warkworth house", "wartworth house", True)], id="misspelt"
        ),
        pytest.param("nort", [], id="too short to be a misspelling"),
        pytest.param("at 17:15", [("17:15", "17:15", True)], id="a time"),
        pytest.param("at 98:00", [], id="no such time"),
        pytest.param(
            "north or south",
            [("north", "north", True), ("south", "south", True)],
            id="in reading order",
        ),
    ],
)
def test_what_words_mention(text: str, found: list[tuple[str, str, bool]]) -> None:
    words = text.split()

    mentions = [
        (SCHEMA.value_names[m.value], " ".join(words[m.first : m.last + 1]), m.is_exact)
        for m in FIND(words)
    ]

    assert mentions == found


NESTED = Schema.model_validate(
    {
        **SCHEMA.model_dump(),
        "values": (
            *SCHEMA.values,
            Value(name="the acorn lodge hotel", slots=(1,), count=0, aliases=()),
            Value(name="acorn lodge", slots=(1,), count=0, aliases=()),
            Value(name="north gate", slots=(1,), count=0, aliases=()),
            Value(name="acorn north", slots=(1,), count=30, aliases=()),
            Value(name="after 16:30", slots=(3,), count=1, aliases=()),
        ),
    }
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            "the acorn lodge hotel",
            [("the acorn lodge hotel", True), ("acorn guest house", False)],
            id="a rare name, and the usual one that it holds, but no other rare one",
        ),
        pytest.param("north gate", [("north gate", True)], id="not a value of other slots"),
        pytest.param("acorn north", [("acorn north", True)], id="not in a name that labels use"),
        pytest.param(
            "leave after 16:30", [("after 16:30", True), ("16:30", False)], id="a time in a label"
        ),
    ],
)
def test_a_rare_name_does_not_hide_the_usual_one(text: str, found: list[tuple[str, bool]]) -> None:
    names = NESTED.value_names
    mentions = MentionFinder(NESTED)(text.split())

    assert [(names[m.value], m.is_exact) for m in mentions] == found


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [("lynn", "lynn", 0), ("lynn", "lyn", 1), ("lynn", "lyon", 1), ("north", "south", 2)],
)
def test_edit_distance(left: str, right: str, distance: int) -> None:
    assert edit_distance(left, right, most=5) == distance
    assert edit_distance(right, left, most=5) == distance


def test_an_edit_distance_beyond_the_most_is_only_known_to_be_beyond() -> None:
    assert edit_distance("abcdefgh", "zyxwvuts", most=2) == 3
