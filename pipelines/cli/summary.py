"""What stands beneath a conversation: its final state, its mood, and what was routed onward."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from pipelines.cli.console import Look
from pipelines.cli.inert import inert
from pipelines.cli.sparkline import sparkline
from pipelines.pipeline import AnnotatedConversation
from pipelines.record_models import Case
from pipelines.records import sentiment_summary, state_summary

# A speaker whose valence ends this much lower than it began is shown in red.
SOURED = 0.5


def summary(annotated: AnnotatedConversation, cases: Iterable[Case], look: Look) -> Iterator[Text]:
    """Yield one line a fact, each headed by what it tells: `wants`, `mood`, `routed`."""
    yield from _wants(annotated)
    yield from _moods(annotated, look)
    for case in cases:
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
        yield _headed("mood", line, "red" if last < first - SOURED else "")


def _reason(case: Case, look: Look) -> str:
    if case.reason == "low_confidence" and case.confidence is not None:
        told = f"low confidence ({case.confidence:.2f} < {case.threshold:.2f})"
    elif case.reason == "context_too_long":
        told = f"context too long ({case.context_tokens:,} > {case.threshold:,.0f} words)"
    else:
        told = inert(case.reason.replace("_", " "))
    more = f" and at {case.turns - 1} more" if case.turns > 1 else ""
    arrow = "→" if look.glyphs else "->"
    return f"{case.task} at turn {case.turn + 1}{more}: {told} {arrow} {inert(case.route)}"


def _headed(head: str, line: str, style: str) -> Text:
    return Text.assemble((f"{head:<8}", "dim"), (line, style))
