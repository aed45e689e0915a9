"""Schema-Guided Dialogue: assistants of many services, each with a schema of its own.

`schema.json` describes the services of a split, `dialogues_NNN.json` hold its dialogues:
`[{dialogue_id, services, turns}]`. A turn has a frame for each service it is about:

    {"speaker": "USER", "utterance": "I would like for it to be in San Jose.",
     "frames": [{"service": "Restaurants_1",
                 "slots": [{"slot": "city", "start": 29, "exclusive_end": 37}],
                 "state": {"requested_slots": [], "slot_values": {"city": ["San Jose"]}, …}}]}

`slot_values` lists spellings of one value, each as right as the others.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.labels import EntitySpan, LabelledConversation, SlotValue, TurnLabels
from corpora.published.files import AS_PUBLISHED, Split, read_json, required

# The publisher writes yes and no as Python does. No other value of the corpus reads so.
BOOLEANS = {"True": "true", "False": "false"}

Spellings = tuple[str, ...]


class _Fields(BaseModel):
    # What is not declared (service results are most of a file) never becomes an object.
    model_config = ConfigDict(frozen=True)


class Span(_Fields):
    """Where a slot's value was said."""

    slot: str
    start: int
    exclusive_end: int


class State(_Fields):
    """What one service knows after a customer's turn."""

    requested_slots: tuple[str, ...]
    slot_values: dict[str, Spellings]


class Frame(_Fields):
    """What a turn means for one service; customers' frames have a state."""

    service: str
    slots: tuple[Span, ...]
    state: State | None = None


class SpokenTurn(_Fields):
    """One turn of a dialogue."""

    speaker: Literal["USER", "SYSTEM"]
    utterance: str
    frames: tuple[Frame, ...]


class Dialogue(_Fields):
    """One dialogue of a file."""

    dialogue_id: str
    services: tuple[str, ...]
    turns: tuple[SpokenTurn, ...]


DIALOGUES = TypeAdapter(tuple[Dialogue, ...])


def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    """Yield the dialogues of one split, file by file in the order of their numbers.

    Slots are named `service-slot`. A frame speaks of one service only; the others keep what they
    held. `Conversation.meta` and the customers' `Turn.meta` name the services they are about.

    Args:
        root: The publisher's folder, with `train/` and `dev/` in it.
        split: Which of its folders.
        losses: Counts the spans that are left out, by reason.

    Raises:
        InputError: A file is missing or has another shape.
    """
    folder = required(root / split / "schema.json").parent
    paths = sorted(folder.glob("dialogues_*.json"))
    if not paths:
        raise InputError(
            str(folder),
            found="no dialogues_*.json",
            expected="the publisher's dialogues beside schema.json",
            remedy=AS_PUBLISHED,
        )
    return _read_files(paths, losses)


def _read_files(paths: Iterable[Path], losses: Counter[str]) -> Iterator[LabelledConversation]:
    for path in paths:
        for dialogue in read_json(path, DIALOGUES):
            yield _build(dialogue, path, losses)


def _build(dialogue: Dialogue, path: Path, losses: Counter[str]) -> LabelledConversation:
    turns: list[Turn] = []
    labels: list[TurnLabels] = []
    held: dict[str, SlotValue] = {}
    for index, spoken in enumerate(dialogue.turns):
        entities = spans(spoken, losses)
        if spoken.speaker == "SYSTEM":
            turns.append(Turn(spoken.utterance, role="agent"))
            labels.append(TurnLabels(entities=entities))
            continue
        requests: set[str] = set()
        for frame in spoken.frames:
            if frame.state is None:
                raise _no_state(path, dialogue.dialogue_id, index)
            prefix = f"{frame.service}-"
            before = {slot: value for slot, value in held.items() if slot.startswith(prefix)}
            held = {slot: value for slot, value in held.items() if slot not in before}
            held |= _values(prefix, frame.state.slot_values, before)
            requests.update(prefix + slot for slot in frame.state.requested_slots)
        services = [frame.service for frame in spoken.frames]
        turns.append(Turn(spoken.utterance, role="customer", meta={"services": services}))
        labels.append(
            TurnLabels(
                entities=entities,
                state=tuple(sorted(held.values())),
                requests=tuple(sorted(requests)),
            )
        )
    meta = {"services": list(dialogue.services)}
    conversation = Conversation(dialogue.dialogue_id, tuple(turns), source=str(path), meta=meta)
    return LabelledConversation(conversation, tuple(labels))


def spans(spoken: SpokenTurn, losses: Counter[str]) -> tuple[EntitySpan, ...]:
    """The slot spans of a turn, in reading order; of two that overlap the longer stays.

    In the whole corpus two pairs overlap: a theatre whose name ends in the city it stands in.
    """
    named = [
        (span.start, span.exclusive_end, f"{frame.service}-{span.slot}")
        for frame in spoken.frames
        for span in frame.slots
    ]
    kept: list[EntitySpan] = []
    for start, end, slot in sorted(named, key=lambda span: span[0] - span[1]):
        if not 0 <= start < end <= len(spoken.utterance):
            losses["spans outside their turn"] += 1
        elif any(start < span.end and span.start < end for span in kept):
            losses["spans over another span"] += 1
        else:
            kept.append(EntitySpan(start, end, slot))
    return tuple(sorted(kept))


def _values(
    prefix: str, slot_values: Mapping[str, Spellings], before: Mapping[str, SlotValue]
) -> dict[str, SlotValue]:
    return {
        prefix + slot: _value(prefix + slot, spellings, before.get(prefix + slot))
        for slot, spellings in slot_values.items()
        if spellings
    }


def _value(slot: str, spellings: Sequence[str], before: SlotValue | None) -> SlotValue:
    # Later turns list more spellings of what was said, often in front. What already stood there
    # stays the value while it is still among them: nothing changed, so nothing may look changed.
    said = [BOOLEANS.get(spelling, spelling) for spelling in dict.fromkeys(spellings)]
    value = before.value if before is not None and before.value in said else said[0]
    return SlotValue(slot, value, tuple(spelling for spelling in said if spelling != value))


def _no_state(path: Path, dialogue: str, turn: int) -> InputError:
    return InputError(
        str(path),
        found=f"no state in customer turn {turn} of dialogue {quoted(dialogue)}",
        expected="a state in each frame of a customer's turn",
        remedy="take a release of the corpus that is annotated (the test split's is of July 2020)",
    )
