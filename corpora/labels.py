"""What is known about a turn, whether a person marked it or a model predicted it."""

from dataclasses import dataclass, field
from typing import Literal

from corpora.conversation import Conversation

Operation = Literal["set", "replace", "delete", "dontcare", "append", "remove"]
Source = Literal["said", "accepted", "copied", "implied"]
SentimentLabel = Literal["negative", "neutral", "positive"]
CheckResult = Literal["passed", "failed"]


@dataclass(frozen=True, slots=True, order=True)
class EntitySpan:
    """A stretch of one turn that names something.

    Attributes:
        start: Code point in `Turn.text` where the span starts.
        end: One past its last, so `turn.text[span.start:span.end]` is what was said.
        label: The kind of thing named, without a tagging prefix: `date`, not `B-date`.
        confidence: Calibrated probability in [0, 1]; 1 when a person marked the span.
        value: Its normalised form, where somebody worked one out.
        check: Whether what was said can be what `label` says: a card number whose check digit is
            wrong has `failed`; None where nothing was checked, or nothing can tell.
    """

    start: int
    end: int
    label: str
    confidence: float = 1.0
    value: str | None = None
    check: CheckResult | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"span [{self.start}, {self.end}) is not 0 <= start < end")


@dataclass(frozen=True, slots=True, order=True)
class SlotValue:
    """One slot of a belief state and what it holds; an empty slot has no `SlotValue`.

    A slot that holds several values has one `SlotValue` for each.

    Attributes:
        slot: Which slot.
        value: What it holds.
        also: Other spellings that a corpus calls equally right; equality does not look at them.
    """

    slot: str
    value: str
    also: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where in the conversation something was said: [start, end) in code points of a turn."""

    turn: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StateChange:
    """One operation on the belief state.

    Attributes:
        operation: `set` fills an empty slot, `replace` overwrites, `delete` empties,
            `dontcare` says that any value will do; a slot that holds several values has `append`
            and `remove` instead of `set` and `replace`.
        slot: Which slot.
        value: What it holds afterwards, or what was appended or removed; None after `delete`.
        confidence: Calibrated probability in [0, 1] that the slot is right after the change.
        evidence: Where the value was said, where that is known.
        source: Why the slot holds it: the customer `said` it; the other side offered it and it was
            `accepted`; it was `copied` from another slot; it is `implied` by what was said. None
            where nobody knows.
        raw: What was said, where `value` is its normalised form.
    """

    operation: Operation
    slot: str
    value: str | None
    confidence: float = 1.0
    evidence: Evidence | None = None
    source: Source | None = None
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Emotion:
    """A named emotion and its calibrated probability."""

    label: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Sentiment:
    """How a turn sounds.

    Attributes:
        label: The three-way class, or None where a corpus labels emotions that do not decide it.
        valence: From -1, all negative, to 1, all positive; None where nobody said.
        confidence: Calibrated probability of `label`.
        emotions: The finer labels, likeliest first.
        satisfaction: How satisfied the speaker is by then, from 1, very dissatisfied, to 5; None
            where nobody said.
        frustration: Calibrated probability in [0, 1] that the speaker is frustrated; None where
            no model said.
    """

    label: SentimentLabel | None
    valence: float | None = None
    confidence: float = 1.0
    emotions: tuple[Emotion, ...] = ()
    satisfaction: float | None = None
    frustration: float | None = None


@dataclass(frozen=True, slots=True)
class TurnLabels:
    """Everything known about one turn; None means that nobody looked, empty that nothing is there.

    Attributes:
        entities: In reading order, not overlapping.
        state: The full belief state after the turn, sorted by slot.
        changes: What the turn did to the state.
        requests: Slots that the customer asks about in this turn, sorted.
        sentiment: How the turn sounds.
        state_confidence: Calibrated probability that the whole of `state` is right.
        entities_confidence: Calibrated probability that `entities` are right and nothing is missing
            from them.
    """

    entities: tuple[EntitySpan, ...] | None = None
    state: tuple[SlotValue, ...] | None = None
    changes: tuple[StateChange, ...] | None = None
    requests: tuple[str, ...] | None = None
    sentiment: Sentiment | None = None
    state_confidence: float | None = None
    entities_confidence: float | None = None


@dataclass(frozen=True, slots=True)
class LabelledConversation:
    """A conversation and what is known about each of its turns, one `TurnLabels` a turn."""

    conversation: Conversation
    labels: tuple[TurnLabels, ...]

    def __post_init__(self) -> None:
        turns, labels = len(self.conversation.turns), len(self.labels)
        if turns != labels:
            raise ValueError(f"{labels} labels for {turns} turns in {self.conversation.id!r}")
