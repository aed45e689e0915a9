"""Corpus text as somebody else might have typed it, for training.

Published chats are often lower-cased and hardly punctuated; people's are not. A model that never
saw a capital letter does not know what one means.
"""

import random
import re
from collections.abc import Sequence

from corpora.labels import EntitySpan
from nlp_lstm.text.lowered import lowered

SHOUTED = 0.05
SENTENCE_CASED = 0.7
SPAN_CAPITALISED = 0.6
COMMA_AFTER_SPAN = 0.15
MARK_AT_END = 0.6
MARKS = (".", ".", ".", "!", "?", "...", " :)")

_FIRST_LETTERS = re.compile(r"\b[a-z]")
_ALONE = re.compile(r"\bi\b")


def as_typed(
    text: str, spans: Sequence[EntitySpan], rng: random.Random
) -> tuple[str, list[EntitySpan]]:
    """Give a text the capitals and marks of typed English, by chance.

    Args:
        text: As the corpus has it.
        spans: What it names; in reading order, not overlapping.
        rng: Decides everything.

    Returns:
        The text, its words unchanged but for case, and where the spans stand in it.
    """
    if rng.random() < SHOUTED:
        return _same_length(text, text.upper()), list(spans)
    if rng.random() < SENTENCE_CASED:
        text = _FIRST_LETTERS.sub(lambda match: match[0].upper(), text, count=1)
        text = _ALONE.sub("I", text)
    parts: list[str] = []
    moved: list[EntitySpan] = []
    done = added = 0
    for span in spans:
        said = text[span.start : span.end]
        if rng.random() < SPAN_CAPITALISED and "@" not in said:
            said = _FIRST_LETTERS.sub(lambda match: match[0].upper(), said)
        parts += [text[done : span.start], said]
        moved.append(EntitySpan(span.start + added, span.end + added, span.label))
        done = span.end
        if text[done : done + 1] == " " and rng.random() < COMMA_AFTER_SPAN:
            parts.append(",")
            added += 1
    parts.append(text[done:])
    if text[-1:].isalnum() and rng.random() < MARK_AT_END:
        parts.append(rng.choice(MARKS))
    return "".join(parts), moved


def in_small_letters(
    text: str, spans: Sequence[EntitySpan], rng: random.Random
) -> tuple[str, list[EntitySpan]]:
    """Give a text the small letters of a hurried typist, by chance without its last mark.

    Args:
        text: As the corpus has it.
        spans: What it names; in reading order, not overlapping.
        rng: Decides everything.

    Returns:
        The text, and where the spans stand in it.
    """
    small = lowered(text)
    ends = max((span.end for span in spans), default=0)
    if small[-1:] in (".", "!", "?") and ends < len(small) and rng.random() < MARK_AT_END:
        small = small[:-1]
    return small, list(spans)


def _same_length(text: str, cased: str) -> str:
    # A few letters grow when they are cased, and every offset behind them would be wrong.
    return cased if len(cased) == len(text) else text
