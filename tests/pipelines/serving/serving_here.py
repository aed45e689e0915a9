"""A real service on loopback; its models are ones whose answers can be worked out by hand."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import httpx

from pipelines.annotation import reason_of
from pipelines.pipeline import ConversationPipeline
from pipelines.redaction import Redaction
from pipelines.redaction.discreet import discreet
from pipelines.routing import Policy
from pipelines.serving.limits import Limits
from pipelines.serving.metrics import Metrics
from pipelines.serving.opening import Keeping, open_conversations
from pipelines.serving.run import Place, serve
from tests.pipelines.fakes import fake_pipeline

SURE = Policy.model_validate({task: {"least_confidence": 0.0} for task in ("states", "sentiment")})


@contextmanager
def served(
    *,
    pipeline: ConversationPipeline | None = None,
    limits: Limits | None = None,
    token: str | None = None,
    keeping: Keeping | None = None,
    policy: Policy = SURE,
    queue: Path | None = None,
    redaction: Redaction | None = None,
    later: Any = None,
) -> Iterator[httpx.Client]:
    """A client of a service that runs until the block ends."""
    started: Queue[Any] = Queue()

    def run() -> None:
        try:
            metrics = Metrics()
            with open_conversations(
                pipeline or fake_pipeline(),
                policy,
                keeping or Keeping(100),
                redaction=redaction,
                queue=queue,
                deliver=None if later is None else later.deliver,
                forgotten=metrics.forgotten,
            ) as conversations:
                serve(
                    conversations,
                    Place("127.0.0.1", 0, token),
                    limits or Limits(),
                    metrics,
                    version="1",
                    told=reason_of if redaction is None else discreet,
                    later=later,
                    ready=lambda *asked: started.put(asked),
                )
        except BaseException as error:
            started.put(error)
            raise

    thread = Thread(target=run, daemon=True)
    thread.start()
    ready = started.get(timeout=60)
    if isinstance(ready, BaseException):
        raise ready
    address, stop = ready
    try:
        with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
            yield client
    finally:
        stop()
        thread.join(timeout=60)
        assert not thread.is_alive()


def say(client: httpx.Client, text: str, name: str = "c-1", **more: Any) -> httpx.Response:
    """Send a turn."""
    return client.post(f"/v1/conversations/{name}/turns", json={"text": text, **more})


def states(answers: Sequence[httpx.Response]) -> list[dict[str, str]]:
    """The belief states of answers."""
    return [{held["slot"]: held["value"] for held in a.json()["state"]} for a in answers]


def main(folder: str) -> None:
    """Serve in this process, and say where on stdout."""
    metrics = Metrics()
    with open_conversations(fake_pipeline(), SURE, Keeping(100, Path(folder))) as conversations:
        serve(
            conversations,
            Place("127.0.0.1", 0, None),
            Limits(),
            metrics,
            version="1",
            told=reason_of,
            ready=lambda address, _: print(address, flush=True),
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
