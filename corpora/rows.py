"""A labelled conversation as nested rows of plain values, and back.

No row has data for keys: a state is a list of `{slot, value}`, and what a source says beyond our
fields is one JSON string. None stays None: nobody looked, which is not the same as empty.
"""

import json
from datetime import datetime
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.labels import (
    Emotion,
    EntitySpan,
    Evidence,
    LabelledConversation,
    Sentiment,
    SlotValue,
    StateChange,
    TurnLabels,
)


def to_row(labelled: LabelledConversation) -> dict[str, Any]:
    """A conversation as the row that `corpora.arrow.FEATURES` declares."""
    conversation = labelled.conversation
    pairs = zip(conversation.turns, labelled.labels, strict=True)
    return {
        "id": conversation.id,
        "source": conversation.source,
        "meta": _to_json(conversation.meta),
        "turns": [_to_turn_row(turn, labels) for turn, labels in pairs],
    }


def _to_turn_row(turn: Turn, labels: TurnLabels) -> dict[str, Any]:
    return {
        "text": turn.text,
        "speaker": turn.speaker,
        "role": turn.role,
        "role_guessed": turn.role_guessed,
        "time": None if turn.time is None else turn.time.isoformat(),
        "line": turn.line,
        "meta": _to_json(turn.meta),
        "entities": None
        if labels.entities is None
        else [
            {
                "start": span.start,
                "end": span.end,
                "label": span.label,
                "confidence": span.confidence,
                "value": span.value,
                "check": span.check,
            }
            for span in labels.entities
        ],
        "state": None
        if labels.state is None
        else [
            {"slot": held.slot, "value": held.value, "also": list(held.also)}
            for held in labels.state
        ],
        "changes": None
        if labels.changes is None
        else [_to_change_row(change) for change in labels.changes],
        "requests": None if labels.requests is None else list(labels.requests),
        "sentiment": None if labels.sentiment is None else _to_sentiment_row(labels.sentiment),
        "state_confidence": labels.state_confidence,
        "entities_confidence": labels.entities_confidence,
    }


def _to_change_row(change: StateChange) -> dict[str, Any]:
    said = change.evidence
    return {
        "operation": change.operation,
        "slot": change.slot,
        "value": change.value,
        "confidence": change.confidence,
        "evidence": None
        if said is None
        else {"turn": said.turn, "start": said.start, "end": said.end},
        "source": change.source,
        "raw": change.raw,
    }


def _to_sentiment_row(sentiment: Sentiment) -> dict[str, Any]:
    return {
        "label": sentiment.label,
        "valence": sentiment.valence,
        "confidence": sentiment.confidence,
        "emotions": [
            {"label": emotion.label, "confidence": emotion.confidence}
            for emotion in sentiment.emotions
        ],
        "satisfaction": sentiment.satisfaction,
        "frustration": sentiment.frustration,
    }


def from_row(row: dict[str, Any]) -> LabelledConversation:
    """The conversation of a row; undoes `to_row`."""
    turns = tuple(_from_turn_row(turn) for turn in row["turns"])
    labels = tuple(_labels(turn) for turn in row["turns"])
    meta = json.loads(row["meta"])
    return LabelledConversation(
        Conversation(row["id"], turns, source=row["source"], meta=meta), labels
    )


def _from_turn_row(row: dict[str, Any]) -> Turn:
    return Turn(
        row["text"],
        speaker=row["speaker"],
        role=row["role"],
        role_guessed=row["role_guessed"],
        time=None if row["time"] is None else datetime.fromisoformat(row["time"]),
        line=row["line"],
        meta=json.loads(row["meta"]),
    )


def _labels(row: dict[str, Any]) -> TurnLabels:
    entities, state, changes = row["entities"], row["state"], row["changes"]
    requests, sentiment = row["requests"], row["sentiment"]
    return TurnLabels(
        entities=None if entities is None else tuple(EntitySpan(**span) for span in entities),
        state=None if state is None else tuple(_slot_value(held) for held in state),
        changes=None if changes is None else tuple(_change(change) for change in changes),
        requests=None if requests is None else tuple(requests),
        sentiment=None if sentiment is None else _sentiment(sentiment),
        state_confidence=row["state_confidence"],
        entities_confidence=row.get("entities_confidence"),  # older rows have none
    )


def _slot_value(row: dict[str, Any]) -> SlotValue:
    return SlotValue(**{**row, "also": tuple(row["also"])})


def _change(row: dict[str, Any]) -> StateChange:
    said = row["evidence"]
    return StateChange(**{**row, "evidence": None if said is None else Evidence(**said)})


def _sentiment(row: dict[str, Any]) -> Sentiment:
    emotions = tuple(Emotion(**emotion) for emotion in row["emotions"])
    return Sentiment(**{**row, "emotions": emotions})


def _to_json(meta: Any) -> str:
    return json.dumps(dict(meta), ensure_ascii=False) if meta else "{}"
