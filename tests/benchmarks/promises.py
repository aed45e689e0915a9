"""Whether promises are kept, and what routing is worth: shipped models on dev conversations.

    python -m tests.benchmarks.promises --data DATA [MODEL:CORPUS...]

For each risk ten random splits by conversation: thresholds are fitted to two thirds, as `policy
fit` does, and the error of what they accept is measured on the rest. Then what is left of the error
when a fifth of the answers is routed to somebody who is always right, and the area under risk over
coverage against routing at random.
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.component import Task
from nlp_lstm.loading import load_component
from nlp_lstm.scoring.carried import routed_share, routed_states
from nlp_lstm.scoring.coverage import fall_when_routed, rankings
from nlp_lstm.scoring.evaluation import compared
from nlp_lstm.scoring.promise import CHOOSING, TESTED, TaskFit, fit_thresholds
from nlp_lstm.scoring.turn_answers import TurnAnswer, turn_answers
from pipelines.calm import calm_torch
from pipelines.cli.evaluate import labelled_for

SUBJECTS = (
    "entities-support:multidogo",
    "entities-chat:multidogo",
    "sentiment-chat:goemotions",
    "states-multiwoz:multiwoz21",
    "states-woz2:woz2",
    "states-support:multidogo-support",
    "states-schema:sgd",
)
RISKS = (0.02, 0.05, 0.1)
SPLITS = 10
CONFIDENCE = 0.9
ROUTED = 0.2


def main() -> None:
    parser = argparse.ArgumentParser(description="Whether promises are kept.")
    parser.add_argument("subjects", nargs="*", default=SUBJECTS)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    calm_torch()
    for subject in options.subjects:
        model, corpus = subject.split(":")
        component, gold = labelled_for(load_component(model), corpus, options.data, "dev")
        known, said = compared(component, corpus, gold)
        answers = turn_answers(component.task, known, said)
        print(f"{model} on {corpus} dev, {len(answers):,} answers")
        for risk in RISKS:
            print("  " + promise_line(answers, risk))
        for line in routing_lines(component.task, answers, known, said):
            print("  " + line, flush=True)


def promise_line(answers: Sequence[TurnAnswer], risk: float) -> str:
    """How often a risk was kept, and what was accepted."""
    outcomes = [accepted(*split(answers, seed), risk) for seed in range(SPLITS)]
    kept = sum(error <= risk for _, error in outcomes)
    none = sum(share == 0 for share, _ in outcomes)
    share = sum(share for share, _ in outcomes) / SPLITS
    most = max(error for _, error in outcomes)
    told = f", nothing accepted in {none}" if none else ""
    return (
        f"risk {risk:.2f}: kept in {kept} of {SPLITS}, accepted {share:.3f}, error at most"
        f" {most:.3f}{told}"
    )


def split(
    answers: Sequence[TurnAnswer], seed: int
) -> tuple[list[TurnAnswer], list[TurnAnswer], list[TurnAnswer]]:
    """By conversation: those that choose, those that are tested on, those that judge."""
    numbers = sorted({answer.conversation for answer in answers})
    random.Random(seed).shuffle(numbers)
    first = round(CHOOSING * len(numbers))
    last = round((CHOOSING + TESTED) * len(numbers))
    part = {n: (i >= first) + (i >= last) for i, n in enumerate(numbers)}
    cut: tuple[list[TurnAnswer], ...] = ([], [], [])
    for answer in answers:
        cut[part[answer.conversation]].append(answer)
    return cut[0], cut[1], cut[2]


def accepted(
    choosing: Sequence[TurnAnswer],
    tested: Sequence[TurnAnswer],
    judging: Sequence[TurnAnswer],
    risk: float,
) -> tuple[float, float]:
    """Share of the judging answers that is accepted, and share of wrong ones among those."""
    fit = fit_thresholds(choosing, tested, risk, 1 - CONFIDENCE)
    taken = [answer for answer in judging if answer.confidence >= threshold(fit, answer.words)]
    wrong = sum(not answer.right for answer in taken)
    return len(taken) / len(judging), wrong / max(1, len(taken))


def threshold(fit: TaskFit, words: int) -> float:
    """What is asked of an answer after so many words; more than 1 where none is accepted."""
    band = next(band for band in fit.bands if band.up_to is None or words <= band.up_to)
    return 2.0 if band.threshold is None else band.threshold


def routing_lines(
    task: Task,
    answers: Sequence[TurnAnswer],
    gold: Sequence[LabelledConversation],
    said: Sequence[Sequence[TurnLabels]],
) -> list[str]:
    """What routing a fifth is worth, and the areas under risk over coverage."""
    confidence, length, chance = rankings(answers)
    error = chance.at(1.0)
    fall = fall_when_routed(answers, ROUTED)
    lines = [f"{ROUTED:.0%} routed: error {error:.3f} to {error * (1 - fall):.3f}, {fall:.0%} less"]
    if task == "states":
        before, after = routed_states(gold, said, 0.0), routed_share(gold, said, ROUTED)
        less = 1 - after.error / before.error
        slots = 1 - after.slots / before.slots
        lines.append(
            f"the same, answers staying ({after.routed:.1%} routed): error {before.error:.3f} to"
            f" {after.error:.3f}, {less:.0%} less; wrong slots {slots:.0%} fewer"
        )
    lines.append(
        f"AURC {confidence.area:.4f}, by length {length.area:.4f}, at random {chance.area:.4f}:"
        f" {1 - confidence.area / chance.area:.0%} below random"
    )
    return lines


if __name__ == "__main__":
    main()
