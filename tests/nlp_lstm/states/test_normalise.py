import pytest
from hypothesis import example, given

from nlp_lstm.states.normalise import Normaliser
from tests.nlp_lstm.states.tiny_states import SCHEMA
from tests.strategies import texts

NORMALISE = Normaliser(SCHEMA.rewrites)


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        pytest.param("I'd like It", "i would like it", id="lower case, short forms written out"),
        pytest.param("They’re o'clock", "they are o'clock", id="only where a pronoun is short"),
        pytest.param("I 'm , they 've", "i am , they have", id="the same, tokenised"),
        pytest.param("ca n't do n't", "can not do not", id="n't tokenised"),
        pytest.param("What 's that", "what s that", id="possessive s tokenised"),
        pytest.param("a cat and n't", "a cat and not", id="ca alone is no can"),
        pytest.param("don't can't won't", "do not can not will not", id="n't is not"),
        pytest.param("the theatre's bar", "the theatre s bar", id="possessive s apart"),
        pytest.param("at 5:30pm", "at 17:30", id="afternoon"),
        pytest.param("at 12 a.m. sharp", "at 00:00 sharp", id="midnight"),
        pytest.param("by 5pm.", "by 17:00 .", id="the end of a sentence is no part of a time"),
        pytest.param("12pm", "12:00", id="noon"),
        pytest.param("by 17.30, please", "by 17:30 , please", id="a dot after a preposition"),
        pytest.param("it is 17.30 pounds", "it is 17.30 pounds", id="a price is no time"),
        pytest.param("1730hrs", "17:30", id="military"),
        pytest.param("leave after 5.", "leave after 05:00 .", id="a bare hour"),
        pytest.param("for 5 people", "for 5 people", id="a count is no hour"),
        pytest.param("from 5 people", "from 5 people", id="not even after a preposition"),
        pytest.param("at 98:00", "at 98:00", id="no such hour"),
        pytest.param("two or Ten", "2 or 10", id="number words"),
        pytest.param("a guesthouse", "a guest house", id="rewrite of a word"),
        pytest.param("a B&B!", "a bed and breakfast !", id="rewrite of several"),
        pytest.param("mid-range / cheap", "mid range cheap", id="dashes and slashes are blanks"),
        pytest.param("include -s it", "include it", id="suffixes written apart carry nothing"),
        pytest.param("he said “go”", "he said go", id="quotes carry nothing"),
        pytest.param("", "", id="empty"),
    ],
)
def test_what_raw_text_is_read_as(raw: str, read: str) -> None:
    assert " ".join(token.form for token in NORMALISE(raw)) == read


@given(texts())
@example("İstanbul at 5")
def test_every_word_stands_where_it_says_in_reading_order(text: str) -> None:
    tokens = NORMALISE(text)

    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)
    assert all(token.form == token.form.strip() and token.form for token in tokens)


def test_offsets_point_into_the_raw_text_through_every_rule() -> None:
    text = "A Guesthouse by 5:30 PM, isn't it? I ca n't. I'd"

    read = [(token.form, text[token.start : token.end]) for token in NORMALISE(text)]

    assert read == [
        ("a", "A"),
        ("guest", "Guesthouse"),
        ("house", "Guesthouse"),
        ("by", "by"),
        ("17:30", "5:30 PM"),
        (",", ","),
        ("is", "is"),
        ("not", "n't"),
        ("it", "it"),
        ("?", "?"),
        ("i", "I"),
        ("can", "ca"),
        ("not", "n't"),
        (".", "."),
        ("i", "I"),
        ("would", "d"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "i need a hotel in the east that has 4 stars .",
        "the train leaves at 17:15 and costs 4.40 pounds , i will take 2 tickets",
        "do not you have a bed and breakfast near king s lynn ?",
    ],
)
def test_text_that_is_normal_already_stays_as_it_is(text: str) -> None:
    assert [token.form for token in NORMALISE(text)] == text.split()
