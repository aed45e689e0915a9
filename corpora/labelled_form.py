"""One line of labelled JSON, checked: the form that `docs/labelled-chats.md` describes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from corpora.checked import parse_json
from corpora.conversation import Conversation, Role, Turn
from corpora.errors import InputError, quoted
from corpora.labels import (
    Emotion,
    EntitySpan,
    LabelledConversation,
    Sentiment,
    SentimentLabel,
    SlotValue,
    TurnLabels,
)

_Name = Annotated[str, Field(min_length=1)]

# Why an entity is left out.
OVERLAPPING = "entities over another one"
REMEDY = "correct the line; docs/labelled-chats.md describes the form"


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Entity(_Form):
    start: int
    end: int
    label: str = Field(min_length=1)
    text: str | None = None
    value: str | None = None


class _SlotValue(_Form):
    slot: _Name
    value: _Name | Annotated[tuple[_Name, ...], Field(min_length=1)]
    also: tuple[_Name, ...] = ()


class _Sentiment(_Form):
    label: SentimentLabel | None = None
    valence: float | None = Field(default=None, ge=-1, le=1, allow_inf_nan=False)
    emotions: tuple[str, ...] = ()
    satisfaction: float | None = Field(default=None, ge=1, le=5, allow_inf_nan=False)


class _Turn(_Form):
    text: str
    speaker: str = ""
    role: Role | None = None
    role_guessed: bool = False
    time: datetime | None = None
    meta: dict[str, Any] = Field(default_factory=dict)
    entities: tuple[_Entity, ...] | None = None
    state: tuple[_SlotValue, ...] | None = None
    requests: tuple[str, ...] | None = None
    sentiment: _Sentiment | None = None


class _Conversation(_Form):
    id: str = Field(min_length=1)
    turns: tuple[_Turn, ...]
    meta: dict[str, Any] = Field(default_factory=dict)


LINE = TypeAdapter(_Conversation)


@dataclass(frozen=True, slots=True)
class _Place:
    """A turn of a line, for the errors about it."""

    source: str
    line: int
    turn: int
    losses: Counter[str] | None = None

    def refuse(self, found: str, expected: str) -> InputError:
        found = f"{found} in turn {self.turn}"
        return InputError(self.source, self.line, found=found, expected=expected, remedy=REMEDY)


def parse_line(
    line: str | bytes, source: str, number: int, losses: Counter[str] | None = None
) -> LabelledConversation:
    """The conversation in one line.

    Args:
        line: A JSON object.
        source: The file that the conversation, and an error message, names.
        number: Which line of it, from 1.
        losses: Counts entities that overlap one before them and are left out; None refuses them.

    Raises:
        InputError: The line is not of the form, or a label contradicts its text.
    """
    form = parse_json(line, LINE, source, number, remedy=REMEDY)
    labels = tuple(
        _labels(turn, _Place(source, number, index, losses))
        for index, turn in enumerate(form.turns)
    )
    turns = tuple(_turn(turn, number) for turn in form.turns)
    return LabelledConversation(Conversation(form.id, turns, source=source, meta=form.meta), labels)


def format_line(labelled: LabelledConversation) -> bytes:
    """The line of a conversation, line end included; `parse_line` undoes it.

    Raises:
        ValueError: The conversation has something that the form cannot hold.
    """
    conversation = labelled.conversation
    pairs = zip(conversation.turns, labelled.labels, strict=True)
    form: dict[str, Any] = {"id": conversation.id}
    if conversation.meta:
        form["meta"] = dict(conversation.meta)
    form["turns"] = [_turn_form(turn, labels) for turn, labels in pairs]
    try:
        line = orjson.dumps(form, option=orjson.OPT_APPEND_NEWLINE)
        parse_line(line, "what would be written", 1)
    except (orjson.JSONEncodeError, InputError) as error:
        raise ValueError(f"conversation {conversation.id!r} cannot be written: {error}") from error
    return line


def _turn(form: _Turn, line: int) -> Turn:
    return Turn(
        form.text,
        speaker=form.speaker,
        role=form.role,
        role_guessed=form.role_guessed,
        time=form.time,
        line=line,
        meta=form.meta,
    )


def _labels(form: _Turn, place: _Place) -> TurnLabels:
    return TurnLabels(
        entities=None if form.entities is None else _spans(form.entities, form.text, place),
        state=None if form.state is None else _state(form.state, place),
        requests=None if form.requests is None else _requests(form.requests, place),
        sentiment=None if form.sentiment is None else _sentiment(form.sentiment),
    )


def _spans(forms: Iterable[_Entity], text: str, place: _Place) -> tuple[EntitySpan, ...]:
    kept: list[EntitySpan] = []
    for span in sorted(_span(form, text, place) for form in forms):
        if not kept or kept[-1].end <= span.start:
            kept.append(span)
        elif place.losses is not None:
            place.losses[OVERLAPPING] += 1
        else:
            raise place.refuse(
                f"entities at [{kept[-1].start}, {kept[-1].end}) and [{span.start}, {span.end})",
                "entities that do not overlap",
            )
    return tuple(kept)


def _span(form: _Entity, text: str, place: _Place) -> EntitySpan:
    where = f"[{form.start}, {form.end})"
    if not 0 <= form.start < form.end <= len(text):
        raise place.refuse(f"an entity at {where}", f"0 <= start < end <= {len(text)}")
    said = text[form.start : form.end]
    if form.text is not None and form.text != said:
        raise place.refuse(f"entity text {quoted(form.text)}", f"{quoted(said)} as at {where}")
    return EntitySpan(form.start, form.end, form.label, value=form.value)


def _state(forms: Iterable[_SlotValue], place: _Place) -> tuple[SlotValue, ...]:
    held: dict[str, list[SlotValue]] = {}
    for form in forms:
        if form.slot in held:
            raise place.refuse(
                f"slot {quoted(form.slot)} twice", "each slot once, several values as a list"
            )
        held[form.slot] = _slot_values(form, place)
    return tuple(sorted(one for values in held.values() for one in values))


def _slot_values(form: _SlotValue, place: _Place) -> list[SlotValue]:
    values = (form.value,) if isinstance(form.value, str) else form.value
    for value, count in Counter(values).items():
        if count > 1:
            raise place.refuse(
                f"value {quoted(value)} of slot {quoted(form.slot)} twice", "each value once"
            )
    if form.also and len(values) > 1:
        raise place.refuse(
            f"other spellings of slot {quoted(form.slot)}", "them where it holds one value"
        )
    return [SlotValue(form.slot, value, form.also) for value in values]


def _requests(slots: Iterable[str], place: _Place) -> tuple[str, ...]:
    requests = sorted(slots)
    for one, other in pairwise(requests):
        if one == other:
            raise place.refuse(f"request {quoted(one)} twice", "each request once")
    return tuple(requests)


def _sentiment(form: _Sentiment) -> Sentiment:
    emotions = tuple(Emotion(label) for label in form.emotions)
    return Sentiment(
        form.label, valence=form.valence, emotions=emotions, satisfaction=form.satisfaction
    )


def _turn_form(turn: Turn, labels: TurnLabels) -> dict[str, Any]:
    form: dict[str, Any] = {"text": turn.text}
    if turn.speaker:
        form["speaker"] = turn.speaker
    if turn.role is not None:
        form["role"] = turn.role
    if turn.role_guessed:
        form["role_guessed"] = True
    if turn.time is not None:
        form["time"] = turn.time.isoformat()
    if turn.meta:
        form["meta"] = dict(turn.meta)
    if labels.entities is not None:
        form["entities"] = [_entity_form(span, turn.text) for span in labels.entities]
    if labels.state is not None:
        form["state"] = _state_form(labels.state)
    if labels.requests is not None:
        form["requests"] = list(labels.requests)
    if labels.sentiment is not None:
        form["sentiment"] = _sentiment_form(labels.sentiment)
    return form


def _state_form(state: Iterable[SlotValue]) -> list[dict[str, Any]]:
    form: list[dict[str, Any]] = []
    for slot, group in groupby(state, key=lambda held: held.slot):
        held = list(group)
        values = [one.value for one in held]
        form.append({"slot": slot, "value": values if len(values) > 1 else values[0]})
        also = [spelling for one in held for spelling in one.also]
        if also:
            form[-1]["also"] = also
    return form


def _entity_form(span: EntitySpan, text: str) -> dict[str, Any]:
    said = text[span.start : span.end]
    form: dict[str, Any] = {"start": span.start, "end": span.end, "label": span.label, "text": said}
    if span.value is not None:
        form["value"] = span.value
    return form


def _sentiment_form(sentiment: Sentiment) -> dict[str, Any]:
    form: dict[str, Any] = {"label": sentiment.label}
    if sentiment.valence is not None:
        form["valence"] = sentiment.valence
    if sentiment.emotions:
        form["emotions"] = [emotion.label for emotion in sentiment.emotions]
    if sentiment.satisfaction is not None:
        form["satisfaction"] = sentiment.satisfaction
    return form
