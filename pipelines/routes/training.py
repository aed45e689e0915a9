"""Answered cases as labelled conversations: what people corrected, for the next training.

Only what was answered is a label. Turns around it are there to be read, and teach nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.labels import (
    Emotion,
    EntitySpan,
    LabelledConversation,
    Sentiment,
    SlotValue,
    TurnLabels,
)
from pipelines.record_models import AnswerPart, Record, TurnPart

Labels = dict[str, Any]


def training_conversations(records: Iterable[Record]) -> Iterator[LabelledConversation]:
    """Yield the conversations of which something was answered, labelled with that.

    Args:
        records: With answers in them. Ids that come again are told apart by their source.
    """
    seen: Counter[str] = Counter()
    for record in records:
        labels: dict[int, Labels] = {}
        for answer in record.answers:
            part = _answered(answer, _turn_at(record, answer.turn))
            labels.setdefault(answer.turn, {}).update(part)
        if not any(labels.values()):
            continue
        name = record.id or "conversation"
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name} ({seen[name]}: {record.source})"
        turns = tuple(_turn(turn) for turn in record.turns)
        told = tuple(TurnLabels(**labels.get(turn.index, {})) for turn in record.turns)
        yield LabelledConversation(Conversation(name, turns, record.source), told)


def _turn_at(record: Record, index: int) -> TurnPart:
    return next(turn for turn in record.turns if turn.index == index)


def _answered(answer: AnswerPart, turn: TurnPart) -> Labels:
    """What an answer makes labels of."""
    labels: Labels = {}
    if "entities" in answer.parts and turn.entities is not None:
        labels["entities"] = tuple(
            EntitySpan(one.start, one.end, one.label, value=one.value) for one in turn.entities
        )
    if "state" in answer.parts and turn.state is not None:
        labels["state"] = tuple(sorted(SlotValue(one.slot, one.value) for one in turn.state))
    if "requests" in answer.parts and turn.requests is not None:
        labels["requests"] = tuple(sorted(turn.requests))
    if "sentiment" in answer.parts and turn.sentiment is not None:
        emotions = turn.sentiment.emotions if "emotions" in answer.parts else ()
        labels["sentiment"] = Sentiment(
            turn.sentiment.label, emotions=tuple(Emotion(one.label) for one in emotions)
        )
    return labels


def _turn(turn: TurnPart) -> Turn:
    return Turn(
        turn.text,
        turn.speaker,
        turn.role,
        role_guessed=turn.role_guessed,
        time=None if turn.time is None else datetime.fromisoformat(turn.time),
    )
