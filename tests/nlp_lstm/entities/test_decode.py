"""Tags and spans, judged by seqeval over every tagging of three words."""

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.scheme import IOBES, Entities

from corpora.labels import EntitySpan
from nlp_lstm.entities.decode import (
    align_spans,
    decode_bioes,
    encode_bioes,
    tag_names,
    tag_numbers,
)
from nlp_lstm.layers.bioes import BioesLayout
from nlp_lstm.text.words import split_words

OFFSETS = [(0, 2), (3, 5), (6, 9)]
TAGS = ["O", *(f"{prefix}-{label}" for prefix in "BIES" for label in "ab")]


def test_decoding_agrees_with_seqeval_on_every_tagging_of_three_words() -> None:
    for tags in itertools.product(TAGS, repeat=3):
        judged = Entities([list(tags)], IOBES).entities[0]
        expected = [
            EntitySpan(OFFSETS[found.start][0], OFFSETS[found.end - 1][1], found.tag)
            for found in judged
        ]

        assert decode_bioes(tags, OFFSETS) == expected, tags


@st.composite
def spans_on_words(draw: st.DrawFn) -> tuple[list[tuple[int, int]], list[EntitySpan]]:
    widths = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5)), max_size=8))
    offsets: list[tuple[int, int]] = []
    for gap, width in widths:
        start = (offsets[-1][1] if offsets else 0) + gap
        offsets.append((start, start + width))
    spans: list[EntitySpan] = []
    first = 0
    while first < len(offsets):
        last = draw(st.integers(first, len(offsets) - 1))
        if draw(st.booleans()):
            label = draw(st.sampled_from("ab"))
            spans.append(EntitySpan(offsets[first][0], offsets[last][1], label))
        first = last + 1
    return offsets, spans


@given(spans_on_words())
def test_decoding_undoes_encoding(turn: tuple[list[tuple[int, int]], list[EntitySpan]]) -> None:
    offsets, spans = turn

    assert decode_bioes(encode_bioes(spans, offsets), offsets) == spans


def test_a_span_off_the_borders_of_words_cannot_be_encoded() -> None:
    with pytest.raises(ValueError, match=r"\[1, 5\) is not on word borders"):
        encode_bioes([EntitySpan(1, 5, "a")], OFFSETS)
    with pytest.raises(ValueError, match="overlaps"):
        encode_bioes([EntitySpan(0, 5, "a"), EntitySpan(3, 9, "b")], OFFSETS)


def test_tags_and_offsets_must_be_of_one_turn() -> None:
    with pytest.raises(ValueError, match="2 tags for 3 words"):
        decode_bioes(["O", "O"], OFFSETS)


def test_names_stand_in_the_order_of_the_crf() -> None:
    layout = BioesLayout(2)
    numbers = tag_numbers(["a", "b"])

    assert len(tag_names(["a", "b"])) == layout.count
    assert numbers["O"] == layout.outside
    for place, label in enumerate("ab"):
        assert numbers[f"I-{label}"] == layout.inside(place)
        assert numbers[f"B-{label}"] == layout.begin(place)
        assert numbers[f"S-{label}"] == layout.single(place)
        assert numbers[f"E-{label}"] == layout.end(place)


TEXT = "call me-ana at 5pm now"


@pytest.mark.parametrize(
    ("spans", "aligned", "changed"),
    [
        pytest.param([(5, 7, "a")], [(5, 7, "a")], 0, id="on word borders: kept"),
        pytest.param([(15, 16, "a")], [(15, 18, "a")], 1, id="inside a word: widened"),
        pytest.param([(13, 16, "a")], [(12, 18, "a")], 1, id="across words: widened"),
        pytest.param([(4, 5, "a")], [], 1, id="only a blank: left out"),
        pytest.param(
            [(15, 16, "a"), (16, 22, "b")],
            [(15, 18, "a"), (19, 22, "b")],
            2,
            id="two in one word: the first has it",
        ),
    ],
)
def test_gold_spans_are_widened_to_whole_words(
    spans: list[tuple[int, int, str]], aligned: list[tuple[int, int, str]], changed: int
) -> None:
    losses: Counter[str] = Counter()
    found = align_spans([EntitySpan(*span) for span in spans], split_words(TEXT), losses)

    assert [(span.start, span.end, span.label) for span in found] == aligned
    assert losses.total() == changed
