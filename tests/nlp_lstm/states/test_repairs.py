import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_lstm.states.mentions import MentionFinder
from nlp_lstm.states.normalise import Normaliser
from nlp_lstm.states.reading import StepReader
from nlp_lstm.states.repairs import AROUND, CUES, repaired
from tests.nlp_lstm.states.tiny_states import SCHEMA

NORMALISE = Normaliser(SCHEMA.rewrites)
FIND = MentionFinder(SCHEMA)


def read(text: str) -> str:
    return " ".join(token.form for token in repaired(NORMALISE(text), FIND, SCHEMA.takers))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        pytest.param("in the north, no wait, make that south", "in the south", id="at once"),
        pytest.param("the north side, sorry, I meant south", "the south side", id="at the end"),
        pytest.param("north side, no, south side please", "south side please", id="begun anew"),
        pytest.param("at 17:15, scratch that, at 18:00", "at 18:00", id="a time, its word again"),
        pytest.param(
            "acorn guest house, wait, actually the Kings Lynn!", "kings lynn !", id="a name"
        ),
        pytest.param("north, no, south, no, north", "north", id="twice"),
        pytest.param("north, sorry, north", "north , sorry , north", id="the same again"),
        pytest.param("north at 17:15, no, make it 18:00", "north at 18:00", id="its own kind"),
        pytest.param("north, no, at 18:00", "north , no , at 18:00", id="another kind"),
        pytest.param("no, south", "no , south", id="what the other side said is no concern"),
        pytest.param("north or south", "north or south", id="a choice"),
        pytest.param("north and then south", "north and then south", id="two wishes"),
        pytest.param("actually, north", "actually , north", id="a cue alone"),
        pytest.param(
            "north is where i have been all of last week. Actually south",
            "north is where i have been all of last week . actually south",
            id="too far away",
        ),
    ],
)
def test_what_is_taken_back_is_not_read(said: str, meant: str) -> None:
    assert read(said) == meant


def test_evidence_stands_where_the_meant_value_was_said() -> None:
    text = "the north side, no wait, make that south"

    (step,) = StepReader(SCHEMA).steps((), 3, text)

    places = {(quote.turn, quote.start, quote.end) for quote in step.quotes}
    assert places == {(3, text.index("south"), len(text))}


WORDS = st.sampled_from(sorted(CUES | AROUND | {"north", "south", "acorn", "house", "17:15", "x"}))


@given(st.lists(WORDS, max_size=14))
def test_words_are_left_out_or_moved_and_none_is_invented(words: list[str]) -> None:
    tokens = NORMALISE(" ".join(words))

    kept = repaired(list(tokens), FIND, SCHEMA.takers)

    assert len(kept) <= len(tokens)
    assert set(kept) <= set(tokens)
    assert len(set(kept)) == len(kept)


@given(st.lists(st.sampled_from(["north", "south", "acorn", "house", "or", "17:15"]), max_size=10))
def test_without_a_cue_all_is_read(words: list[str]) -> None:
    tokens = NORMALISE(" ".join(words))

    assert repaired(tokens, FIND, SCHEMA.takers) is tokens
