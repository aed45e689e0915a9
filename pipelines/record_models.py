"""The form of a record: what stands in one line of results, for reading it back and as a schema.

No object has data for keys, so JSON Lines, Parquet and Arrow share one fixed set of features.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from corpora.conversation import Role
from corpora.labels import CheckResult, Operation, SentimentLabel, Source

RECORD = "nlp-lstm/1"
# The same names as nlp_lstm.component.Task, which brings NumPy with it.
TaskName = Literal["states", "entities", "sentiment"]
# In order of precedence: the first that holds names the case.
Reason = Literal[
    "component_error",
    "explicit_request",
    "frustration",
    "language",
    "out_of_domain",
    "context_too_long",
    "conflict",
    "ambiguous",
    "low_confidence",
    "budget",
]
AnswerKind = Literal["person", "machine"]
Confidence = Annotated[float, Field(ge=0, le=1, description="calibrated probability")]
Valence = Annotated[float, Field(ge=-1, le=1, description="-1 all negative, 1 all positive")]
Count = Annotated[int, Field(ge=0)]


class Part(BaseModel):
    """A part of a record: unchangeable, and nothing in it that is not named here."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelPart(Part):
    """A model that took part."""

    task: TaskName
    name: str
    fingerprint: str


class EntityPart(Part):
    """A named stretch of a turn: `text` is the turn's from `start` to `end`, in code points.

    `check` is written always and asked for never: older records have none.
    """

    start: Count
    end: Count
    label: str
    text: str
    value: Annotated[str | None, Field(description="the normalised form; null where none is known")]
    confidence: Confidence
    check: Annotated[
        CheckResult | None,
        Field(description="whether it can be what the label says; null where nothing can tell"),
    ] = None


class SlotPart(Part):
    """A slot of the belief state and what it holds."""

    slot: str
    value: str


class EvidencePart(Part):
    """Where a value was said: from `start` to `end` of a turn, in code points."""

    turn: Count
    start: Count
    end: Count


class ChangePart(Part):
    """One operation on the belief state; `value` is null after `delete`.

    `source` and `raw` are written always and asked for never: older records have neither.
    """

    operation: Operation
    slot: str
    value: str | None
    confidence: Confidence
    evidence: EvidencePart | None
    source: Annotated[
        Source | None, Field(description="why the slot holds it; null where nobody knows")
    ] = None
    raw: Annotated[
        str | None, Field(description="the words said, where they are not the value itself")
    ] = None


class EmotionPart(Part):
    """A finer label than the three."""

    label: str
    confidence: Confidence


class SentimentPart(Part):
    """How a turn sounds; emotions likeliest first.

    `satisfaction` and `frustration` are written always and asked for never: older records have
    neither.
    """

    label: SentimentLabel | None
    valence: Valence | None
    confidence: Confidence
    emotions: tuple[EmotionPart, ...]
    satisfaction: Annotated[
        float | None,
        Field(ge=1, le=5, description="1 very dissatisfied, 5 very satisfied; null where unknown"),
    ] = None
    frustration: Annotated[
        Confidence | None,
        Field(description="probability that a customer is frustrated; null for others"),
    ] = None


class MoodPart(Part):
    """A speaker's smoothed valence after a turn, and its change a turn of the speaker."""

    smoothed: Valence
    slope: float


class TurningPart(Part):
    """A turn from which a speaker's smoothed valence rose or fell and stayed so."""

    turn: Count
    direction: Literal["up", "down"]
    smoothed: Valence


class TurnPart(Part):
    """A turn; null means that no model looked, an empty list that nothing is there.

    `mood` is written always and asked for never: older records have none.
    """

    index: Count
    speaker: str
    role: Role | None
    role_guessed: bool
    time: Annotated[str | None, Field(description="ISO 8601; no zone where the source has none")]
    text: str
    entities: tuple[EntityPart, ...] | None
    state: tuple[SlotPart, ...] | None
    changes: tuple[ChangePart, ...] | None
    requests: tuple[str, ...] | None
    sentiment: SentimentPart | None
    mood: MoodPart | None = None


