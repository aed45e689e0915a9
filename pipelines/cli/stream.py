"""`nlp-lstm stream`: turns in, annotations out, one line each, while people are still talking."""

import typer

from pipelines.cli.options import (
    AnswersFile,
    Computing,
    Entities,
    Keep,
    PolicyFile,
    QueueFile,
    Redact,
    RedactFrom,
    RedactLabels,
    RedactMap,
    Remember,
    Sentiment,
    StateFolder,
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
    answers: AnswersFile = None,
    redact: Redact = False,
    redact_map: RedactMap = None,
    redact_labels: RedactLabels = None,
    redact_from: RedactFrom = 0.0,
    remember: Remember = 2000,
    state_dir: StateFolder = None,
    keep: Keep = 20_000,
) -> None:
    """Annotate turns as they come: JSON Lines on stdin, one annotation a line on stdout.

    A line in: {"conversation": "c-1", "speaker": "Ana", "role": "customer", "text": "..."};
    only the text is needed; "time": "2026-03-05T17:30" lets relative dates be read, and "index": 0
    says which turn it is, so that one sent twice is not read twice. A line that cannot be read is
    answered by {"error": ..., "line": ...}. A line {"conversation": "c-1", "case": "...",
    "answer": ...} brings a route's answer into the earlier turn that it is about; {"conversation":
    "c-1", "forget": true} ends a conversation.
    """
    import sys

    from pipelines.cli.forgetting import tell_once
    from pipelines.cli.models import chosen_models, quick_start
    from pipelines.cli.redacting import chosen_redaction

    models = chosen_models(states, entities, sentiment, without)
    redaction = chosen_redaction(redact, redact_map, redact_labels, redact_from)
    with quick_start():
        from pipelines.cli.console import DataOutput
        from pipelines.cli.live import Hidden, Routed, open_live
        from pipelines.serving.lines import answer_lines
        from pipelines.serving.opening import Keeping
    with open_live(
        models,
        backend,
        Keeping(remember, state_dir, keep),
        Routed(policy, queue, answers),
        Hidden(redaction, redact_map),
        tell_once(remember if state_dir is None else keep, state_dir),
    ) as live:
        failed = answer_lines(
            sys.stdin.buffer, DataOutput(), live.conversations, live.told, live.later
        )
    raise typer.Exit(1 if failed else 0)
