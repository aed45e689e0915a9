"""Entities that can be checked without a model: their value, and less confidence where it fails.

    4111 1111 1111 1112   card_number 0.97  →  card_number 0.76, failed

Which labels are checked as what is a setting of the model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from corpora.labels import EntitySpan
from nlp_lstm.values.checks import check
from nlp_lstm.values.kinds import Check

# What a failed check leaves of the odds that a span is right. A check that nine in ten wrong spans
# fail and one in eleven right ones (typing errors, numbers that were made up) says ten to one.
FAILED_ODDS = 0.1
# Against a failed check no model is surer than this.
SUREST = 0.99


def checked(
    text: str,
    spans: Sequence[EntitySpan],
    checks: Mapping[str, Check],
    at: datetime | None,
) -> tuple[EntitySpan, ...]:
    """Spans with their values and the results of their checks.

    Args:
        text: Of the turn.
        spans: In it.
        checks: What a label is checked as; spans of other labels stay as they are.
        at: When the turn was said; without it relative dates have no value.
    """
    return tuple(
        _checked(text, span, checks[span.label], at) if span.label in checks else span
        for span in spans
    )


def _checked(text: str, span: EntitySpan, kind: Check, at: datetime | None) -> EntitySpan:
    value, result = check(kind, text[span.start : span.end], at)
    confidence = doubted(span.confidence) if result == "failed" else span.confidence
    return replace(span, value=value, check=result, confidence=confidence)


def doubted(confidence: float) -> float:
    """A confidence after a failed check: a tenth of its odds."""
    sure = min(confidence, SUREST)
    odds = FAILED_ODDS * sure / (1 - sure)
    return odds / (1 + odds)