class StateSummary(Part):
    """A value of the last belief state, and the turn that set it: its change stands there."""

    slot: str
    value: str
    turn: Count


class SentimentSummary(Part):
    """A speaker's valence: at the first turn, at the last, and where it was lowest.

    The line through it, as it is in the end, is absent from older records.
    """

    speaker: Annotated[str, Field(description="the name, or the role where there is no name")]
    first: Valence
    last: Valence
    lowest: Valence
    lowest_turn: Count
    smoothed: Valence | None = None
    slope: float | None = None
    turning_points: tuple[TurningPart, ...] = ()


class SummaryPart(Part):
    """The conversation in a few lines."""

    state: tuple[StateSummary, ...]
    sentiment: tuple[SentimentSummary, ...]


class Case(Part):
    """An answer that should not be trusted, or a customer who needs somebody, and where it goes.

    There is one case for a task and a reason in a conversation, at the first turn at which the
    reason held: a person reads the conversation once, not once a turn. Frustration is a case for
    every episode of it.
    """

    case: Annotated[str, Field(description="equal for equal input and model")]
    turn: Count
    task: Annotated[TaskName | None, Field(description="null where it is about no model's answer")]
    reason: Reason
    confidence: Confidence | None
    threshold: Annotated[
        float,
        Field(description="the limit that was crossed: a confidence, words of context, a strain"),
    ]
    context_tokens: Count
    route: str
    turns: Annotated[
        int, Field(ge=1, description="turns at which the reason held; 1 when live, as yet unknown")
    ]
    since: Annotated[
        Count | None, Field(description="of frustration: the turn at which it began")
    ] = None
    evidence: Annotated[
        tuple[Count, ...],
        Field(description="of frustration: the frustrated turns, up to this one"),
    ] = ()

    @field_validator("reason", mode="before")
    @classmethod
    def _as_it_is_called_now(cls, reason: object) -> object:
        # Records of the first release that had alarms call them escalations.
        return "frustration" if reason == "escalation" else reason


class LabelsPart(Part):
    """What is known of a turn; null as in a turn."""

    entities: tuple[EntityPart, ...] | None = None
    state: tuple[SlotPart, ...] | None = None
    requests: tuple[str, ...] | None = None
    sentiment: SentimentPart | None = None


class SaidBy(Part):
    """Who answered a case."""

    kind: AnswerKind
    name: str
    route: str | None = None
    time: Annotated[str | None, Field(description="ISO 8601, as the answer says")] = None


class AnswerPart(Part):
    """An answer that was brought in: what it changed stands in the turn, what was there here."""

    case: str
    turn: Count
    task: TaskName | None
    by: SaidBy
    digest: Annotated[str, Field(description="of what was answered: equal for equal answers")]
    parts: Annotated[
        tuple[Literal["entities", "state", "requests", "sentiment", "emotions"], ...],
        Field(description="what of the turn was answered, or called right"),
    ] = ()
    verdict: Literal["right", "handled"] | None = None
    note: str | None = None
    before: Annotated[LabelsPart, Field(description="what was replaced; null where nothing was")]
    dropped: Annotated[
        tuple[str, ...], Field(description="parts of the answer that nobody said in the turn")
    ] = ()


class Record(Part):
    """One conversation, analysed: one line of results."""

    record: Literal["nlp-lstm/1"]
    id: str
    source: str | None
    models: tuple[ModelPart, ...]
    turns: tuple[TurnPart, ...]
    summary: SummaryPart
    routing: tuple[Case, ...]
    answers: Annotated[
        tuple[AnswerPart, ...], Field(description="of cases in routing; absent from older records")
    ] = ()
    notes: tuple[str, ...]
