"""`nlp-lstm analyze`: transcripts in, the analysed conversations out, for people or as records."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipelines.cli.options import (
    AnswersFile,
    Columns,
    Computing,
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
    Strict,
    Without,
    pairs,
)


def analyze(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Files, folders or archives; - is stdin."),
    ],
    format: Format = "auto",
    columns: Columns = None,
    roles: Roles = None,
    states: States = None,
    entities: Entities = None,
    sentiment: Sentiment = None,
    without: Without = None,
    backend: Computing = "auto",
    policy: PolicyFile = None,
    queue: QueueFile = None,
    answers: AnswersFile = None,
    redact: Redact = False,
    redact_map: RedactMap = None,
    redact_labels: RedactLabels = None,
    redact_from: RedactFrom = 0.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Records on stdout instead of the view.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="PLACE",
            help="Also write the records: to a .jsonl, or a folder of them.",
        ),
    ] = None,
    strict: Strict = False,
    layout: Annotated[
        Literal["auto", "table", "lines"],
        typer.Option("--layout", help="How the view is laid out."),
    ] = "auto",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no view.")] = False,
) -> None:
    """Annotate transcripts, and route the answers that should not be trusted."""
    from contextlib import ExitStack
    from functools import partial

    from pipelines.cli.console import progress, say
    from pipelines.cli.documents import Documents
    from pipelines.cli.models import chosen_models, load_pipeline, quick_start, suited_backend
    from pipelines.cli.redacting import check_labels, chosen_redaction, labels_of
    from pipelines.cli.results import RecordFiles

    models = chosen_models(states, entities, sentiment, without)
    redaction = chosen_redaction(redact, redact_map, redact_labels, redact_from)
    documents = Documents(
        files, format=format, columns=pairs(columns, "--map"), roles=pairs(roles, "--role")
    )
    with ExitStack() as stack:
        written = stack.enter_context(RecordFiles(out, files)) if out is not None else None
        shows_view = not (as_json or quiet)
        # A spinner and a view on one terminal would overwrite each other.
        spins = not (shows_view and sys.stdout.isatty())
        counter = stack.enter_context(progress("loading models", enabled=spins))
        with quick_start():
            # Only now, so that wrong usage is told before what models need is imported.
            from pipelines.cli import outlets
            from pipelines.cli.analysis import analyse
            from pipelines.cli.policies import load_policy
            from pipelines.cli.routes import open_routes_of
            from pipelines.routing import Router

            rules = load_policy(policy, models)
            pipeline = load_pipeline(models, suited_backend(backend, files))
        router = Router(rules, pipeline.components.values())
        wanted = [outlets.counted(counter)]
        if written is not None:
            wanted.append(outlets.into_files(written))
        routes = stack.enter_context(
            open_routes_of(rules, pipeline.components.values(), queue, answers)
        )
        if queue is not None and routes is None:
            wanted.append(outlets.into_queue(queue))
        if as_json:
            wanted.append(outlets.to_stdout())
        elif shows_view:
            wanted.append(outlets.as_view(layout))
        redact_one = None
        if redaction is not None:
            # Here: this, too, takes its time to import.
            from pipelines.redaction import MappingFile, Redactor, discretion, redacted_into
            from pipelines.redaction.discreet import discreet

            check_labels(redaction, labels_of(pipeline))
            kept = None if redact_map is None else stack.enter_context(MappingFile(redact_map))
            redact_one = partial(redacted_into, Redactor.of(redaction, pipeline), kept)
            documents.tell_errors_as(discreet)
            stack.enter_context(discretion())
        analyse(documents, pipeline, router, wanted, redact_one, routes)
    if written is not None:
        for place in written.written:
            say(f"records: {place}")
    raise typer.Exit(documents.exit_code(strict=strict))
