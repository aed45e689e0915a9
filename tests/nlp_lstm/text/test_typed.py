"""Corpus text as people type it: same words, same spans, other capitals and marks."""

import random

from hypothesis import given
from hypothesis import strategies as st

from corpora.labels import EntitySpan
from nlp_lstm.text.typed import as_typed


@st.composite
def texts_and_spans(draw: st.DrawFn) -> tuple[str, list[EntitySpan]]:
    text = draw(st.text(max_size=40))
    borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    pairs = zip(borders[::2], borders[1::2], strict=False)
    return text, [EntitySpan(start, end, "name") for start, end in pairs]


@given(texts_and_spans(), st.integers(0, 1000))
def test_the_words_and_the_spans_stay(turn: tuple[str, list[EntitySpan]], seed: int) -> None:
    text, spans = turn
    typed, moved = as_typed(text, spans, random.Random(seed))

    def said(text: str, span: EntitySpan) -> str:
        return text[span.start : span.end].casefold()

    assert [said(typed, span) for span in moved] == [said(text, span) for span in spans]
    assert [span.label for span in moved] == [span.label for span in spans]
    assert typed.replace(",", "").casefold().startswith(text.replace(",", "").casefold())


def test_what_it_looks_like() -> None:
    text, spans = (
        "i am ana lee and my mail is a@b.com",
        [
            EntitySpan(5, 12, "name"),
            EntitySpan(28, 35, "email"),
        ],
    )
    seen = {as_typed(text, spans, random.Random(seed))[0] for seed in range(300)}

    assert "I am Ana Lee, and my mail is a@b.com." in seen
    assert "I AM ANA LEE AND MY MAIL IS A@B.COM" in seen
    assert text in seen
