"""`nlp-lstm evaluate`: a model's figures on a labelled corpus, each with its protocol."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.measurements import (
    FillerCorpus,
    Perturb,
    Stretch,
    lengths,
    perturbations,
    unrelated_talk,
)
from pipelines.cli.options import DataFolder

if TYPE_CHECKING:
    from corpora.labels import LabelledConversation
    from nlp_lstm.component import Component
    from nlp_lstm.scoring.evaluation import Evaluation
    from nlp_lstm.scoring.scores import Table


def evaluate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A shipped model, or a path.")],
    corpus: Annotated[
        str,
        typer.Option(
            "--corpus",
            metavar="NAME",
            help="A published corpus, or your own: `labelled` chats, or `conll` columns.",
        ),
    ],
    data: DataFolder,
    split: Annotated[
        str,
        typer.Option(
            "--split",
            metavar="NAME",
            help="Which part of the corpus: train, dev or test; of uss fold1-test and so on.",
        ),
    ] = "dev",
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object instead of a table.")
    ] = False,
    details: Annotated[
        bool, typer.Option("--details", help="Also by turn position, by label, and so on.")
    ] = False,
    perturb: Perturb = None,
    stretch: Stretch = None,
    filler_corpus: FillerCorpus = None,
) -> None:
    """Judge a model on a labelled corpus, by the published protocol of its task."""
    from pipelines.cli.console import progress, result_console, write_record
    from pipelines.cli.models import calm_threads, quick_start

    with progress(f"evaluating {model} on {corpus} {split}"):
        with quick_start():
            from nlp_lstm.loading import load_component
            from nlp_lstm.scoring.evaluation import evaluate as judge

            calm_threads()
            component = load_component(model)
        kinds = perturbations(perturb, component.task)
        stretches = lengths(stretch)
        judged, labelled = labelled_for(component, corpus, data, split)
        talk = unrelated_talk(filler_corpus, data, labelled) if stretches else None
        evaluation = judge(
            judged, corpus, split, labelled, kinds=kinds, stretches=stretches, talk=talk
        )
    if as_json:
        import orjson

        write_record(orjson.dumps(_as_object(evaluation), option=orjson.OPT_APPEND_NEWLINE))
        return
    console = result_console()
    for line in evaluation_lines(evaluation, details=details):
        console.print(line, soft_wrap=True)


def labelled_for(
    component: "Component", corpus: str, data: Path, split: str
) -> "tuple[Component, Sequence[LabelledConversation]]":
    """A corpus that is to judge a model, and the model as it suits the corpus.

    Raises:
        InputError: The corpus cannot be read, has no such split, or nothing in it.
    """
    from collections import Counter

    from corpora.errors import InputError
    from nlp_lstm.states.described.published import suited
    from nlp_lstm.training.data import checked_split, read_split
    from nlp_lstm.training.own import OWN
    from pipelines.cli.console import say

    part = checked_split(corpus, split)
    losses: Counter[str] = Counter()
    gold = tuple(read_split(corpus, data, part, losses))
    if corpus in OWN:
        for reason, count in losses.most_common():
            say(f"{data}: {count} x {reason}")
    if not gold:
        raise InputError(
            str(data),
            found=f"no conversation in split {split} of {corpus}",
            expected="at least one",
            remedy="check --data and --split",
        )
    return suited(component, corpus, data, part, gold)


def evaluation_lines(evaluation: "Evaluation", *, details: bool) -> list[str]:
    """The figures, one a line with what counts as right; then what was counted."""
    scores = evaluation.scores
    where = f"{evaluation.corpus} {evaluation.split}"
    width = max(map(len, (*scores.metrics, *scores.counts, "seconds")))
    lines = [
        f"{name:<{width}}  {value:.4f}  {where}, {scores.protocol}"
        for name, value in scores.metrics.items()
    ]
    lines += [f"{name:<{width}}  {count:,}" for name, count in scores.counts.items()]
    lines.append(f"{'seconds':<{width}}  {evaluation.seconds:.1f}")
    for table in (*(scores.tables if details else ()), *evaluation.measured):
        lines += ["", table.title, *aligned(table)]
    return lines


def _as_object(evaluation: "Evaluation") -> dict[str, object]:
    return {
        "model": evaluation.model,
        "corpus": evaluation.corpus,
        "split": evaluation.split,
        "protocol": evaluation.scores.protocol,
        "metrics": dict(evaluation.scores.metrics),
        "counts": dict(evaluation.scores.counts),
        "seconds": round(evaluation.seconds, 3),
        "tables": [
            {"title": table.title, "columns": table.columns, "rows": table.rows}
            for table in (*evaluation.scores.tables, *evaluation.measured)
        ],
    }


def aligned(table: "Table") -> list[str]:
    """A table's lines, its columns aligned."""
    rows = [[_cell(cell) for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _cell(cell: str | float) -> str:
    return f"{cell:.4f}" if isinstance(cell, float) else str(cell)
