"""Cutting a turn into words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_lstm.text.words import split_words


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param(" \t\n ", [], id="blanks"),
        pytest.param("Hi, Ana!", ["Hi", ",", "Ana", "!"], id="punctuation stands alone"),
        pytest.param("don't O’Brien's", ["don't", "O’Brien's"], id="apostrophes stay inside"),
        pytest.param(
            "mail a.b+c@ex-ample.co.uk.",
            ["mail", "a.b+c@ex-ample.co.uk", "."],
            id="an address is one word, its full stop another",
        ),
        pytest.param("see http://x.y/z?q=1", ["see", "http://x.y/z?q=1"], id="so is a URL"),
        pytest.param(
            "at 18:30 on 3/11, £64.90.",
            ["at", "18:30", "on", "3/11", ",", "£", "64.90", "."],
            id="times, dates and amounts are words, the marks after them others",
        ),
        pytest.param("LH-40719 at 5pm", ["LH-40719", "at", "5pm"], id="so are codes"),
        pytest.param(
            "@ana, @ ana: #refund #A1234 #4523",
            ["@ana", ",", "@", "ana", ":", "#refund", "#", "A1234", "#", "4523"],
            id="mentions and tags keep their sign, codes do not",
        ),
        pytest.param("p@ss C# me@home", ["p", "@", "ss", "C", "#", "me", "@", "home"], id="inside"),
        pytest.param("well-known 2nd", ["well", "-", "known", "2nd"], id="hyphens cut words"),
        pytest.param("😀👍🏽", ["😀", "👍", "🏽"], id="emoji, one code point each"),
        pytest.param("שלום!", ["שלום", "!"], id="right to left"),
        pytest.param("a\u200bb", ["a", "\u200b", "b"], id="a zero-width space is seen"),
    ],
)
def test_what_a_word_is(text: str, forms: list[str]) -> None:
    assert split_words(text).forms == forms


@given(st.text())
def test_offsets_find_the_words_and_nothing_but_blanks_is_left_out(text: str) -> None:
    words = split_words(text)
    spans = list(zip(words.starts, words.ends, strict=True))

    assert [text[start:end] for start, end in spans] == words.forms
    borders = [0, *(border for span in spans for border in span), len(text)]
    gaps = [text[borders[i] : borders[i + 1]] for i in range(0, len(borders), 2)]
    assert not "".join(gaps).strip()


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        "a." * 100_000,
        "a@" * 100_000,
        "http://" * 30_000,
        "1:" * 100_000,
        "a-1" * 70_000,
        "#a" * 100_000,
        "#" + "a" * 100_000 + "1",
    ],
)
def test_a_huge_turn_costs_no_more_than_its_length(text: str) -> None:
    # Quadratic work on these would take minutes, and be noticed.
    assert "".join(split_words(text).forms) == text
