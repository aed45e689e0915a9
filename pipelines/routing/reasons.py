"""Why an answer should not be trusted."""

from corpora.labels import TurnLabels
from nlp_lstm.component import Task
from pipelines.pipeline import TurnAnnotation
from pipelines.record_models import Reason
from pipelines.routing.policy import Limits


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


def task_reason(task: Task, turn: TurnAnnotation, limits: Limits) -> Reason | None:
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
