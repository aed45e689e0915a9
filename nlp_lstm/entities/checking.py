"""Entities that can be checked without a model: their value, and less confidence where it fails.

    4111 1111 1111 1112   card_number 0.97  →  card_number 0.76, failed

Which labels are checked as what, and what is found by its form alone, are settings of the model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from corpora.labels import EntitySpan
from nlp_lstm.values.checks import check
from nlp_lstm.values.kinds import Check, Formed
from nlp_lstm.values.written import find_written

# What a failed check leaves of the odds that a span is right. A check that nine in ten wrong spans
# fail and one in eleven right ones (typing errors, numbers that were made up) says ten to one.
FAILED_ODDS = 0.1
# Against a failed check no model is surer than this.
SUREST = 0.99
# One string of digits in ten passes as a card, one of letters and digits in 97 as an IBAN; what
# is written like the others is nothing else.
FOUND_CONFIDENCE: Mapping[Formed, float] = {"card": 0.9, "iban": 0.99}


def checked(
    text: str,
    spans: Sequence[EntitySpan],
    checks: Mapping[str, Check],
    at: datetime | None,
    found_by_form: Mapping[Formed, str] | None = None,
) -> tuple[EntitySpan, ...]:
    """Spans with their values and the results of their checks.

    Args:
        text: Of the turn.
        spans: In it, in reading order, not overlapping.
        checks: What a label is checked as; spans of other labels stay as they are.
        at: When the turn was said; without it relative dates have no value.
        found_by_form: What is added where no span is, or only a part of it, and its label.
    """
    judged = tuple(
        _checked(text, span, checks[span.label], at) if span.label in checks else span
        for span in spans
    )
    return with_written(text, judged, found_by_form) if found_by_form else judged


def with_written(
    text: str, spans: Sequence[EntitySpan], labels: Mapping[Formed, str]
) -> tuple[EntitySpan, ...]:
    """Spans, and what else is found in a text by its form alone.

    A span that is a part of what was found gives way; one that is as long, or reaches beyond it,
    stays: the tagger has read the context.

    Args:
        text: Of the turn.
        spans: In it, in reading order, not overlapping.
        labels: What is looked for, and what it is called.
    """
    kept: list[EntitySpan] = list(spans)
    added: list[EntitySpan] = []
    place = 0
    for one in find_written(text, labels.keys()):
        while place < len(kept) and kept[place].end <= one.start:
            place += 1
        last = place
        while last < len(kept) and kept[last].start < one.end:
            last += 1
        touched = kept[place:last]
        if all(
            one.start <= span.start
            and span.end <= one.end
            and span.end - span.start < one.end - one.start
            for span in touched
        ):
            del kept[place:last]
            confidence = FOUND_CONFIDENCE.get(one.kind, 1.0)
            added.append(
                EntitySpan(one.start, one.end, labels[one.kind], confidence, one.value, "passed")
            )
    return tuple(sorted([*kept, *added], key=lambda span: span.start)) if added else tuple(spans)


def _checked(text: str, span: EntitySpan, kind: Check, at: datetime | None) -> EntitySpan:
    value, result = check(kind, text[span.start : span.end], at)
    confidence = doubted(span.confidence) if result == "failed" else span.confidence
    return replace(span, value=value, check=result, confidence=confidence)


def doubted(confidence: float) -> float:
    """A confidence after a failed check: a tenth of its odds."""
    sure = min(confidence, SUREST)
    odds = FAILED_ODDS * sure / (1 - sure)
    return odds / (1 + odds)
