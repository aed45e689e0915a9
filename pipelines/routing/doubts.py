"""Doubts that no confidence tells: nothing fits, two things contradict, two answers are as likely.

[doubts]
silent_words = 80       after so many words, a belief state with nothing in it is out of domain
least_margin = 0.1      two classes of sentiment closer than this are ambiguous
conflicts = true        a failed check, or one value for two slots, is a conflict
"""

from itertools import combinations
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from corpora.labels import Sentiment, StateChange, TurnLabels
from nlp_lstm.component import Task
from pipelines.record_models import Reason


class DoubtsPolicy(BaseModel):
    """Which of these doubts route an answer.

    Attributes:
        silent_words: Words of conversation after which an empty belief state is out of domain;
            left out, it never is.
        least_margin: Between the two likeliest classes of sentiment; at 0 none is ambiguous.
        conflicts: Whether contradictions count.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    silent_words: Annotated[int, Field(ge=1)] | None = None
    least_margin: Annotated[float, Field(ge=0, le=1)] = 0.0
    conflicts: bool = True


def is_out_of_domain(
    task: Task, labels: TurnLabels, context_tokens: int, doubts: DoubtsPolicy
) -> bool:
    """Whether so much was said and a tracker has found nothing that it has a slot for."""
    if task != "states" or doubts.silent_words is None or labels.state is None:
        return False
    return not labels.state and not labels.changes and context_tokens >= doubts.silent_words


def close_call(task: Task, labels: TurnLabels, doubts: DoubtsPolicy) -> Reason | None:
    """`conflict` or `ambiguous`, in this order, or None."""
    if doubts.conflicts and _contradicts(task, labels):
        return "conflict"
    if task == "sentiment" and doubts.least_margin and labels.sentiment is not None:
        apart = margin(labels.sentiment)
        if apart is not None and apart < doubts.least_margin:
            return "ambiguous"
    return None


def margin(sentiment: Sentiment) -> float | None:
    """How much likelier the label is than the next, from its probability and the valence.

    The valence is the probability of positive less that of negative, so with the label's own all
    three are known; None where no probabilities fit.
    """
    sure, valence = sentiment.confidence, sentiment.valence
    if sentiment.label is None or valence is None:
        return None
    if sentiment.label == "neutral":
        other = (1 - sure + abs(valence)) / 2
    else:
        side = valence if sentiment.label == "positive" else -valence
        opposite = sure - side
        other = max(opposite, 1 - sure - opposite)
    # What a customer's history has added to a valence may leave it beyond what can be.
    return sure - other if -0.01 <= other <= min(1.0, 1.01 - sure) else None


def _contradicts(task: Task, labels: TurnLabels) -> bool:
    if task == "entities":
        return any(span.check == "failed" for span in labels.entities or ())
    if task == "states":
        return any(_share_words(one, other) for one, other in combinations(labels.changes or (), 2))
    return False


def _share_words(one: StateChange, other: StateChange) -> bool:
    """Whether the very same words filled two slots of one service."""
    if one.evidence is None or one.evidence != other.evidence or one.slot == other.slot:
        return False
    said = one.source == other.source == "said"
    return said and _service(one.slot) == _service(other.slot)


def _service(slot: str) -> str:
    return slot.rpartition("-")[0]
