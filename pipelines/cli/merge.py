"""`nlp-lstm merge`: what people and other models said about cases, back into the records."""

from pathlib import Path
from typing import Annotated

import typer

# Beyond that a file is of another kind altogether, and more of the same helps nobody.
MOST_TOLD = 20


def merge(
    records: Annotated[
        Path,
        typer.Argument(metavar="RECORDS", help="Records, or the folder of a batch's results."),
    ],
    answers: Annotated[
        list[Path],
        typer.Argument(
            metavar="ANSWERS",
            help="JSON Lines of answers, or what Label Studio, Argilla or Prodigy exported.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE", help="Where the records go, answers in them; may be RECORDS."
        ),
    ],
    training: Annotated[
        Path | None,
        typer.Option(
            "--training",
            metavar="FILE",
            help="Also write what was answered as labelled chats, for `train`.",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="MODEL",
            help="A model that is not shipped, or a schema's TOML file: answers are checked against"
            " its labels and slots too.",
        ),
    ] = None,
    new_words: Annotated[
        bool,
        typer.Option(
            "--new-words",
            help="Let answers use labels, slots and values that the models do not know.",
        ),
    ] = False,
) -> None:
    """Bring answers to routed cases back into the records that they are about.

    An answer that does not fit its case, the turn's text or the model's labels and slots is
    refused, by file and line; the others are brought in. Of two answers to a case the first is
    kept.
    """
    from corpora.errors import InputError
    from nlp_lstm.loading import load_component
    from pipelines.cli.console import say
    from pipelines.routes.bringing import Answers, merge_files
    from pipelines.routes.reading import read_answers

    told = 0

    def tell(error: InputError) -> None:
        nonlocal told
        told += 1
        if told <= MOST_TOLD:
            say(str(error))

    own = [load_component(name) for name in model or ()]
    brought = Answers(tell)
    for path in answers:
        for answer in read_answers(path, brought.refuse):
            brought.add(answer)
    merged = merge_files(records, brought, out, new_words=new_words, own=own)
    if told > MOST_TOLD:
        say(f"and {told - MOST_TOLD:,} more")
    say(
        f"{merged.answers:,} answers brought into {merged.records:,} records;"
        f" {merged.refused:,} refused, {merged.second:,} second ones, {merged.repeated:,} known"
        f" before; {merged.open:,} of {merged.cases:,} cases are open"
    )
    typer.echo(out)
    if training is not None:
        _write_training(out, training)
    raise typer.Exit(1 if merged.refused or merged.second else 0)


def _write_training(records: Path, path: Path) -> None:
    from corpora.labelled import write_labelled
    from pipelines.cli.console import say
    from pipelines.record_forms import read_records
    from pipelines.routes.training import training_conversations

    written = write_labelled(training_conversations(read_records(records)), path)
    say(f"{written:,} labelled chats")
    typer.echo(path)
