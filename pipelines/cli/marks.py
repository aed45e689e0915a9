"""What stands in one turn's row: who, what was said with its entities marked, what changed.

[Ana Petrov](name)   + train-day = monday   :( anger
"""

import zlib
from collections.abc import Mapping, Sequence

from rich.text import Text

from corpora.conversation import Turn
from corpora.labels import EntitySpan, Operation, Sentiment, StateChange, TurnLabels
from pipelines.cli.inert import inert

# A view is for reading; whoever needs all of a longer turn finds it in the records.
LONGEST_SHOWN = 2000
ENTITY_COLOURS = ("cyan", "green", "yellow", "magenta", "blue", "bright_red")
OPERATIONS: dict[Operation, str] = {
    "set": "+",
    "append": "+",
    "replace": "~",
    "remove": "-",
    "delete": "-",
    "dontcare": "*",
}
OPERATION_COLOURS = {"+": "green", "~": "yellow", "-": "red", "*": "green"}
MOODS = {"negative": ":(", "neutral": ":|", "positive": ":)"}
MOOD_COLOURS = {"negative": "red", "neutral": "dim", "positive": "green"}
LEGEND = "+ set   ~ replaced   - deleted   * any will do   ? asked   role? guessed"


def said(turn: Turn, entities: Sequence[EntitySpan], *, colour: bool) -> Text:
    """The text of a turn, inert, with each entity marked in it and its label behind it.

    Args:
        turn: What was said.
        entities: In reading order, not overlapping.
        colour: Whether colours mark an entity; if not, `[brackets](label)` do.
    """
    text = Text(no_wrap=False)
    at, end = 0, min(len(turn.text), LONGEST_SHOWN)
    for span in entities:
        if span.start < at or span.end > end:
            continue
        text.append(inert(turn.text[at : span.start]))
        name, label = inert(turn.text[span.start : span.end]), inert(span.label)
        if colour:
            shade = ENTITY_COLOURS[zlib.crc32(span.label.encode()) % len(ENTITY_COLOURS)]
            text.append(name, f"bold {shade}")
            text.append(f"({label})", shade)
        else:
            text.append(f"[{name}]({label})")
        at = span.end
    text.append(inert(turn.text[at:end]))
    if end < len(turn.text):
        text.append(f" ({len(turn.text) - end:,} more characters)", "dim")
    return text


def speaker(turn: Turn) -> Text:
    """Who speaks and as what; a guessed role has a question mark."""
    name = inert(turn.speaker)
    if turn.role is None or turn.role == turn.speaker.casefold():
        return Text(name or "?", "bold")
    role = f"{turn.role}?" if turn.role_guessed else turn.role
    return Text.assemble((f"{name}, ", "bold"), (role, "dim")) if name else Text(role, "dim")


def changes(
    labels: TurnLabels, turn: int, before: Mapping[str, str], *, glyphs: bool
) -> list[Text]:
    """What a turn did to the belief state, one entry a change, and what it asked about.

    Args:
        labels: Of the turn.
        turn: Its index: a value that was said in it needs no word about where it comes from.
        before: The belief state before it.
        glyphs: Whether an arrow can be written.
    """
    entries = [
        _change(change, before, glyphs=glyphs).append(_origin(change, turn), "dim")
        for change in labels.changes or ()
    ]
    entries += [Text(f"? {inert(slot)}", "blue") for slot in labels.requests or ()]
    return entries


def mood(sentiment: Sentiment | None) -> Text:
    """A face, and the likeliest emotion where it says more than the face."""
    if sentiment is None or sentiment.label is None:
        return Text(inert(sentiment.emotions[0].label) if sentiment and sentiment.emotions else "")
    finer = next((e.label for e in sentiment.emotions if e.label not in MOODS), "")
    if sentiment.label == "neutral":
        finer = ""
    return Text(f"{MOODS[sentiment.label]} {inert(finer)}".rstrip(), MOOD_COLOURS[sentiment.label])


def _change(change: StateChange, before: Mapping[str, str], *, glyphs: bool) -> Text:
    slot, value = inert(change.slot), inert(change.value or "")
    if change.operation == "delete":
        told = slot
    elif change.operation == "replace" and change.slot in before:
        told = f"{slot} = {inert(before[change.slot])} {'→' if glyphs else '->'} {value}"
    elif change.operation == "dontcare":
        told = f"{slot} = any"
    else:
        told = f"{slot} = {value}"
    mark = OPERATIONS[change.operation]
    # A colour of its own span, so that what is appended has none of it.
    return Text.assemble((f"{mark} {told}", OPERATION_COLOURS[mark]))


def _origin(change: StateChange, turn: int) -> str:
    """Why a slot has its new value, where that does not stand in the turn itself."""
    if change.operation in ("delete", "dontcare", "remove"):
        return ""
    if change.source in ("copied", "implied"):
        return f" ({change.source})"
    if change.evidence is None or change.evidence.turn == turn:
        return ""
    how = "offered" if change.source == "accepted" else "said"
    return f" ({how} in turn {change.evidence.turn + 1})"
