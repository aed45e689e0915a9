"""`nlp-lstm stream`: turns in, annotations out, one line each, while people are still talking."""

from typing import Annotated

import typer

from pipelines.cli.options import (
    Entities,
    PolicyFile,
    QueueFile,
    Sentiment,
    States,
    Without,
)


def stream(
    states: States = None,
    entities: Entities = None,
    sentiment: Sentiment = None,
    without: Without = None,
    policy: PolicyFile = None,
    queue: QueueFile = None,
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
    only the text is needed. A line that cannot be read is answered by {"error": ..., "line": ...}.
    """
    import sys

    from pipelines.cli.models import chosen_models, load_pipeline, quick_start

    models = chosen_models(states, entities, sentiment, without)
    with quick_start():
        from pipelines.cli.live import LiveConversations, answer_lines
        from pipelines.queues import JsonLinesQueue
        from pipelines.routing import Policy, Router

        rules = Policy.load(policy) if policy is not None else Policy()
        pipeline = load_pipeline(models)
    conversations = LiveConversations(
        pipeline, Router(rules, pipeline.components.values()), remember=remember
    )
    waiting = JsonLinesQueue(queue) if queue is not None else None
    failed = answer_lines(sys.stdin.buffer, sys.stdout.buffer, conversations, waiting)
    raise typer.Exit(1 if failed else 0)
