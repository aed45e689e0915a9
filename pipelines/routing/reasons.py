"""Why an answer should not be trusted."""

from nlp_lstm.component import Task
from nlp_lstm.scoring.turn_answers import turn_confidence as confidence_of
from pipelines.pipeline import TurnAnnotation
from pipelines.record_models import Reason
from pipelines.routing.policy import Limits

__all__ = ["confidence_of", "reason_to_route", "task_reason"]


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
    if confidence is not None and confidence < limits.least(context_tokens):
        return "low_confidence"
    return None


def task_reason(task: Task, turn: TurnAnnotation, limits: Limits) -> Reason | None:
    """Why a task's answer about a turn should not be trusted; the language is asked first."""
    if task in turn.unread:
        return "language"
    return reason_to_route(confidence_of(task, turn.labels), turn.context_tokens, limits)
