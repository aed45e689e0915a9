"""Which answers should not be trusted, and where they go.

    route = "review"

    [states]
    least_confidence = 0.5
    longest_context = 400

    [escalation]
    threshold = 0.6
    route = "supervisor"

An answer has three reasons: the conversation is in a language that the model does not know, the
context is longer than the model was validated for, or its calibrated confidence is below what the
policy asks. A customer has one, `escalation`: the alarm of
`nlp_lstm.sentiment.alarm` sounds, once an episode, as soon as the turn is read.
"""

import hashlib
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpora.conversation import Turn
from corpora.errors import InputError
from corpora.labels import TurnLabels
from nlp_lstm.component import Component, Task
from nlp_lstm.sentiment.alarm import ALARMING, Alarm
from pipelines.pipeline import AnnotatedConversation, TurnAnnotation
from pipelines.queues import JsonLinesQueue, queue_entry
from pipelines.record_models import Case, Reason
from pipelines.tracking import MOST_SPEAKERS, speaker_of

__all__ = [
    "Case",
    "JsonLinesQueue",
    "Limits",
    "Policy",
    "Reason",
    "Router",
    "TaskPolicy",
    "case_id",
    "confidence_of",
    "queue_entry",
    "reason_to_route",
]

# Below a half an answer is likelier wrong than right.
LEAST_CONFIDENCE = 0.5


class TaskPolicy(BaseModel):
    """What is asked of one task's answers.

    Attributes:
        least_confidence: Answers with less are routed; 0 routes none for that reason.
        longest_context: Words of conversation after which answers are routed; left out, it is
            the length for which the model was validated.
        route: Where the task's cases go; left out, the policy's own route.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    least_confidence: Annotated[float, Field(ge=0, le=1)] = LEAST_CONFIDENCE
    longest_context: Annotated[int, Field(ge=1)] | None = None
    route: Annotated[str, Field(min_length=1)] | None = None


class EscalationPolicy(BaseModel):
    """When a customer's frustration is a case.

    Attributes:
        threshold: Strain from which the alarm sounds; at 1 it never does.
        route: Where these cases go; left out, where those of sentiment go.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: Annotated[float, Field(gt=0, le=1)] = ALARMING
    route: Annotated[str, Field(min_length=1)] | None = None


class Policy(BaseModel):
    """What is asked of each task's answers, and where the others go."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    route: Annotated[str, Field(min_length=1)] = "review"
    states: TaskPolicy = TaskPolicy()
    entities: TaskPolicy = TaskPolicy()
    sentiment: TaskPolicy = TaskPolicy()
    escalation: EscalationPolicy = EscalationPolicy()

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a policy from TOML.

        Raises:
            InputError: The file cannot be read, or a setting is unknown or out of range.
        """
        try:
            settings = tomllib.loads(Path(path).read_text(encoding="utf-8"))
            return cls.model_validate(settings)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            found = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            expected = (
                "route, and least_confidence, longest_context or route below a task, threshold or"
                " route below escalation"
            )
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            found, expected = " ".join(str(error).split()), "a policy in TOML, UTF-8"
        raise InputError(str(path), found=found, expected=expected, remedy="correct the policy")

    def limits(self, component: Component) -> "Limits":
        """What is asked of one component, with nothing left out."""
        asked: TaskPolicy = getattr(self, component.task)
        longest = asked.longest_context
        return Limits(
            least_confidence=asked.least_confidence,
            longest_context=component.validated_tokens if longest is None else longest,
            route=asked.route or self.route,
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked of one component's answers; exactly at a limit is within it."""

    least_confidence: float
    longest_context: int
    route: str = "review"


def reason_to_route(confidence: float | None, context_tokens: int, limits: Limits) -> Reason | None:
    """Why an answer should not be trusted, or None when it should.

    Beyond the validated context a confidence means nothing, so the length is asked first.

    Args:
        confidence: Calibrated; None where the task has no answer that could be wrong.
        context_tokens: Words that the model had read.
        limits: What is asked.
    """
    if context_tokens > limits.longest_context:
        return "context_too_long"
    if confidence is not None and confidence < limits.least_confidence:
        return "low_confidence"
    return None


def _reason(task: Task, turn: TurnAnnotation, limits: Limits) -> Reason | None:
    """Why a task's answer about a turn should not be trusted; the language is asked first."""
    if task in turn.unread:
        return "language"
    return reason_to_route(confidence_of(task, turn.labels), turn.context_tokens, limits)


def confidence_of(task: Task, labels: TurnLabels) -> float | None:
    """How sure a task is of all it says about a turn; None when it says nothing.

    Entities are as sure as the least sure span, a state as the probability that all of it is
    right, sentiment as its label.
    """
    if task == "states":
        return labels.state_confidence
    if task == "entities":
        return min((span.confidence for span in labels.entities or ()), default=None)
    return None if labels.sentiment is None else labels.sentiment.confidence


def case_id(
    conversation: str, turn: int, text: str, task: Task | Literal["escalation"], fingerprint: str
) -> str:
    """A case's id, equal whenever the same conversation meets the same model again.

    The turn's text is hashed too, because a conversation's id is unique in its source only:
    two files that both number their chats from 1 must not swallow each other's cases.
    """
    parts = (conversation, str(turn), text, task, fingerprint)
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "little"))
        digest.update(content)
    return digest.hexdigest()[:16]


