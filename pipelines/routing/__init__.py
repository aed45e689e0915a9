"""Which answers should not be trusted, and where they go.

    route = "review"

    [states]
    least_confidence = 0.5
    longest_context = 400

    [frustration]
    threshold = 0.6
    route = "supervisor"

An answer has three reasons: the conversation is in a language that the model does not know, the
context is longer than the model was validated for, or its calibrated confidence is below what the
policy asks. A customer has one, `frustration`: the alarm of
`nlp_lstm.sentiment.alarm` sounds, once an episode, as soon as the turn is read.
"""

from pipelines.queues import JsonLinesQueue, queue_entry
from pipelines.record_models import Case, Reason
from pipelines.routing.cases import case_id
from pipelines.routing.policy import FrustrationPolicy, Limits, Policy, TaskPolicy
from pipelines.routing.reasons import confidence_of, reason_to_route, task_reason
from pipelines.routing.router import Alarms, Router

__all__ = [
    "Alarms",
    "Case",
    "FrustrationPolicy",
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
    "task_reason",
]
