"""What perturbed turns cost a model: a corpus judged again as people might have typed it."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from corpora.labels import LabelledConversation
from nlp_lstm.component import Task
from nlp_lstm.scoring.perturb import JUDGED_BY, KINDS, Perturbation, perturbed, slot_values
from nlp_lstm.scoring.scores import Scores, Table

# Second thoughts are about what a slot holds: spans and moods have no such thing.
KINDS_OF: Mapping[Task, tuple[Perturbation, ...]] = {
    "states": KINDS,
    "entities": ("typos", "casing", "fillers"),
    "sentiment": ("typos", "casing", "fillers"),
}
# Of the figures of a task the first that a scoring has is the one that is compared.
FIGURES: Mapping[Task, tuple[str, ...]] = {
    "states": ("joint_goal_accuracy", "changes_per_100_turns"),
    "entities": ("span_f1",),
    "sentiment": ("weighted_f1", "macro_f1", "three_way_macro_f1"),
}

Judge = Callable[[Sequence[LabelledConversation]], Scores]


def perturb_corpus(
    gold: Sequence[LabelledConversation], kind: Perturbation
) -> list[LabelledConversation]:
    """A corpus with one kind of perturbation, the same in every run."""
    values = slot_values(gold) if kind == "corrections" else {}
    return [
        perturbed(
            labelled,
            random.Random(f"{kind} {labelled.conversation.id}"),
            {kind},
            values,
            phrases=JUDGED_BY,
        )
        for labelled in gold
    ]


def measure_perturbed(
    task: Task,
    gold: Sequence[LabelledConversation],
    clean: Scores,
    kinds: Sequence[Perturbation],
    judge: Judge,
) -> Table:
    """The task's figure under each kind of perturbation.

    Args:
        task: Of the model.
        gold: The corpus as it is.
        clean: Its scores.
        kinds: What to try.
        judge: Scores of the model over a corpus.

    Raises:
        ValueError: A kind that the task has no figures for.
    """
    unknown = [kind for kind in kinds if kind not in KINDS_OF[task]]
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: {task} has {', '.join(KINDS_OF[task])}")
    metric = next(name for name in FIGURES[task] if name in clean.metrics)
    before = clean.metrics[metric]
    rows: list[tuple[str | int | float, ...]] = [("none", before, 0.0, 0)]
    for kind in kinds:
        corpus = perturb_corpus(gold, kind)
        figure = judge(corpus).metrics[metric]
        rows.append((kind, figure, 100 * (figure - before), _changed(gold, corpus)))
    columns = ("perturbation", metric, "difference in points", "turns changed")
    return Table("Perturbed turns", columns, tuple(rows))


def _changed(gold: Sequence[LabelledConversation], corpus: Sequence[LabelledConversation]) -> int:
    changed = Counter(
        old.text != new.text
        for one, other in zip(gold, corpus, strict=True)
        for old, new in zip(one.conversation.turns, other.conversation.turns, strict=True)
    )
    return changed[True]
