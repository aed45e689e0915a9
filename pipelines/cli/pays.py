"""`nlp-lstm pays`: what routing unsure answers to something stronger is worth, and costs."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.options import DataFolder

if TYPE_CHECKING:
    from corpora.labels import TurnLabels
    from nlp_lstm.component import Component, Task
    from nlp_lstm.scoring.scores import Table
    from nlp_lstm.training.loop import Watcher
    from nlp_lstm.transformer.paying import Paid

# What is judged: the model that answers, and the corpus whose dev conversations ask.
JUDGED: "dict[Task, tuple[str, str]]" = {
    "entities": ("entities-support", "multidogo"),
    "sentiment": ("sentiment-chat", "goemotions"),
    "states": ("states-multiwoz", "multiwoz21"),
}
NAMED = (
    "a transformer: MiniLM trained on the corpus's train split; both together: its spans and the "
    "LSTM's; a person: simulated, the corpus's own labels"
)


def pays(
    data: DataFolder,
    stronger: Annotated[
        Path,
        typer.Option(
            "--stronger",
            metavar="DIR",
            help="Where the transformers lie; what is not there is trained first.",
        ),
    ] = Path("build/stronger"),
    tasks: Annotated[
        str, typer.Option("--tasks", metavar="TASKS", help="Some of entities, sentiment, states.")
    ] = "entities,sentiment,states",
    turns: Annotated[
        int,
        typer.Option("--turns", metavar="N", min=32, help="How many turns teach a transformer."),
    ] = 30_000,
    judged: Annotated[
        int,
        typer.Option("--judged", metavar="N", min=1, help="At most so many dev conversations."),
    ] = 1_000,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object instead of a table.")
    ] = False,
) -> None:
    """Error and cost of the LSTM alone, of routing 5 to 30 % of turns, of the stronger one alone.

    Stronger are transformers trained here for entities and sentiment (extra `transformer`), and,
    simulated by the corpus's own labels, a person who answers what is routed.
    """
    from pipelines.cli.console import progress, result_console, write_record
    from pipelines.cli.evaluate import aligned
    from pipelines.cli.models import calm_threads

    wanted = _tasks(tasks)
    calm_threads()
    rows: list[Paid] = []
    for task in wanted:
        with progress(f"judging {task}") as counter:
            from pipelines.cli.train import Narrator

            rows += _judge(task, data, stronger, turns, judged, Narrator(counter))
    if as_json:
        from dataclasses import asdict

        import orjson

        told = {
            "judged": [_what(task) for task in wanted],
            "named": NAMED,
            "rows": [asdict(row) for row in rows],
        }
        write_record(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
        return
    console = result_console()
    for task in wanted:
        console.print(_what(task)["told"], soft_wrap=True)
    console.print(NAMED, soft_wrap=True)
    for line in aligned(_table(rows)):
        console.print(line, soft_wrap=True)


def _judge(
    task: "Task", data: Path, stronger: Path, turns: int, most: int, watcher: "Watcher"
) -> "list[Paid]":
    """One task's rows; its transformer is trained where there is none."""
    from nlp_lstm.loading import load_component
    from nlp_lstm.training.data import read_split
    from nlp_lstm.transformer.paying import paid, timed, together
    from pipelines.routing.reasons import confidence_of

    model, corpus = JUDGED[task]
    gold = tuple(read_split(corpus, data, "dev"))
    gold = tuple(random.Random(0).sample(gold, most)) if most < len(gold) else gold
    said, seconds = timed(load_component(model, task=task), corpus, gold)
    others: list[tuple[str, list[list[TurnLabels]], float | None]] = []
    if task != "states":
        better = _transformer(task, corpus, data, stronger, turns, watcher)
        heard, dearer = timed(better, corpus, gold)
        others.append(("a transformer", heard, dearer))
        if task == "entities":
            others.append(("both together", together(said, heard), dearer))
    others.append(("a person", [list(labelled.labels) for labelled in gold], None))
    rows: list[Paid] = []
    for other, answers, cost in others:
        found = paid(
            task,
            gold,
            said,
            answers,
            lambda labels: confidence_of(task, labels),
            other=other,
            seconds=seconds,
            seconds_stronger=cost,
        )
        rows += found[1:] if rows else found
    return rows


def _transformer(
    task: "Task", corpus: str, data: Path, folder: Path, turns: int, watcher: "Watcher"
) -> "Component":
    from nlp_lstm.loading import load_component
    from nlp_lstm.transformer.training import train_transformer

    model = folder / f"{task}-{corpus}"
    if not (model / "config.json").is_file():
        train_transformer(
            task,
            corpus,
            data,
            model,
            turns=turns,
            seed=1,
            watcher=watcher,
        )
    return load_component(model, task=task)


def _what(task: "Task") -> dict[str, str]:
    from nlp_lstm.transformer.paying import figure

    model, corpus = JUDGED[task]
    told = f"{task}: {model} on {corpus} dev, error = 1 - {figure(task)}"
    return {"task": task, "model": model, "corpus": corpus, "told": told}


def _table(rows: "Sequence[Paid]") -> "Table":
    from nlp_lstm.scoring.scores import Table

    columns = ("", "error", "by chance", "seconds per 1,000 turns", "answers of the other")
    return Table(
        "It pays",
        columns,
        tuple(
            (
                f"{row.task}, {row.way}",
                row.error,
                "" if row.at_random is None else row.at_random,
                "a person's" if row.seconds is None else f"{row.seconds:.2f}",
                f"{row.answers:,.0f}",
            )
            for row in rows
        ),
    )


def _tasks(asked: str) -> "list[Task]":
    named = list(dict.fromkeys(name.strip() for name in asked.split(",")))
    unknown = [name for name in named if name not in JUDGED]
    if unknown:
        raise typer.BadParameter(
            f"{unknown[0]!r} is none of {', '.join(JUDGED)}", param_hint="--tasks"
        )
    return [task for task in JUDGED if task in named]
