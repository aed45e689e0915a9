"""Why an answer should not be trusted."""

from nlp_lstm.component import Task
from nlp_lstm.scoring.turn_answers import turn_confidence as confidence_of
from pipelines.annotation import TurnAnnotation
from pipelines.record_models import Reason
from pipelines.routing.doubts import DoubtsPolicy, close_call, is_out_of_domain
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


def task_reason(
    task: Task, turn: TurnAnnotation, limits: Limits, doubts: DoubtsPolicy | None = None
) -> Reason | None:
    """Why a task's answer about a turn should not be trusted, or None when it should.

    Of several reasons the first in the order of `Reason` is given.

    Args:
        task: Whose answer.
        turn: What the pipeline says about the turn.
        limits: What is asked of the task.
        doubts: What else is doubted; None for what a policy doubts that says nothing.
    """
    doubts = doubts or DoubtsPolicy()
    if task in turn.failed:
        return "component_error"
    if task in turn.unread:
        return "language"
    if is_out_of_domain(task, turn.labels, turn.context_tokens, doubts):
        return "out_of_domain"
    reason = reason_to_route(confidence_of(task, turn.labels), turn.context_tokens, limits)
    if reason == "context_too_long":
        return reason
    return close_call(task, turn.labels, doubts) or reason
