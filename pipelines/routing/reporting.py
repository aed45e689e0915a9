"""What a policy is worth on conversations that it was not fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpora.errors import InputError
from corpora.labels import LabelledConversation
from nlp_lstm.component import Task
from nlp_lstm.scoring.bootstrap import shares
from nlp_lstm.scoring.coverage import Ranking, rankings
from nlp_lstm.scoring.scores import Table
from nlp_lstm.scoring.turn_answers import TurnAnswer
from pipelines.routing.fitting import data_digest, parts
from pipelines.routing.policy import Limits
from pipelines.routing.promise import Fit

COVERAGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class TaskReport:
    """One task of a policy, judged.

    Attributes:
        task: Which.
        fit: What it promises.
        judged: Conversations that judge it.
        answers: Theirs.
        accepted: Table of what it accepts, by band of context.
        rankings: Error at every coverage: by confidence, by length, at random.
        curve: The same as a table.
    """

    task: Task
    fit: Fit
    judged: int
    answers: int
    accepted: Table
    rankings: Sequence[Ranking]
    curve: Table


def held_out(
    fit: Fit, corpus: str, split: str, gold: Sequence[LabelledConversation]
) -> Sequence[LabelledConversation]:
    """The conversations of a corpus that a policy was not fitted to.

    Raises:
        InputError: Which those are cannot be told: the corpus is called the same and has changed.
    """
    if (fit.corpus, fit.split) != (corpus, split):
        return gold
    found = data_digest(gold)
    if found != fit.data:
        raise InputError(
            f"{corpus} {split}",
            found=f"conversations with hash {found}",
            expected=f"those that the policy was fitted to, {fit.data}",
            remedy="fit the policy again, or judge it on another corpus",
        )
    return parts(gold)[2]


def report_task(task: Task, fit: Fit, limits: Limits, answers: Sequence[TurnAnswer]) -> TaskReport:
    """Judge the thresholds of one task.

    Args:
        task: Which.
        fit: What its thresholds promise.
        limits: The thresholds.
        answers: In conversations that they were not fitted to, at least one.
    """
    ranked = rankings(answers)
    return TaskReport(
        task,
        fit,
        len({answer.conversation for answer in answers}),
        len(answers),
        _accepted(fit, limits, answers),
        ranked,
        _curve(ranked),
    )


def _accepted(fit: Fit, limits: Limits, answers: Sequence[TurnAnswer]) -> Table:
    ends = [band.up_to for band in limits.bands]
    rows = []
    start = 0
    for end in ends:
        inside = [a for a in answers if start <= a.words and (end is None or a.words <= end)]
        name = f"{max(1, start)}+" if end is None else f"{max(1, start)}-{end}"
        if inside:
            rows.append(_row(name, limits, inside))
        start = 0 if end is None else end + 1
    rows.append(_row("all", limits, answers))
    title = (
        f"Accepted by words of context; at most {fit.risk:g} wrong is promised with a confidence of"
        f" {fit.confidence:g}"
    )
    columns = ("words", "answers", "accepted", "error", "low", "high", "error of all")
    return Table(title, columns, tuple(rows))


def _row(name: str, limits: Limits, answers: Sequence[TurnAnswer]) -> tuple[str | int | float, ...]:
    taken = [a for a in answers if a.confidence >= limits.least(a.words)]
    everything = sum(not a.right for a in answers) / len(answers)
    share = len(taken) / len(answers)
    if not taken:
        return (name, len(answers), share, "", "", "", everything)
    numbers = {c: i for i, c in enumerate(sorted({a.conversation for a in taken}))}
    wrong, held = np.zeros((2, len(numbers), 1))
    for answer in taken:
        held[numbers[answer.conversation]] += 1
        wrong[numbers[answer.conversation]] += not answer.right
    (error,) = shares(wrong, held)
    return (name, len(answers), share, error.value, error.low, error.high, everything)


def _curve(ranked: Sequence[Ranking]) -> Table:
    rows: list[tuple[str | int | float, ...]] = [
        (f"{coverage:.0%}", *(ranking.at(coverage) for ranking in ranked)) for coverage in COVERAGES
    ]
    rows.append(("area (AURC)", *(ranking.area for ranking in ranked)))
    names = tuple(ranking.by for ranking in ranked)
    return Table("Error among the answers kept", ("kept", *names), tuple(rows))
