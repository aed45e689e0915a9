"""Cross-validation of a recipe on a corpus that its publisher did not split.

    for fold in 1 … 5: learn from foldK-train, choose and calibrate on foldK-dev, judge foldK-test

Every session is judged once, by the one model that never saw it; the pooled judgements are scored
together. The alarm's threshold too is chosen on each fold's own dev sessions.
"""

from collections.abc import Sequence
from pathlib import Path

from corpora.errors import InputError
from corpora.labels import LabelledConversation, TurnLabels
from corpora.published import CORPORA, PUBLISHED_SPLITS
from nlp_lstm.loading import load_component
from nlp_lstm.scoring.evaluation import annotated
from nlp_lstm.scoring.satisfaction import (
    RatedDialogue,
    false_alarms,
    rated_dialogue,
    score_satisfaction,
)
from nlp_lstm.scoring.scores import Scores
from nlp_lstm.training.data import checked_split, read_split
from nlp_lstm.training.loop import Watcher
from nlp_lstm.training.recipe import Recipe
from nlp_lstm.training.run import VECTORS, train_recipe

FOLDS = 5
# An alarm may sound in so many of 100 dialogues that dev calls satisfied.
ALLOWED_FALSE = 15.0
THRESHOLDS = tuple(step / 50 for step in range(2, 50))


def cross_validate(
    recipe: Recipe, data: Path, out: Path, *, watcher: Watcher, vectors: Path = VECTORS
) -> dict[str, Scores]:
    """Train and judge all folds.

    A fold whose model stands in `out` already is judged, not trained again.

    Args:
        recipe: Of one corpus that has folds.
        data: The folder of the corpora.
        out: The folds' models are written to `fold1`, `fold2` … below it.
        watcher: Told of every fold's training.
        vectors: The pretrained WordPiece vectors, for recipes that start from them.

    Returns:
        Scores over the pooled sessions, by corpus: each part that the ids name, and all.

    Raises:
        InputError: The recipe's corpus has no folds.
    """
    name = _folded_corpus(recipe)
    pooled: list[tuple[str, RatedDialogue]] = []
    for fold in range(1, FOLDS + 1):
        directory = out / f"fold{fold}"
        splits = {use: checked_split(name, f"fold{fold}-{use}") for use in ("train", "dev", "test")}
        if not (directory / "metrics.json").is_file():
            use = recipe.corpora[0].model_copy(
                update={"train": splits["train"], "dev": splits["dev"]}
            )
            plan = recipe.model_copy(update={"corpora": [use]})
            train_recipe(plan, data, directory, watcher=watcher, vectors=vectors)
        component = load_component(directory, task="sentiment")
        dev, test = (list(read_split(name, data, splits[use])) for use in ("dev", "test"))
        threshold = best_alarm(dev, annotated(component, name, dev))
        watcher.noticed(f"fold {fold}: the alarm sounds from a strain of {threshold:.2f}")
        for one, said in zip(test, annotated(component, name, test), strict=True):
            part = one.conversation.id.partition("-")[0]
            pooled.append((part, rated_dialogue(one, said, threshold)))
    parts = sorted({part for part, _ in pooled})
    scores = {part: score_satisfaction([d for of, d in pooled if of == part]) for part in parts}
    return {**scores, "all": score_satisfaction([dialogue for _, dialogue in pooled])}


def best_alarm(
    gold: Sequence[LabelledConversation], predicted: Sequence[Sequence[TurnLabels]]
) -> float:
    """The lowest threshold with few enough false alarms; the highest where none has."""
    for threshold in THRESHOLDS:
        dialogues = [
            rated_dialogue(one, said, threshold) for one, said in zip(gold, predicted, strict=True)
        ]
        if false_alarms(dialogues) <= ALLOWED_FALSE:
            return threshold
    return THRESHOLDS[-1]


def _folded_corpus(recipe: Recipe) -> str:
    names = [use.name for use in recipe.corpora]
    if len(names) == 1 and CORPORA[names[0]].splits != PUBLISHED_SPLITS:
        return names[0]
    raise InputError(
        recipe.name,
        found=f"corpora {', '.join(names)}",
        expected="one corpus that has folds",
        remedy="train it without --folds",
    )
