"""The model card: what a model is, what it saw, what it reached, what it is bad at."""

from collections.abc import Mapping, Sequence
from typing import Any

from nlp_lstm.scoring.context import MeasuredContext
from nlp_lstm.scoring.evaluation import Evaluation
from nlp_lstm.scoring.scores import Table
from nlp_lstm.training.recipe import Recipe

MOST_KINDS = 20  # of labels that were left out, listed
_MODEL_KIND = {
    "states": "dialogue-state-tracking",
    "entities": "token-classification",
    "sentiment": "text-classification",
}


def write_card(
    recipe: Recipe,
    evaluations: Sequence[Evaluation],
    *,
    parameters: int,
    validated_tokens: int,
    context: MeasuredContext | None,
    unaligned: Mapping[str, int],
) -> str:
    """Compose the card of a freshly trained model, Markdown with a YAML head."""
    card = recipe.card
    head = [
        "---",
        "library_name: nlp-lstm",
        f"license: {card.licence}",
        f"pipeline_tag: {_MODEL_KIND[recipe.task]}",
        f"datasets: [{', '.join(use.name for use in recipe.corpora)}]",
        "---",
        f"# {recipe.name}",
        card.description,
        "## Data",
        _bullets(card.data),
        *_unaligned(unaligned),
        "## Architecture",
        card.architecture,
        f"{parameters:,} parameters, stored in 16 bits, those of word tables in 8. Made by "
        f"`nlp-lstm train {recipe.name}`, {_seeds(recipe)}.",
        "## Validated context",
        *_context(validated_tokens, context),
        "## Figures",
    ]
    figures = [line for evaluation in evaluations for line in _figures(evaluation)]
    return "\n\n".join([*_front(head), *figures, "## Limits", _bullets(card.limits)]) + "\n"


def _seeds(recipe: Recipe) -> str:
    if not recipe.further_seeds:
        return f"seed {recipe.seed}"
    seeds = ", ".join(str(seed) for seed in (recipe.seed, *recipe.further_seeds))
    return f"the mean of what seeds {seeds} learnt from one start"


def _context(validated_tokens: int, context: MeasuredContext | None) -> list[str]:
    method = "the longest context that at least thirty dev conversations reach"
    onward = "Beyond it the default policy routes onward."
    if context is None:
        return [f"{validated_tokens} words: {method}. {onward}"]
    return [f"{validated_tokens} words: {context.method}. {onward}", _table(context.table)]


def metrics_of(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """What goes into `metrics.json`: a list, so that no corpus's name is a key."""
    return {
        "evaluations": [
            {
                "corpus": evaluation.corpus,
                "split": evaluation.split,
                "protocol": evaluation.scores.protocol,
                "metrics": dict(evaluation.scores.metrics),
                "counts": dict(evaluation.scores.counts),
            }
            for evaluation in evaluations
        ]
    }


def _front(head: list[str]) -> list[str]:
    end = head.index("---", 1) + 1
    return ["\n".join(head[:end]), *head[end:]]


def _figures(evaluation: Evaluation) -> list[str]:
    scores = evaluation.scores
    title = f"### {evaluation.corpus}, {evaluation.split}"
    rows = [(name, f"{value:.4f}") for name, value in scores.metrics.items()]
    rows += [(name, f"{count:,}") for name, count in scores.counts.items()]
    overall = _table(Table("", ("figure", "value"), tuple(rows)))
    broken_down = [f"{table.title}:\n\n{_table(table)}" for table in scores.tables]
    return [title, f"Protocol: {scores.protocol}", overall, *broken_down]


def _table(table: Table) -> str:
    lines = [
        "| " + " | ".join(table.columns) + " |",
        "|" + "---|" * len(table.columns),
        *("| " + " | ".join(_cell(cell) for cell in row) + " |" for row in table.rows),
    ]
    return "\n".join(lines)


def _cell(cell: str | int | float) -> str:
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _unaligned(unaligned: Mapping[str, int]) -> list[str]:
    if not unaligned:
        return []
    frequent = sorted(unaligned.items(), key=lambda item: (-item[1], item[0]))[:MOST_KINDS]
    counted = ", ".join(f"{count} {kind}" for kind, count in frequent)
    return [f"Labels that could not be aligned and were left out: {counted}."]
