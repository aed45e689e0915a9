"""What stands beneath a conversation: its final state, its mood, and what was routed onward."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.text import Text

from pipelines.annotation import AnnotatedConversation
from pipelines.cli.console import Look
from pipelines.cli.inert import inert
from pipelines.cli.sparkline import sparkline
from pipelines.record_models import Case
from pipelines.records import sentiment_summary, state_summary

# A speaker whose valence ends this much lower than it began is shown in red.
SOURED = 0.5
# A mood that changes by less than this a turn of its speaker is not called rising or falling.
MOVING = 0.1


def summary(annotated: AnnotatedConversation, cases: Iterable[Case], look: Look) -> Iterator[Text]:
    """Yield one line a fact, each headed by what it tells: `wants`, `mood`, `alarm`, `routed`."""
    yield from _wants(annotated)
    yield from _moods(annotated, look)
    for case in cases:
        if case.reason == "frustration":
            yield _headed("alarm", _alarm(case, look), "bold red")
        else:
            yield _headed("routed", _reason(case, look), "magenta")


def _wants(annotated: AnnotatedConversation) -> Iterator[Text]:
    if all(turn.labels.state is None for turn in annotated.turns):
        return
    final = state_summary(annotated.turns)
    if not final:
        yield _headed("wants", "nothing that the model has a slot for", "dim")
    width = max((len(inert(held["slot"])) for held in final), default=0)
    for held in final:
        slot, value = inert(held["slot"]).ljust(width), inert(held["value"])
        yield _headed("wants", f"{slot} = {value}  (turn {held['turn'] + 1})", "green")


def _moods(annotated: AnnotatedConversation, look: Look) -> Iterator[Text]:
    valences: dict[str, list[float]] = {}
    for turn, annotation in zip(annotated.conversation.turns, annotated.turns, strict=True):
        sentiment = annotation.labels.sentiment
        if sentiment is not None and sentiment.valence is not None:
            valences.setdefault(turn.speaker or turn.role or "", []).append(sentiment.valence)
    speakers = sentiment_summary(annotated.conversation, annotated.turns)
    width = max((len(inert(heard["speaker"])) for heard in speakers), default=0)
    arrow = "→" if look.glyphs else "->"
    for heard in speakers:
        bars = sparkline(valences[heard["speaker"]], ascii_only=not look.glyphs)
        first, last, lowest = heard["first"], heard["last"], heard["lowest"]
        line = f"{inert(heard['speaker'] or '?').ljust(width)}  {bars}"
        line += f"  {first:+.2f} {arrow} {last:+.2f}"
        if lowest < min(first, last, 0):
            line += f"  lowest {lowest:+.2f} at turn {heard['lowest_turn'] + 1}"
        line += _trend(heard)
        yield _headed("mood", line, "red" if last < first - SOURED else "")


def _trend(heard: Mapping[str, Any]) -> str:
    """Where a speaker's mood is heading, and where it turned last, as far as it moves at all."""
    told = ""
    slope = heard["slope"] or 0.0
    if abs(slope) >= MOVING:
        told += f"  {'rising' if slope > 0 else 'falling'} {abs(slope):.2f} a turn"
    for point in heard["turning_points"][-1:]:
        told += f"  turned {point['direction']} after turn {point['turn'] + 1}"
    return told


def _alarm(case: Case, look: Look) -> str:
    arrow = "→" if look.glyphs else "->"
    since = (
        f", since turn {case.since + 1}"
        if case.since is not None and case.since != case.turn
        else ""
    )
    turns = ", ".join(str(turn + 1) for turn in case.evidence)
    evidence = f" (turns {turns})" if len(case.evidence) > 1 else ""
    return (
        f"frustration at turn {case.turn + 1}{since}{evidence}:"
        f" {case.confidence or 0:.2f} {arrow} {inert(case.route)}"
    )


def _reason(case: Case, look: Look) -> str:
    if case.reason == "low_confidence" and case.confidence is not None:
        # Rounded down: 0.499 is not "0.50 < 0.50".
        below = int(case.confidence * 100) / 100
        told = f"low confidence ({below:.2f} < {case.threshold:.2f})"
    elif case.reason == "context_too_long":
        told = f"context too long ({case.context_tokens:,} > {case.threshold:,.0f} words)"
    elif case.reason == "language":
        told = "a language that the model does not know"
    elif case.reason == "explicit_request":
        told = "asks for a person"
    elif case.reason == "component_error":
        told = "the model failed"
    elif case.reason == "out_of_domain":
        told = f"nothing that it has a slot for in {case.context_tokens:,} words"
    else:
        told = inert(case.reason.replace("_", " "))
    what = case.task or "customer"
    more = f" and at {case.turns - 1} more" if case.turns > 1 else ""
    arrow = "→" if look.glyphs else "->"
    return f"{what} at turn {case.turn + 1}{more}: {told} {arrow} {inert(case.route)}"


def _headed(head: str, line: str, style: str) -> Text:
    return Text.assemble((f"{head:<8}", "dim"), (line, style))
