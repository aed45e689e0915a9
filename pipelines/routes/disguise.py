"""A case without what tells who somebody is, and its answer back in the words that were said.

call Ana Lee   →   call PERSON_1   →   {"label": "person", "text": "PERSON_1"}   →   [5, 12)
"""

from collections.abc import Mapping
from typing import Any

from corpora.conversation import Turn
from corpora.labels import EntitySpan, SlotValue, TurnLabels
from pipelines.annotation import TurnAnnotation
from pipelines.redaction.labels import Redaction
from pipelines.redaction.redactor import Redacting, Redactor
from pipelines.redaction.rewriting import Rewritten
from pipelines.routes.cases import RoutedCase


class Disguise:
    """One case, redacted.

    Attributes:
        turns: The conversation with placeholders, the turn in question last.
    """

    def __init__(self, case: RoutedCase, redactor: Redactor, most_turns: int) -> None:
        shown = case.turns[-most_turns:]
        said = [_turn(case, turn) for turn in shown]
        memory = Redacting()
        # Twice: what a later turn tells is replaced in earlier ones too.
        for turn, annotation in said:
            redactor.turn(memory, turn, annotation)
        redacted = [redactor.turn(memory, *one)[0] for one in said]
        self.turns: list[Mapping[str, Any]] = [
            {**turn, "text": hidden.text, "speaker": hidden.speaker}
            for turn, hidden in zip(shown, redacted, strict=True)
        ]
        self._last: Rewritten | None = memory.turns.get(said[-1][1].index)
        self._text = case.text
        self._originals = {
            entry.placeholder: entry.text for entry in reversed(memory.vault.take_fresh())
        }

    def undo(self, said: dict[str, Any]) -> dict[str, Any]:
        """What was said of the disguised case, of the case itself."""
        told = dict(said)
        if isinstance(said.get("entities"), list):
            told["entities"] = self._entities(said["entities"])
        if isinstance(said.get("state"), list):
            told["state"] = [self._slot(one) for one in said["state"]]
        return told

    def _entities(self, entities: list[Any]) -> list[Any]:
        if self._last is None:
            return entities
        found, free = [], 0
        for entity in entities:
            text = entity.get("text") if isinstance(entity, dict) else None
            at = self._last.text.find(text, free) if isinstance(text, str) and text else -1
            if at < 0 or not isinstance(text, str):
                found.append(entity)
                continue
            free = at + len(text)
            start, end = _original(self._last, at, free)
            found.append({**entity, "text": self._text[start:end], "start": start, "end": end})
        return found

    def _slot(self, slot: Any) -> Any:
        if not isinstance(slot, dict):
            return slot
        return {
            name: self._restored(value) if isinstance(value, str) else value
            for name, value in slot.items()
        }

    def _restored(self, text: str) -> str:
        # Longest first: PERSON_12 is not PERSON_1 and a 2.
        for placeholder in sorted(self._originals, key=len, reverse=True):
            text = text.replace(placeholder, self._originals[placeholder])
        return text


def redactor_for(slots: Mapping[str, Any] | None) -> Redactor:
    """One that replaces everything personal.

    Args:
        slots: Of the belief state, by name.
    """
    redaction = Redaction()
    kinds = {slot: redaction.slot_placeholder(slot, None) for slot in slots or ()}
    return Redactor(redaction, {slot: kind for slot, kind in kinds.items() if kind is not None})


def _turn(case: RoutedCase, turn: Mapping[str, Any]) -> tuple[Turn, TurnAnnotation]:
    entities = tuple(
        EntitySpan(one["start"], one["end"], one["label"], value=one["value"])
        for one in case.entry["payload"]["entities"]
        if one["turn"] == turn["index"]
    )
    is_last = turn["index"] == case.entry["turn"]
    state = tuple(SlotValue(one["slot"], one["value"]) for one in case.state) if is_last else None
    labels = TurnLabels(entities=entities, state=state)
    spoken = Turn(turn["text"], turn["speaker"], turn["role"])
    return spoken, TurnAnnotation(turn["index"], labels, 0)


def _original(rewritten: Rewritten, start: int, end: int) -> tuple[int, int]:
    """Where a stretch of the new text stood in the old; a part of a placeholder is all of it."""
    shift_start = shift_end = 0
    old_start = old_end = None
    for cut in rewritten.cuts:
        if cut.new_start >= end:
            break
        if cut.new_end <= start:
            shift_start = cut.end - cut.new_end
        elif cut.new_start <= start:
            old_start = cut.start
        if cut.new_end <= end:
            shift_end = cut.end - cut.new_end
        else:
            old_end = cut.end
    return (
        start + shift_start if old_start is None else old_start,
        end + shift_end if old_end is None else old_end,
    )
