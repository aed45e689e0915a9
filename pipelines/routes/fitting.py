"""Whether an answer fits the turn that it is about, and what it comes to where it does."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from corpora.errors import quoted
from pipelines.routes.answers import Answer, SaidEntity, SaidSlot
from pipelines.routes.vocabulary import DONTCARE, SlotWords, Vocabulary

# So many words are named where one is not among them.
MOST_NAMED = 12


class UnfitError(Exception):
    """An answer that cannot be: what was found, and what was expected."""

    def __init__(self, found: str, expected: str) -> None:
        self.found = found
        self.expected = expected
        super().__init__(f"found {found}, expected {expected}")


@dataclass(slots=True)
class Fitted:
    """What an answer says of a turn, as records hold it; None where it says nothing.

    Attributes:
        entities: In reading order.
        state: By slot.
        requests: Sorted.
        sentiment: The label.
        emotions: Likeliest first.
        dropped: What a machine says that nobody said in the conversation.
    """

    entities: list[dict[str, Any]] | None = None
    state: list[dict[str, str]] | None = None
    requests: list[str] | None = None
    sentiment: str | None = None
    emotions: tuple[str, ...] = ()
    has_sentiment: bool = False
    dropped: list[str] = field(default_factory=list)


def fit(
    answer: Answer,
    turn: Mapping[str, Any],
    vocabulary: Vocabulary,
    *,
    said_so_far: Sequence[str] = (),
) -> Fitted:
    """Check an answer against the turn and the vocabulary.

    A person is believed as far as text and schema allow. Of a machine's answer, what quotes
    words that nobody said is dropped.

    Args:
        answer: What was said.
        turn: One of a record's `turns`.
        vocabulary: Labels and slots.
        said_so_far: The conversation's texts up to the turn.

    Raises:
        UnfitError: It contradicts the text, overlaps or uses an unknown word.
    """
    said, fitted = answer.answer, Fitted()
    is_machine = answer.kind == "machine"
    if said.entities is not None:
        fitted.entities = _entities(said.entities, answer, turn["text"], vocabulary, fitted.dropped)
    if said.state is not None:
        words = _Words([*said_so_far, turn["text"]]) if is_machine else None
        fitted.state = _state(said.state, turn["state"] or (), vocabulary, words, fitted.dropped)
    if said.requests is not None:
        for slot in said.requests:
            _known("request", slot, vocabulary.slots)
        fitted.requests = sorted(set(said.requests))
    if said.sentiment is not None:
        fitted.sentiment, fitted.emotions = said.sentiment.label, said.sentiment.emotions
        fitted.has_sentiment = True
    if fitted.dropped and not _says_something(fitted):
        raise UnfitError(f"{', '.join(fitted.dropped)}, which nobody said", "words of the turn")
    return fitted


def _says_something(fitted: Fitted) -> bool:
    return bool(fitted.entities or fitted.state or fitted.requests or fitted.has_sentiment)


def _entities(
    entities: Iterable[SaidEntity],
    answer: Answer,
    text: str,
    vocabulary: Vocabulary,
    dropped: list[str],
) -> list[dict[str, Any]]:
    placed: list[dict[str, Any]] = []
    free = 0  # texts without a place are found from left to right
    for entity in entities:
        _known("label", entity.label, vocabulary.labels)
        start, end = entity.start, entity.end
        if start is None or end is None:
            if entity.text is None:
                raise UnfitError(f"an entity {quoted(entity.label)} without a place", "start, end")
            start = _found(text, entity.text, free, placed)
            if start is None:
                if answer.kind == "machine":
                    dropped.append(f"{entity.label} {quoted(entity.text)}")
                    continue
                raise UnfitError(f"entity text {quoted(entity.text)}", "words of the turn")
            end = start + len(entity.text)
            free = end
        if not start < end <= len(text):
            raise UnfitError(f"an entity at [{start}, {end})", f"0 <= start < end <= {len(text)}")
        there = text[start:end]
        if entity.text is not None and entity.text != there:
            raise UnfitError(
                f"entity text {quoted(entity.text)}", f"{quoted(there)} as at [{start}, {end})"
            )
        placed.append(
            {
                "start": start,
                "end": end,
                "label": entity.label,
                "text": there,
                "value": entity.value,
                "confidence": round(answer.confidence, 4),
                "check": None,
            }
        )
    placed.sort(key=lambda one: (one["start"], one["end"]))
    for one, other in pairwise(placed):
        if other["start"] < one["end"]:
            raise UnfitError(
                f"entities at [{one['start']}, {one['end']}) and [{other['start']},"
                f" {other['end']})",
                "entities that do not overlap",
            )
    return placed


def _found(text: str, wanted: str, free: int, placed: Iterable[Mapping[str, Any]]) -> int | None:
    """Where a text stands that no entity has taken; first looked for after the last one."""
    taken = [(one["start"], one["end"]) for one in placed]
    for begin in (free, 0):
        at = text.find(wanted, begin)
        while at >= 0:
            if all(at >= end or at + len(wanted) <= start for start, end in taken):
                return at
            at = text.find(wanted, at + 1)
    return None


def _state(
    said: Iterable[SaidSlot],
    before: Iterable[Mapping[str, str]],
    vocabulary: Vocabulary,
    words: "_Words | None",
    dropped: list[str],
) -> list[dict[str, str]]:
    old: dict[str, list[str]] = {}
    for held in before:
        old.setdefault(held["slot"], []).append(held["value"])
    state: dict[str, list[str]] = {}
    for one in said:
        _known("slot", one.slot, vocabulary.slots)
        slot = SlotWords() if vocabulary.slots is None else vocabulary.slots[one.slot]
        if slot.only and one.value not in (*slot.values, DONTCARE):
            raise UnfitError(
                f"value {quoted(one.value)} of slot {quoted(one.slot)}", _named(slot.values)
            )
        if words is not None and not _is_grounded(one, slot, old.get(one.slot, ()), words):
            dropped.append(f"{one.slot} {quoted(one.value)}")
            # What was there before stays: a drop must not empty a slot.
            if one.slot not in state and one.slot in old:
                state[one.slot] = list(old[one.slot])
            continue
        if one.value in state.get(one.slot, ()):
            raise UnfitError(
                f"slot {quoted(one.slot)} holding {quoted(one.value)} twice", "each value once"
            )
        state.setdefault(one.slot, []).append(one.value)
    return [{"slot": slot, "value": value} for slot in sorted(state) for value in state[slot]]


def _is_grounded(one: SaidSlot, slot: SlotWords, old: Iterable[str], words: "_Words") -> bool:
    if one.value in old or one.value in slot.values or one.value == DONTCARE:
        return True
    return words.hold(one.value) or (one.said is not None and words.hold(one.said))


class _Words:
    """What was said, for looking whether it holds a quotation; case and blanks do not matter."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._said = _folded(" ".join(texts))

    def hold(self, quotation: str) -> bool:
        wanted = _folded(quotation)
        # "2" is not said by who says "12".
        return bool(wanted) and bool(re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", self._said))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _known(kind: str, word: str, words: Iterable[str] | None) -> None:
    if words is not None and word not in words:
        raise UnfitError(f"{kind} {quoted(word)}", _named(words))


def _named(words: Iterable[str]) -> str:
    listed = sorted(words)
    shown = ", ".join(listed[:MOST_NAMED])
    more = len(listed) - MOST_NAMED
    return f"one of {shown}" + (f" and {more} more" if more > 0 else "")
