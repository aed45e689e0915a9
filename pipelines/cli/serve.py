"""`nlp-lstm serve`: the same turns and answers as `stream`, over HTTP."""

from importlib.util import find_spec
from typing import Annotated

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

NEEDED = ("fastapi", "uvicorn", "prometheus_client")


def serve(
    host: Annotated[
        str,
        typer.Option(
            "--host",
            help="Where to listen. Anything but this machine itself needs a token in the"
            " environment variable NLP_LSTM_TOKEN.",
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0 takes one that is free.")
    ] = 8080,
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
    most_body: Annotated[
        int,
        typer.Option("--most-body", metavar="BYTES", min=1, help="Largest body of a request."),
    ] = 1024 * 1024,
    most_text: Annotated[
        int, typer.Option("--most-text", metavar="N", min=1, help="Characters of a turn.")
    ] = 100_000,
    most_turns: Annotated[
        int,
        typer.Option("--most-turns", metavar="N", min=1, help="Turns of a transcript, whole."),
    ] = 2000,
    most_waiting: Annotated[
        int,
        typer.Option(
            "--most-waiting",
            metavar="N",
            min=1,
            help="Requests that wait for the models; others are told to come later.",
        ),
    ] = 500,
) -> None:
    """Annotate turns and transcripts over HTTP; what can be asked stands at /docs.

    Stopped by a signal it answers what is under way, and ends with 0.
    """
    from pipelines.cli.models import chosen_models, quick_start
    from pipelines.cli.redacting import chosen_redaction

    _check_installed()
    models = chosen_models(states, entities, sentiment, without)
    redaction = chosen_redaction(redact, redact_map, redact_labels, redact_from)
    with quick_start():
        from pipelines.cli.console import say
        from pipelines.cli.live import Hidden, Routed, open_live
        from pipelines.release import release
        from pipelines.serving.limits import Limits
        from pipelines.serving.metrics import Metrics
        from pipelines.serving.opening import Keeping
        from pipelines.serving.run import Place
        from pipelines.serving.run import serve as run

        place = Place.of(host, port)
    metrics = Metrics()
    with open_live(
        models,
        backend,
        Keeping(remember, state_dir, keep),
        Routed(policy, queue, answers),
        Hidden(redaction, redact_map),
        metrics.forgotten,
    ) as live:
        run(
            live.conversations,
            place,
            Limits(body=most_body, text=most_text, turns=most_turns, waiting=most_waiting),
            metrics,
            version=release() or "0",
            told=live.told,
            later=live.later,
            ready=lambda address, _: say(f"listening on {address}, described at {address}/docs"),
        )
    say("stopped; what was under way is answered")


def _check_installed() -> None:
    from corpora.errors import InputError

    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise InputError(
            "serve",
            found=f"no {', '.join(missing)}",
            expected="the extra `serve`",
            remedy="pip install 'nlp-lstm[serve]'",
        )
