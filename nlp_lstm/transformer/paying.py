"""What routing unsure answers to a stronger reader is worth, and what it costs.

The turns whose answers are least sure get the other reader's answer instead; errors are counted
over all turns, routed or not.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpora.labels import EntitySpan, LabelledConversation, TurnLabels
from nlp_lstm.component import Component, Task
from nlp_lstm.scoring.evaluation import annotated
from nlp_lstm.scoring.observations import FIGURES, observations

SHARES = (0.05, 0.10, 0.20, 0.30)
# Draws of as many turns as are routed, where chance chooses.
DRAWS = 20

# Part and whole of a turn in which nothing was marked or found.
NOTHING = (0.0, 0.0)
# A span that one of two readers finds must be so sure to it, halved.
LEAST_TOGETHER = 0.35

# How sure a model is of all that it says of a turn; None where it says nothing.
Confidence = Callable[[TurnLabels], float | None]


@dataclass(frozen=True, slots=True)
class Paid:
    """One row.

    Attributes:
        task: Whose answers.
        way: `LSTM alone`, `10% to a person`, `transformer alone`.
        routed: Share of the judged turns that are routed.
        error: 1 less the task's figure.
        at_random: The error if chance chose which turns are routed; None where there is no choice.
        seconds: Of one core for 1,000 turns; None where a person answers.
        answers: That the stronger one gives for 1,000 turns.
    """

    task: Task
    way: str
    routed: float
    error: float
    at_random: float | None
    seconds: float | None
    answers: float


def timed(
    component: Component, corpus: str, gold: Sequence[LabelledConversation]
) -> tuple[list[list[TurnLabels]], float]:
    """A component's answers, and its seconds for 1,000 judged turns."""
    started = time.perf_counter()
    said = annotated(component, corpus, gold)
    seconds = time.perf_counter() - started
    return said, 1000 * seconds / max(1, len(_judged(component.task, gold)))


def paid(
    task: Task,
    gold: Sequence[LabelledConversation],
    first: Sequence[Sequence[TurnLabels]],
    stronger: Sequence[Sequence[TurnLabels]],
    confidence: Confidence,
    *,
    other: str,
    seconds: float,
    seconds_stronger: float | None,
) -> list[Paid]:
    """The error and cost of one, of routing to the other, and of the other alone.

    Args:
        task: What is judged.
        gold: The labels.
        first: The LSTM's answers.
        stronger: The other's.
        confidence: Of the LSTM's answers: the least sure are routed first.
        other: What the stronger one is called.
        seconds: The LSTM's for 1,000 turns.
        seconds_stronger: The other's; None for a person.
    """
    places = _judged(task, gold)
    by_doubt = sorted(places, key=lambda place: _doubt(first, place, confidence))
    count = len(places)

    ours, theirs = _parts(task, gold, first), _parts(task, gold, stronger)

    def error(routed: Sequence[tuple[int, int]]) -> float:
        answered = ours | {place: theirs.get(place, NOTHING) for place in routed}
        part, whole = (sum(one[of] for one in answered.values()) for of in (0, 1))
        return 1 - part / whole if whole else 0.0

    def cost(share: float) -> float | None:
        return None if seconds_stronger is None else seconds + share * seconds_stronger

    rows = [Paid(task, "LSTM alone", 0.0, error([]), None, seconds, 0.0)]
    rng = random.Random(0)
    for share in SHARES:
        most = round(share * count)
        drawn = [error(rng.sample(places, most)) for _ in range(DRAWS)]
        rows.append(
            Paid(
                task,
                f"{share:.0%} to {other}",
                share,
                error(by_doubt[:most]),
                sum(drawn) / DRAWS,
                cost(share),
                1000 * share,
            )
        )
    return [*rows, Paid(task, f"{other} alone", 1.0, error(places), None, seconds_stronger, 1000.0)]


def together(
    first: Sequence[Sequence[TurnLabels]], second: Sequence[Sequence[TurnLabels]]
) -> list[list[TurnLabels]]:
    """The spans that two readers find between them, where both have read a turn.

    A span's confidence is the mean of both, 0 where one did not find it; the surest are kept first,
    none over another and none below `LEAST_TOGETHER`.
    """
    return [
        [_joined(one, other) for one, other in zip(ours, theirs, strict=True)]
        for ours, theirs in zip(first, second, strict=True)
    ]


def _joined(one: TurnLabels, other: TurnLabels) -> TurnLabels:
    if one.entities is None or other.entities is None:
        return one
    sure: dict[tuple[int, int, str], float] = {}
    for span in (*one.entities, *other.entities):
        key = span.start, span.end, span.label
        sure[key] = sure.get(key, 0.0) + span.confidence / 2
    kept: list[EntitySpan] = []
    for (start, end, label), confidence in sorted(sure.items(), key=lambda item: -item[1]):
        free = all(end <= span.start or span.end <= start for span in kept)
        if free and confidence >= LEAST_TOGETHER:
            kept.append(EntitySpan(start, end, label, confidence))
    return TurnLabels(entities=tuple(sorted(kept)))


def figure(task: Task) -> str:
    """What an error is one less of."""
    return FIGURES[task]


def _parts(
    task: Task,
    gold: Sequence[LabelledConversation],
    said: Sequence[Sequence[TurnLabels]],
) -> dict[tuple[int, int], tuple[float, float]]:
    """What was right of each judged turn, and out of what."""
    seen = observations(task, gold, said)
    parts = {(one.conversation, one.turn): (one.part, one.whole) for one in seen}
    # Where only emotions are labelled, no class is right or wrong.
    return {place: parts[place] for place in _judged(task, gold) if place in parts}


def _judged(task: Task, gold: Sequence[LabelledConversation]) -> list[tuple[int, int]]:
    """The turns that carry labels of the task: conversation and turn."""

    def has_labels(labels: TurnLabels) -> bool:
        match task:
            case "states":
                return labels.state is not None
            case "entities":
                return labels.entities is not None
            case "sentiment":
                return labels.sentiment is not None and labels.sentiment.label is not None

    return [
        (number, turn)
        for number, labelled in enumerate(gold)
        for turn, labels in enumerate(labelled.labels)
        if has_labels(labels)
    ]


def _doubt(
    said: Sequence[Sequence[TurnLabels]], place: tuple[int, int], confidence: Confidence
) -> float:
    sure = confidence(said[place[0]][place[1]])
    return 1.0 if sure is None else sure
