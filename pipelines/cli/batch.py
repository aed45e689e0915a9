"""`nlp-lstm batch`: many transcripts, with worker processes, resumable."""

from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipelines.cli.options import (
    AnswersFile,
    Columns,
    Entities,
    Format,
    PolicyFile,
    QueueFile,
    Redact,
    RedactFrom,
    RedactLabels,
    RedactMap,
    Roles,
    Sentiment,
    States,
    Without,
    pairs,
)

# Failures told on stderr; errors.jsonl names them all.
MOST_TOLD = 20


def batch(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT", help="Folders, files, archives, globs, Parquet, saved datasets."
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder that the results go to.")
    ],
    format: Format = "auto",
    columns: Columns = None,
    roles: Roles = None,
    states: States = None,
    entities: Entities = None,
    sentiment: Sentiment = None,
    without: Without = None,
    policy: PolicyFile = None,
    queue: QueueFile = None,
    answers: AnswersFile = None,
    redact: Redact = False,
    redact_map: RedactMap = None,
    redact_labels: RedactLabels = None,
    redact_from: RedactFrom = 0.0,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            metavar="N",
            min=0,
            help="Processes; left out, one a core; 0: none besides.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where the same batch was stopped.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Start over whatever lies in DIR; with --resume: go on although inputs have"
            " changed.",
        ),
    ] = False,
    parquet: Annotated[
        bool, typer.Option("--parquet", help="Records as Parquet instead of JSON Lines.")
    ] = False,
    shard: Annotated[
        int | None,
        typer.Option(
            "--shard", metavar="N", min=1, help="Conversations a file of records; else one file."
        ),
    ] = None,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option("--engine", help="Processes of this machine, or Ray Data (extra `ray`)."),
    ] = "local",
    ray_address: Annotated[
        str | None,
        typer.Option(
            "--ray-address",
            metavar="ADDRESS",
            help="A Ray cluster that runs already, as host:port or auto; else one of this machine.",
        ),
    ] = None,
) -> None:
    """Annotate folders of transcripts with a process a core, resumable."""
    from contextlib import nullcontext

    from pipelines.cli.models import chosen_models
    from pipelines.cli.redacting import check_labels, chosen_redaction

    models = chosen_models(states, entities, sentiment, without)
    redaction = chosen_redaction(redact, redact_map, redact_labels, redact_from)
    named, told = pairs(columns, "--map"), pairs(roles, "--role")
    from nlp_lstm.loading import load_component
    from pipelines.batch import annotate_files
    from pipelines.cli.console import progress, say
    from pipelines.cli.models import calm_threads, check_tasks, stored_labels
    from pipelines.cli.policies import load_policy
    from pipelines.cli.routes import open_routes_of
    from pipelines.redaction import discretion
    from pipelines.routes import Vocabulary

    rules = load_policy(policy, models)
    calm_threads()
    check_tasks(models)
    if redaction is not None and redaction.labels:
        check_labels(redaction, stored_labels(models.get("entities")))
    careful = nullcontext() if redaction is None else discretion()
    words = Vocabulary.of(map(load_component, models.values())) if rules.routes else Vocabulary()
    kept = answers or out.with_name(f"{out.name}.answers.jsonl")
    opened = open_routes_of(rules, words, queue, kept)
    with progress("annotating") as counter, careful, opened as routes:
        try:
            report = annotate_files(
                inputs,
                out=out,
                models=list(models.values()),
                workers=workers,
                policy=rules,
                queue=routes or queue,
                redaction=redaction,
                mapping=redact_map,
                engine=engine,
                ray_address=ray_address,
                resume=resume,
                force=force,
                shard=shard,
                form="parquet" if parquet else "jsonl",
                format=format,
                columns=named,
                roles=told,
                progress=lambda done: counter.now(
                    f"{done.conversations:,} conversations, {done.turns:,} turns"
                ),
            )
        except ValueError as error:  # a format, column or role that does not exist, say
            raise typer.BadParameter(str(error)) from error
    counts = report.counts
    say(
        f"{counts.conversations:,} conversations, {counts.turns:,} turns,"
        f" {counts.cases:,} answers routed, {counts.failed:,} failed, {report.seconds:.1f} s"
    )
    if report.is_interrupted:
        say(f"interrupted: the same command with --resume goes on, from what {out} holds")
    for line in failures(out, MOST_TOLD):
        say(line)
    if counts.failed > MOST_TOLD:
        say(f"and {counts.failed - MOST_TOLD:,} more in {out / 'errors.jsonl'}")
    for file in report.files:
        typer.echo(file)
    raise typer.Exit(report.exit_code)


def failures(out: Path, most: int) -> list[str]:
    """The first documents that failed, as they are told on stderr."""
    import orjson

    place = out / "errors.jsonl"
    if not place.is_file():
        return []
    with place.open("rb") as lines:
        told = [orjson.loads(line) for line in islice(lines, most)]
    return [
        failure["reason"]
        if str(failure["reason"]).startswith(str(failure["source"]))
        else f"{failure['source'] or failure['conversation']}: {failure['reason']}"
        for failure in told
    ]
