"""The record of a conversation: made as plain dictionaries, because it is made for every turn.

The form itself, with its schema, stands in `record_models`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from corpora.conversation import Conversation, Turn
from corpora.labels import EntitySpan, Sentiment, SlotValue, StateChange
from nlp_lstm.component import Component
from pipelines.annotation import AnnotatedConversation, TurnAnnotation
from pipelines.pipeline import ConversationPipeline
from pipelines.record_forms import arrow_features, read_records, record_schema
from pipelines.record_models import RECORD, Case, Record
from pipelines.tracking import Mood

__all__ = [
    "Record",
    "arrow_features",
    "conversation_record",
    "model_parts",
    "read_records",
    "record_line",
    "record_schema",
    "turn_record",
]

SURROGATES = re.compile("[\ud800-\udfff]")
SURROGATE_NOTE = "lone surrogates, which no UTF-8 can hold, are written as U+FFFD"


def model_parts(pipeline: ConversationPipeline) -> list[dict[str, str]]:
    """Who took part: `models` of a record."""
    return [model_part(component) for component in pipeline.components.values()]


def model_part(component: Component) -> dict[str, str]:
    """One of `models` of a record."""
    return {
        "task": component.task,
        "name": component.name,
        "fingerprint": component.fingerprint,
    }


def conversation_record(
    annotated: AnnotatedConversation,
    models: Sequence[Mapping[str, str]],
    *,
    cases: Sequence[Case] = (),
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """The record of an annotated conversation.

    Args:
        annotated: One that did not fail.
        models: What `model_parts` says of the pipeline.
        cases: What a `Router` says of the conversation.
        notes: What else the reader of the record should know, a sentence each; what had to be
            mended to read the conversation (its `meta["notes"]`) is always said.
    """
    conversation = annotated.conversation
    turns = conversation.turns
    return {
        "record": RECORD,
        "id": conversation.id,
        "source": conversation.source,
        "models": list(models),
        "turns": [turn_record(turns[a.index], a) for a in annotated.turns],
        "summary": {
            "state": state_summary(annotated.turns),
            "sentiment": sentiment_summary(conversation, annotated.turns),
        },
        "routing": [case.model_dump() for case in cases],
        "answers": [],
        "notes": [*conversation.meta.get("notes", ()), *notes],
    }


def record_line(record: dict[str, Any]) -> bytes:
    """A record, or a part of one, as a line of JSON with its line end."""
    try:
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # The one kind of text that orjson refuses, and rare enough to look for only afterwards.
        mended = without_surrogates(record)
        if "notes" in mended:
            mended["notes"] = [*mended["notes"], SURROGATE_NOTE]
        return orjson.dumps(mended, option=orjson.OPT_APPEND_NEWLINE)


def turn_record(turn: Turn, annotation: TurnAnnotation) -> dict[str, Any]:
    """One of `turns` of a record."""
    labels = annotation.labels
    entities, state, changes = labels.entities, labels.state, labels.changes
    requests, sentiment = labels.requests, labels.sentiment
    return {
        "index": annotation.index,
        "speaker": turn.speaker,
        "role": turn.role,
        "role_guessed": turn.role_guessed,
        "time": None if turn.time is None else turn.time.isoformat(),
        "text": turn.text,
        "entities": None if entities is None else entity_parts(entities, turn.text),
        "state": None if state is None else state_parts(state),
        "changes": None if changes is None else change_parts(changes),
        "requests": None if requests is None else list(requests),
        "sentiment": None if sentiment is None else sentiment_part(sentiment),
        "mood": None if annotation.mood is None else mood_part(annotation.mood),
    }


def entity_parts(entities: Iterable[EntitySpan], text: str) -> list[dict[str, Any]]:
    """`entities` of a turn that says `text`."""
    return [
        {
            "start": span.start,
            "end": span.end,
            "label": span.label,
            "text": text[span.start : span.end],
            "value": span.value,
            "confidence": round(span.confidence, 4),
            "check": span.check,
        }
        for span in entities
    ]


def state_parts(state: Iterable[SlotValue]) -> list[dict[str, str]]:
    """`state` of a turn."""
    return [{"slot": held.slot, "value": held.value} for held in state]


def change_parts(changes: Iterable[StateChange]) -> list[dict[str, Any]]:
    """`changes` of a turn."""
    return [
        {
            "operation": change.operation,
            "slot": change.slot,
            "value": change.value,
            "confidence": round(change.confidence, 4),
            "evidence": None
            if change.evidence is None
            else {
                "turn": change.evidence.turn,
                "start": change.evidence.start,
                "end": change.evidence.end,
            },
            "source": change.source,
            "raw": change.raw,
        }
        for change in changes
    ]


def sentiment_part(sentiment: Sentiment) -> dict[str, Any]:
    """`sentiment` of a turn."""
    return {
        "label": sentiment.label,
        "valence": rounded(sentiment.valence),
        "confidence": round(sentiment.confidence, 4),
        "emotions": [
            {"label": emotion.label, "confidence": round(emotion.confidence, 4)}
            for emotion in sentiment.emotions
        ],
        "satisfaction": rounded(sentiment.satisfaction),
        "frustration": rounded(sentiment.frustration),
    }


def mood_part(mood: Mood) -> dict[str, Any]:
    """`mood` of a turn."""
    return {"smoothed": round(mood.smoothed, 4), "slope": round(mood.slope, 4)}


def rounded(number: float | None) -> float | None:
    """A number as records hold it."""
    return None if number is None else round(number, 4)


def state_summary(turns: Iterable[TurnAnnotation]) -> list[dict[str, Any]]:
    """The last belief state, each value with the turn that set it."""
    since: dict[SlotValue, int] = {}
    last: tuple[SlotValue, ...] = ()
    for turn in turns:
        state = turn.labels.state
        if state is None or state == last:
            continue
        since, last = {held: since.get(held, turn.index) for held in state}, state
    return [{"slot": held.slot, "value": held.value, "turn": turn} for held, turn in since.items()]


def sentiment_summary(
    conversation: Conversation, turns: Iterable[TurnAnnotation]
) -> list[dict[str, Any]]:
    """Each speaker's valence, in order of appearance; who has no name goes by the role.

    A messenger's notices and a tool's output are nobody's mood.
    """
    speakers: dict[str, dict[str, Any]] = {}
    for turn in turns:
        sentiment = turn.labels.sentiment
        if sentiment is None or sentiment.valence is None:
            continue
        said = conversation.turns[turn.index]
        if said.role in ("system", "tool"):
            continue
        speaker = said.speaker or said.role or ""
        valence = round(sentiment.valence, 4)
        seen = speakers.get(speaker)
        if seen is None:
            speakers[speaker] = {
                "speaker": speaker,
                "first": valence,
                "last": valence,
                "lowest": valence,
                "lowest_turn": turn.index,
                **_heading(turn.mood),
            }
            continue
        seen["last"] = valence
        if turn.mood is not None:
            seen.update(_heading(turn.mood))
        if valence < seen["lowest"]:
            seen["lowest"], seen["lowest_turn"] = valence, turn.index
    return list(speakers.values())


def _heading(mood: Mood | None) -> dict[str, Any]:
    """Where a speaker's mood was heading in the end."""
    if mood is None:
        return {"smoothed": None, "slope": None, "turning_points": []}
    points = [
        {
            "turn": point.turn,
            "direction": point.direction,
            "smoothed": round(point.smoothed, 4),
        }
        for point in mood.turnings
    ]
    return {**mood_part(mood), "turning_points": points}


def without_surrogates(part: Any) -> Any:
    """JSON of which every string has U+FFFD for a lone surrogate, which no UTF-8 can hold."""
    if isinstance(part, str):
        return SURROGATES.sub("\ufffd", part)
    if isinstance(part, list):
        return [without_surrogates(inner) for inner in part]
    if isinstance(part, dict):
        return {name: without_surrogates(inner) for name, inner in part.items()}
    return part