Alarms = Mapping[str, Alarm]


class Router:
    """A policy applied to the components of a pipeline."""

    def __init__(self, policy: Policy, components: Iterable[Component]) -> None:
        self._limits = [(c.task, c.fingerprint, policy.limits(c)) for c in components]
        self._escalation = policy.escalation
        self._escalation_route = policy.escalation.route or policy.sentiment.route or policy.route

    def cases(self, annotated: AnnotatedConversation) -> list[Case]:
        """The cases of a whole conversation, by turn.

        There is one for each task and reason, and one for each episode of frustration.
        """
        found: dict[tuple[Task, Reason], tuple[int, int]] = {}
        for turn in annotated.turns:
            for task, _, limits in self._limits:
                reason = _reason(task, turn, limits)
                if reason is not None:
                    first, count = found.get((task, reason), (turn.index, 0))
                    found[task, reason] = first, count + 1
        conversation = annotated.conversation
        cases = [
            case.model_copy(update={"turns": found[case.task, case.reason][1]})
            for index in sorted({first for first, _ in found.values()})
            for case in self.turn_cases(
                conversation.id, conversation.turns[index].text, annotated.turns[index]
            )
            if found[case.task, case.reason][0] == index
        ]
        alarms: Alarms = {}
        for spoken, turn in zip(conversation.turns, annotated.turns, strict=True):
            alarms, escalated = self.escalated(conversation.id, spoken, turn, alarms)
            cases += escalated
        return sorted(cases, key=lambda case: case.turn)

    def escalated(
        self, conversation: str, spoken: Turn, turn: TurnAnnotation, alarms: Alarms
    ) -> tuple[Alarms, list[Case]]:
        """The customers' alarms after a turn, and the case where one sounds.

        Args:
            conversation: Its id.
            spoken: The turn.
            turn: What the pipeline says about it.
            alarms: By speaker, as this gave them for the turn before; none at the beginning.
        """
        sentiment, speaker = turn.labels.sentiment, speaker_of(spoken)
        if sentiment is None or sentiment.frustration is None or speaker is None:
            return alarms, []
        alarm, event = alarms.get(speaker, Alarm()).heard(
            turn.index, sentiment.frustration, self._escalation.threshold
        )
        others = {name: held for name, held in alarms.items() if name != speaker}
        while len(others) >= MOST_SPEAKERS:
            del others[next(iter(others))]
        alarms = {**others, speaker: alarm}
        if event is None:
            return alarms, []
        fingerprint = next(f for task, f, _ in self._limits if task == "sentiment")
        case = Case(
            case=case_id(conversation, turn.index, spoken.text, "escalation", fingerprint),
            turn=turn.index,
            task="sentiment",
            reason="escalation",
            confidence=round(event.probability, 4),
            threshold=self._escalation.threshold,
            context_tokens=turn.context_tokens,
            route=self._escalation_route,
            turns=len(event.evidence),
            since=event.since,
            evidence=event.evidence,
        )
        return alarms, [case]

    def turn_cases(
        self,
        conversation: str,
        text: str,
        turn: TurnAnnotation,
        *,
        known: Collection[tuple[Task, Reason]] = (),
    ) -> list[Case]:
        """The cases that one turn gives rise to, for whoever reads a conversation live.

        Args:
            conversation: Its id.
            text: What the turn says.
            turn: What the pipeline says about it.
            known: Tasks and reasons for which the conversation already has a case.
        """
        cases: list[Case] = []
        for task, fingerprint, limits in self._limits:
            confidence = confidence_of(task, turn.labels)
            reason = _reason(task, turn, limits)
            if reason is None or (task, reason) in known:
                continue
            too_long = reason == "context_too_long"
            cases.append(
                Case(
                    case=case_id(conversation, turn.index, text, task, fingerprint),
                    turn=turn.index,
                    task=task,
                    reason=reason,
                    confidence=None if confidence is None else round(confidence, 4),
                    threshold=limits.longest_context if too_long else limits.least_confidence,
                    context_tokens=turn.context_tokens,
                    route=limits.route,
                    turns=1,
                )
            )
        return cases
