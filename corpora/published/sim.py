"""Simulated dialogues (M2M): customers of a cinema or a restaurant, lower-case and tokenised.

A file is a list of `{dialogue_id, turns}`. A turn holds what the system said before it, what the
customer said, and the state after it. Spans count tokens, and the text is the tokens between
single blanks:

    {"system_utterance": {"text": "which movie ?", "tokens": ["which", "movie", "?"], "slots": []},
     "user_utterance": {"text": "moonlight .", "tokens": ["moonlight", "."],
                        "slots": [{"slot": "movie", "start": 0, "exclusive_end": 1}]},
     "dialogue_state": [{"slot": "movie", "value": "moonlight"}], …}
"""

from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.labels import EntitySpan, LabelledConversation, SlotValue, TurnLabels
from corpora.published.files import AS_PUBLISHED, Reader, Split, read_json, required


class _Fields(BaseModel):
    model_config = ConfigDict(frozen=True)


class TokenSpan(_Fields):
    """Which tokens name a slot's value."""

    slot: str
    start: int
    exclusive_end: int


class Utterance(_Fields):
    """What one side said."""

    text: str
    tokens: tuple[str, ...]
    slots: tuple[TokenSpan, ...]


class Act(_Fields):
    """What an utterance does, partly with a slot."""

    type: str
    slot: str | None = None


class Held(_Fields):
    """One slot of the state."""

    slot: str
    value: str


class SimTurn(_Fields):
    """A customer's turn with the system's before it; the first has none."""

    system_utterance: Utterance | None = None
    user_utterance: Utterance
    user_acts: tuple[Act, ...]
    dialogue_state: tuple[Held, ...]


class SimDialogue(_Fields):
    """One dialogue of a file."""

    dialogue_id: str
    turns: tuple[SimTurn, ...]


DIALOGUES = TypeAdapter(tuple[SimDialogue, ...])


def reader(folder: str, service: str) -> Reader:
    """The reader of `sim-M` or `sim-R`, whose dialogues are about one service."""

    def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
        path = required(root / folder / f"{split}.json")
        dialogues = read_json(path, DIALOGUES)
        return (_build(dialogue, service, path, losses) for dialogue in dialogues)

    return read


def _build(
    dialogue: SimDialogue, service: str, path: Path, losses: Counter[str]
) -> LabelledConversation:
    turns: list[Turn] = []
    labels: list[TurnLabels] = []
    meta = {"services": [service]}
    for spoken in dialogue.turns:
        before, said = spoken.system_utterance, spoken.user_utterance
        if before is not None:
            turns.append(Turn(before.text, role="agent"))
            labels.append(TurnLabels(entities=_spans(before, path, losses)))
        turns.append(Turn(said.text, role="customer", meta=meta))
        state = {held.slot: SlotValue(held.slot, held.value) for held in spoken.dialogue_state}
        requests = {act.slot for act in spoken.user_acts if act.type == "REQUEST" and act.slot}
        labels.append(
            TurnLabels(
                entities=_spans(said, path, losses),
                state=tuple(sorted(state.values())),
                requests=tuple(sorted(requests)),
            )
        )
    conversation = Conversation(dialogue.dialogue_id, tuple(turns), source=str(path), meta=meta)
    return LabelledConversation(conversation, tuple(labels))


def _spans(said: Utterance, path: Path, losses: Counter[str]) -> tuple[EntitySpan, ...]:
    if said.text != " ".join(said.tokens):
        raise InputError(
            str(path),
            found=f"text {quoted(said.text)}",
            expected="its tokens between single blanks",
            remedy=AS_PUBLISHED,
        )
    starts = list(accumulate((len(token) + 1 for token in said.tokens), initial=0))
    kept: list[EntitySpan] = []
    for span in sorted(said.slots, key=lambda span: span.start):
        if not 0 <= span.start < span.exclusive_end <= len(said.tokens):
            losses["spans outside their turn"] += 1
            continue
        found = EntitySpan(starts[span.start], starts[span.exclusive_end] - 1, span.slot)
        if kept and found.start < kept[-1].end:
            losses["spans over another span"] += 1
        else:
            kept.append(found)
    return tuple(kept)
