"""`nlp-lstm retention`: where in a conversation a model gets worse, and what it forgets."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.evaluate import aligned, labelled_for
from pipelines.cli.measurements import FillerCorpus, Stretch, lengths, unrelated_talk
from pipelines.cli.options import DataFolder


def retention(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A shipped model, or a path.")],
    corpus: Annotated[
        str,
        typer.Option(
            "--corpus", metavar="NAME", help="A published corpus, or your own: `labelled` chats."
        ),
    ],
    data: DataFolder,
    split: Annotated[
        str, typer.Option("--split", metavar="NAME", help="Which part of the corpus.")
    ] = "dev",
    stretch: Stretch = None,
    filler_corpus: FillerCorpus = None,
    history: Annotated[
        str | None,
        typer.Option(
            "--history",
            metavar="KINDS",
            help="Also each turn alone, after its history in another order, and after all of it:"
            " some of none, shuffled, full.",
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="The curves, drawn: a PNG, SVG or PDF."),
    ] = None,
    store: Annotated[
        bool,
        typer.Option(
            "--store",
            help="Write the context that was found to be good into the model: beyond it, answers"
            " are routed. Belief states need --stretch 0,… for it.",
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object instead of tables.")
    ] = False,
) -> None:
    """Judge a model by turn, by words of context and by distance, with intervals."""
    from pipelines.cli.console import progress, result_console, write_record
    from pipelines.cli.models import calm_threads, quick_start

    stretches, histories = lengths(stretch), _histories(history)
    if plot is not None:
        from pipelines.plots import check_drawable

        check_drawable(plot)
    with progress(f"judging {model} on {corpus} {split}"):
        with quick_start():
            from nlp_lstm.artefact import save_validated
            from nlp_lstm.loading import load_component
            from nlp_lstm.scoring.memory_report import measure_memory

            calm_threads()
            component = load_component(model)
        if store:
            _check_storable(component.task, stretches)
        judged, gold = labelled_for(component, corpus, data, split)
        found = measure_memory(
            judged,
            corpus,
            gold,
            stretches=stretches,
            talk=unrelated_talk(filler_corpus, data, gold) if stretches else None,
            histories=histories,
        )
    where = {"corpus": corpus, "split": split}
    context = found.context if store else None
    validated = {} if context is None else {"tokens": context.tokens, "method": context.method}
    if validated:
        place = save_validated(model, {**validated, **where, **found.to_facts()})
    if plot is not None:
        from pipelines.plots import draw_curves

        draw_curves(found.curves, plot, title=f"{model}, {corpus} {split}")
    if as_json:
        import orjson

        told = {"model": model, **where, **found.to_facts()}
        if validated:
            told["validated"] = validated
        write_record(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
        return
    console = result_console()
    for number, table in enumerate(found.tables):
        for line in [*([""] if number else []), table.title, *aligned(table)]:
            console.print(line, soft_wrap=True)
    if context is not None:
        console.print(f"validated for {context.tokens:,} words: {context.method}", soft_wrap=True)
        console.print(f"{place}: stored", soft_wrap=True)


def _check_storable(task: str, stretches: Sequence[int]) -> None:
    """Refuse before anything is measured what would say nothing about forgetting."""
    if task == "states" and (not stretches or stretches[0] != 0):
        raise typer.BadParameter(
            "a joint goal falls as more slots are filled, forgotten or not: add --stretch 0,50,100",
            param_hint="--store",
        )
    if stretches and stretches[0] != 0:
        raise typer.BadParameter(
            "without 0 there is nothing to compare with: --stretch 0,50,100", param_hint="--store"
        )


def _histories(asked: str | None) -> list[str]:
    from nlp_lstm.scoring.histories import HISTORIES

    names = [] if asked is None else [name.strip() for name in asked.split(",")]
    unknown = [name for name in names if name not in HISTORIES]
    if unknown:
        raise typer.BadParameter(
            f"{unknown[0]!r} is none of {', '.join(HISTORIES)}", param_hint="--history"
        )
    return [name for name in HISTORIES if name in names]
