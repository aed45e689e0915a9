"""RESTAURANTS-8K: what people tell a restaurant's booking system (Coope et al. 2020).

    {"userInput": {"text": "There will be 5 adults and 1 child."},
     "context": {"requestedSlots": ["people"]},
     "labels": [{"slot": "people", "valueSpan": {"startIndex": 14, "endIndex": 34}}]}

What the system had asked for is part of the input: "7" is a time or so many people by it. It stands
before the utterance as a turn of the agent that names it, "people", and in the turn's `meta`.

The publisher holds nothing out. A tenth of `train_0`, chosen by a hash of the text so that an
utterance and its repetitions fall together, is `dev` here, and is left out of every `train`.
`train_1` to `train_8` are ever smaller parts of it: half, a quarter, …, 32 utterances.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from corpora.conversation import Conversation, Turn
from corpora.labels import EntitySpan, LabelledConversation, TurnLabels
from corpora.published.files import Reader, Split, read_json, required

DEV_SHARE = 10
# Of two slots with one span ("in an hour") the earlier here is kept: it is what was asked.
SLOTS = ("time", "date", "people", "first_name", "last_name")


class _Fields(BaseModel):
    model_config = ConfigDict(frozen=True)


class ValueSpan(_Fields):
    """[start, end) in code points; a start of 0 is left out."""

    start: int = Field(default=0, alias="startIndex", ge=0)
    end: int = Field(alias="endIndex")


class Label(_Fields):
    """Where a slot's value stands."""

    slot: str
    span: ValueSpan = Field(alias="valueSpan")


class UserInput(_Fields):
    """What was said."""

    text: str


class Context(_Fields):
    """What came before."""

    requested: tuple[str, ...] = Field(default=(), alias="requestedSlots")


class Utterance(_Fields):
    """One entry of a file."""

    said: UserInput = Field(alias="userInput")
    context: Context = Context()
    labels: tuple[Label, ...] = ()


UTTERANCES = TypeAdapter(tuple[Utterance, ...])


def reader(part: int = 0) -> Reader:
    """The reader of `train_PART`, 0 being all of it."""

    def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
        name = {"train": f"train_{part}", "dev": "train_0", "test": "test"}[split]
        path = required(root / "span_extraction" / "restaurant8k" / f"{name}.json")
        return _utterances(path, split, losses)

    return read


def is_held_out(text: str) -> bool:
    """Whether an utterance belongs to dev, however its letters are cased and spaced."""
    digest = hashlib.sha256(" ".join(text.casefold().split()).encode()).digest()
    return int.from_bytes(digest[:8], "big") % DEV_SHARE == 0


def _utterances(path: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    utterances = read_json(path, UTTERANCES)
    for index, utterance in enumerate(utterances):
        text = utterance.said.text
        if split == "test" or is_held_out(text) == (split == "dev"):
            yield _conversation(utterance, f"{path.stem}/{index}", path, losses)


def _conversation(
    utterance: Utterance, name: str, path: Path, losses: Counter[str]
) -> LabelledConversation:
    text, requested = utterance.said.text, tuple(dict.fromkeys(utterance.context.requested))
    turns = [Turn(text, role="customer", meta={"requested": list(requested)})]
    labels = [TurnLabels(entities=_spans(text, utterance.labels, losses))]
    if requested:
        asked = " , ".join(slot.replace("_", " ") for slot in requested)
        turns.insert(0, Turn(asked, role="agent"))
        labels.insert(0, TurnLabels())
    conversation = Conversation(name, tuple(turns), source=str(path))
    return LabelledConversation(conversation, tuple(labels))


def _spans(text: str, labels: Sequence[Label], losses: Counter[str]) -> tuple[EntitySpan, ...]:
    """The spans, without the blanks at their ends; of two that overlap the one that ends first."""
    kept: list[EntitySpan] = []
    for label in sorted(labels, key=_order):
        start, end = label.span.start, label.span.end
        said = text[start:end]
        if end > len(text) or not said.strip():
            losses["spans outside their turn"] += 1
            continue
        if said != said.strip():
            losses["blanks at the ends of spans"] += 1
            start += len(said) - len(said.lstrip())
            end = start + len(said.strip())
        if kept and start < kept[-1].end:
            losses["spans over another span"] += 1
        else:
            kept.append(EntitySpan(start, end, label.slot))
    return tuple(kept)


def _order(label: Label) -> tuple[int, int, int]:
    place = SLOTS.index(label.slot) if label.slot in SLOTS else len(SLOTS)
    return label.span.end, label.span.start, place
