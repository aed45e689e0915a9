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
    from pipelines.cli.models import chosen_models, load_pipeline, quick_start
    from pipelines.cli.redacting import check_labels, chosen_redaction, labels_of

    models = chosen_models(states, entities, sentiment, without)
    redaction = chosen_redaction(redact, redact_map, redact_labels, redact_from)
    with quick_start():
        from pipelines.cli.policies import load_policy
        from pipelines.cli.routes import open_later, tell_routes
        from pipelines.pipeline import reason_of
        from pipelines.redaction.discreet import discreet
        from pipelines.routes import Vocabulary
        from pipelines.serving.lines import answer_lines
        from pipelines.serving.opening import Keeping, open_conversations

        rules = load_policy(policy, models)
        pipeline = load_pipeline(models, backend)
        words = Vocabulary.of(pipeline.components.values())
        later = open_later(rules, words, queue, answers)
    if redaction is not None:
        check_labels(redaction, labels_of(pipeline))
    with open_conversations(
        pipeline,
        rules,
        Keeping(remember, state_dir, keep),
        redaction=redaction,
        mapping=redact_map,
        queue=queue,
        deliver=None if later is None else later.deliver,
        forgotten=tell_once(remember if state_dir is None else keep, state_dir),
    ) as conversations:
        told = reason_of if redaction is None else discreet
        failed = answer_lines(sys.stdin.buffer, sys.stdout.buffer, conversations, told, later)
    tell_routes(later)
    raise typer.Exit(1 if failed else 0)
