"""`nlp-lstm stream`: turns in, annotations out, one line each, while people are still talking."""

from typing import Annotated

import typer

from pipelines.cli.options import (
    Computing,
    Entities,
    PolicyFile,
    QueueFile,
    Redact,
    RedactFrom,
    RedactLabels,
    RedactMap,
    Sentiment,
    States,
    Without,
)


def stream(
    states: States = None,
    entities: Entities = None,
    sentiment: Sentiment = None,
    without: Without = None,
    backend: Computing = "auto",
    policy: PolicyFile = None,
    queue: QueueFile = None,
    redact: Redact = False,
    redact_map: RedactMap = None,
    redact_labels: RedactLabels = None,
    redact_from: RedactFrom = 0.0,
    remember: Annotated[
        int,
        typer.Option(
            "--remember",
            metavar="N",
            min=1,
            help="Conversations kept in mind; beyond that the longest silent one is forgotten,"
            " and its next turn is read as a first one.",
        ),
    ] = 2000,
) -> None:
    """Annotate turns as they come: JSON Lines on stdin, one annotation a line on stdout.

    A line in: {"conversation": "c-1", "speaker": "Ana", "role": "customer", "text": "..."};
    only the text is needed; "time": "2026-03-05T17:30" lets relative dates be read. A line that
    cannot be read is answered by {"error": ..., "line": ...}. A line {"conversation": "c-1",
    "case": "...", "answer": ...} brings a route's answer into the earlier turn that it is about.
    """
    import sys
    from contextlib import ExitStack

    from pipelines.cli.forgetting import tell_once
    from pipelines.cli.models import chosen_models, load_pipeline, quick_start
    from pipelines.cli.redacting import check_labels, chosen_redaction, labels_of

    models = chosen_models(states, entities, sentiment, without)
    redaction = chosen_redaction(redact, redact_map, redact_labels, redact_from)
    with quick_start():
        from pipelines.pipeline import reason_of
        from pipelines.redaction import MappingFile, Redactor, discretion
        from pipelines.redaction.discreet import discreet
        from pipelines.routing import Policy, Router
        from pipelines.serving.delivering import into_queue
        from pipelines.serving.lines import answer_lines
        from pipelines.serving.live import LiveConversations

        rules = Policy.load(policy) if policy is not None else Policy()
        pipeline = load_pipeline(models, backend)
    with ExitStack() as stack:
        redactor = mapping = None
        if redaction is not None:
            check_labels(redaction, labels_of(pipeline))
            redactor = Redactor.of(redaction, pipeline)
            if redact_map is not None:
                mapping = stack.enter_context(MappingFile(redact_map))
            stack.enter_context(discretion())
        conversations = LiveConversations(
            pipeline,
            Router(rules, pipeline.components.values()),
            remember=remember,
            redactor=redactor,
            mapping=mapping,
            deliver=into_queue(queue) if queue is not None else None,
            # What a route says later; see `pipelines.serving.late.Merging`.
            merging=None,
            forgotten=tell_once(remember),
        )
        told = reason_of if redaction is None else discreet
        failed = answer_lines(sys.stdin.buffer, sys.stdout.buffer, conversations, told)
    raise typer.Exit(1 if failed else 0)
