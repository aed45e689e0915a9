"""WOZ 2.0: restaurant dialogues with belief state and requests, in English, German and Italian.

A file is a list of `{dialogue_idx, dialogue: [turn]}`. A turn holds what the system said before
it, what the customer said, what is new in it, and the belief state after it:

    {"system_transcript": "", "transcript": "Are there any eritrean restaurants in town?",
     "turn_label": [["food", "eritrean"]],
     "belief_state": [{"slots": [["food", "eritrean"]], "act": "inform"}], …}
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from corpora.conversation import Conversation, Turn
from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from corpora.published.files import Reader, Split, read_json, required

FILE_SPLITS: dict[Split, str] = {"train": "train", "dev": "validate", "test": "test"}

Pair = tuple[str, str]


class BeliefEntry(BaseModel):
    """One act of the belief state with its slots."""

    model_config = ConfigDict(frozen=True)
    act: str
    slots: tuple[Pair, ...]


class WozTurn(BaseModel):
    """A customer's turn with the system's before it; the fields we read of it."""

    model_config = ConfigDict(frozen=True)
    system_transcript: str
    transcript: str
    turn_label: tuple[Pair, ...]
    belief_state: tuple[BeliefEntry, ...]


class WozDialogue(BaseModel):
    """One dialogue of a file."""

    model_config = ConfigDict(frozen=True)
    dialogue_idx: int
    dialogue: tuple[WozTurn, ...]


DIALOGUES = TypeAdapter(tuple[WozDialogue, ...])


def reader(language: str) -> Reader:
    """The reader of one language's files: `en`, `de` or `it`."""

    def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
        path = required(root / "data" / "woz" / f"woz_{FILE_SPLITS[split]}_{language}.json")
        return (_build(dialogue, path, losses) for dialogue in read_json(path, DIALOGUES))

    return read


def _build(dialogue: WozDialogue, path: Path, losses: Counter[str]) -> LabelledConversation:
    turns: list[Turn] = []
    labels: list[TurnLabels] = []
    for spoken in dialogue.dialogue:
        if spoken.system_transcript:
            turns.append(Turn(spoken.system_transcript, role="agent"))
            labels.append(TurnLabels())
        turns.append(Turn(spoken.transcript, role="customer"))
        labels.append(TurnLabels(state=_state(spoken, losses), requests=_requests(spoken)))
    conversation = Conversation(str(dialogue.dialogue_idx), tuple(turns), source=str(path))
    return LabelledConversation(conversation, tuple(labels))


def _state(spoken: WozTurn, losses: Counter[str]) -> tuple[SlotValue, ...]:
    informed = (entry.slots for entry in spoken.belief_state if entry.act == "inform")
    state: dict[str, str] = {}
    for slot, value in (pair for slots in informed for pair in slots):
        # Two training dialogues name a slot twice, so far always with one value.
        if state.setdefault(slot, value) != value:
            losses["second values of one slot"] += 1
    return tuple(sorted(SlotValue(slot, value) for slot, value in state.items()))


def _requests(spoken: WozTurn) -> tuple[str, ...]:
    # The protocol scores what the turn's own label asks for; the request acts of the belief
    # state say the same in other words.
    return tuple(sorted({slot for act, slot in spoken.turn_label if act == "request"}))
