"""MultiWOZ 2.1 as its publisher logs it: raw text, cased, with spans and the state as metadata.

A file maps dialogue names to `{"goal": …, "log": [turn, …]}`. The customer's turns are the even
ones; the state after one stands in the metadata of the agent's turn that follows it:

    {"text": "I need to book a hotel in the east that has 4 stars .", "metadata": {},
     "span_info": [["Hotel-Inform", "Area", "east", 8, 8], …]}
    {"text": "I can help you with that . What is your price range ?",
     "metadata": {"hotel": {"book": {…}, "semi": {"area": "east", "stars": "4", …}}, …}, …}

States are given as the leaderboard compares them, so that figures on raw text stand beside those
on `star/`: labels in one spelling, and only of domains that the customer's goal has.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.labels import EntitySpan, LabelledConversation, SlotValue, TurnLabels
from corpora.published.files import AS_PUBLISHED, Split, read_json, required
from corpora.published.multiwoz_labels import normalised_label

FILE_SPLITS: dict[Split, str] = {"train": "train", "dev": "val", "test": "test"}
# Bus, hospital and police are not tracked in the task's protocol.
DOMAINS = frozenset({"attraction", "hotel", "restaurant", "taxi", "train"})
WORD = re.compile(r"\S+")  # the same words as str.split(), with their places


# Act, slot, value, first and last word; the last is inside the span.
SpanInfo = tuple[str, str, str, int, int]


# What a slot holds; `booked`, alone, lists what was booked.
Slots = dict[str, str | list[Any]]


class LogTurn(BaseModel):
    """One turn of a log; the fields we read of it."""

    model_config = ConfigDict(frozen=True)
    text: str
    metadata: dict[str, dict[str, Slots]]
    span_info: tuple[SpanInfo, ...] = ()


class Log(BaseModel):
    """One dialogue."""

    model_config = ConfigDict(frozen=True)
    log: tuple[LogTurn, ...]
    goal: dict[str, Any] | None = None


LOGS = TypeAdapter(dict[str, Log])


def read_raw(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    """Yield the dialogues of one split, in file order.

    Args:
        root: The publisher's folder, with `convlab2/` in it.
        split: Which file of `convlab2/`.
        losses: Counts the spans and slots that are left out, by reason.

    Raises:
        InputError: The file is missing or has another shape.
    """
    path = required(root / "convlab2" / f"{FILE_SPLITS[split]}.json")
    return (_build(name, log, path, losses) for name, log in read_json(path, LOGS).items())


def _build(name: str, log: Log, path: Path, losses: Counter[str]) -> LabelledConversation:
    if len(log.log) % 2:
        raise InputError(
            str(path),
            found=f"{len(log.log)} turns in dialogue {name!r}",
            expected="an even number, the agent's after each of the customer's",
            remedy=AS_PUBLISHED,
        )
    wanted = DOMAINS if log.goal is None else {name for name in DOMAINS if log.goal.get(name)}
    turns: list[Turn] = []
    labels: list[TurnLabels] = []
    for index, spoken in enumerate(log.log):
        entities = align_spans(spoken.text, spoken.span_info, losses)
        if index % 2:
            turns.append(Turn(spoken.text, role="agent"))
            labels.append(TurnLabels(entities=entities))
        else:
            turns.append(Turn(spoken.text, role="customer"))
            state = _state(log.log[index + 1].metadata, wanted, losses)
            labels.append(TurnLabels(entities=entities, state=state))
    return LabelledConversation(Conversation(name, tuple(turns), source=str(path)), tuple(labels))


def align_spans(
    text: str, span_info: Sequence[SpanInfo], losses: Counter[str]
) -> tuple[EntitySpan, ...]:
    """The entity spans of a turn, as far as the words named are what the publisher says.

    Case may differ: values are partly lower-cased. Of spans that overlap the first listed stays.

    Args:
        text: The turn's text.
        span_info: Act, slot, value, first and last word, counted as `text.split()` has them.
        losses: Counts what is left out, by reason.

    Returns:
        Spans labelled `domain-slot`, in reading order.
    """
    words = [(word.start(), word.end()) for word in WORD.finditer(text)]
    kept: list[EntitySpan] = []
    for act, slot, value, first, last in span_info:
        if not 0 <= first <= last < len(words):
            losses["spans outside their turn"] += 1
            continue
        start, end = words[first][0], words[last][1]
        if text[start:end].casefold() != value.casefold():
            losses["spans whose words are not their value"] += 1
        elif any(start < span.end and span.start < end for span in kept):
            losses["spans over another span"] += 1
        else:
            domain = act.partition("-")[0]
            kept.append(EntitySpan(start, end, f"{domain}-{slot}".lower()))
    return tuple(sorted(kept))


def _state(
    metadata: Mapping[str, Mapping[str, Slots]], wanted: Collection[str], losses: Counter[str]
) -> tuple[SlotValue, ...]:
    found: list[SlotValue] = []
    for domain, parts in metadata.items():
        for part, slots in parts.items():
            prefix = "book " if part == "book" else ""
            for key, written in slots.items():
                slot = f"{domain}-{prefix}{key.lower()}"
                value = None if isinstance(written, list) else normalised_label(slot, written)
                if value is None:
                    continue
                if domain not in DOMAINS:
                    losses["slots outside the five domains"] += 1
                elif domain not in wanted:
                    losses["slots outside the goal"] += 1
                else:
                    found.append(SlotValue(slot, value))
    return tuple(sorted(found))
