"""200 conversations at once over HTTP: how long an answer takes, and what memory that needs.

    python -m tests.benchmarks.serving

A real `nlp-lstm serve` in a process of its own, with the shipped models; each of the people sends
a turn, waits for its answer, thinks a while and sends the next. Then the same turns again, sent by
as many without thinking, which measures what the service can do at most. Times are as the sender
sees them. Resident memory is asked of /metrics after each of several rounds of new conversations,
of which only `--remember` are kept: it must not grow with their number.
"""

import argparse
import asyncio
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from corpora.conversation import Conversation
from tests.benchmarks.chats import chats, one_long_chat

MIB = 1024 * 1024


@dataclass(slots=True)
class Seen:
    """What the senders saw.

    Attributes:
        seconds: Of each answer.
        wrong: Answers that were none.
    """

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def row(self, what: str, took: float) -> str:
        """What was seen, as a line."""
        hundredths = statistics.quantiles(self.seconds, n=100)
        return (
            f"{what:<28} {len(self.seconds):>7,} answers  {len(self.wrong)} errors"
            f"  p50 {hundredths[49] * 1e3:7.1f} ms  p95 {hundredths[94] * 1e3:7.1f} ms"
            f"  p99 {hundredths[98] * 1e3:7.1f} ms  {len(self.seconds) / took:6.0f} turns/s"
        )


@contextmanager
def service(arguments: Sequence[str]) -> Iterator[str]:
    """A service's address, while it runs."""
    command = [sys.executable, "-c", "from pipelines.cli.app import main; main()", "serve"]
    with subprocess.Popen(
        [*command, "--port", "0", *arguments], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        address = re.search(r"http://\S+:\d+", said)
        if address is None:
            raise SystemExit(said + process.stderr.read())
        try:
            yield address[0]
        finally:
            process.terminate()
            print(f"stopped with {process.wait(timeout=60)}")


async def talk(
    client: httpx.AsyncClient, name: str, texts: Sequence[str], pause: float, seen: Seen
) -> None:
    """One person's turns, each after the answer to the one before."""
    chance = random.Random(name)
    for index, text in enumerate(texts):
        if pause:
            await asyncio.sleep(chance.expovariate(1 / pause))
        began = time.perf_counter()
        try:
            answer = await client.post(
                f"/v1/conversations/{name}/turns",
                json={"text": text, "role": "customer", "index": index},
            )
        except httpx.TransportError as error:
            seen.wrong.append(f"{type(error).__name__}: {error}")
            continue
        seen.seconds.append(time.perf_counter() - began)
        if answer.status_code != 200 or answer.json()["index"] != index:
            seen.wrong.append(answer.text[:200])


async def everybody(
    address: str, round_: int, talks: Sequence[Sequence[str]], pause: float
) -> tuple[Seen, float]:
    """All conversations at once."""
    seen = Seen()
    limits = httpx.Limits(max_connections=len(talks), max_keepalive_connections=len(talks))
    async with httpx.AsyncClient(
        base_url=address, timeout=120, limits=limits, trust_env=False
    ) as client:
        began = time.perf_counter()
        await asyncio.gather(
            *(
                talk(client, f"r{round_}-c{number}", texts, pause, seen)
                for number, texts in enumerate(talks)
            )
        )
        return seen, time.perf_counter() - began


def resident(address: str) -> float:
    """Memory of the service, in MiB."""
    counters = httpx.get(f"{address}/metrics", trust_env=False).text
    found = re.search(r"^process_resident_memory_bytes (\S+)", counters, re.MULTILINE)
    assert found is not None
    return float(found[1]) / MIB


def main() -> None:
    """Measure, and print a line for each way of asking."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with multiwoz2.1 and meld")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--pause", type=float, default=20.0, help="seconds between turns, mean")
    parser.add_argument("--rounds", type=int, default=5, help="of new conversations")
    parser.add_argument("--remember", type=int, default=400)
    parser.add_argument("--stored", action="store_true", help="with --state-dir")
    parser.add_argument("--backend", default="auto")
    options = parser.parse_args()
    pool = chats(options.data)
    talks = [_texts(pool, number, options.turns) for number in range(options.people)]
    with tempfile.TemporaryDirectory() as folder:
        stored = ["--state-dir", str(Path(folder) / "state")] if options.stored else []
        arguments = ["--remember", str(options.remember), "--backend", options.backend, *stored]
        with service(arguments) as address:
            print(f"{options.people} at once, {options.turns} turns each, {' '.join(arguments)}")
            print(f"resident at the start: {resident(address):.0f} MiB")
            wrong = _measure(address, talks, options)
    raise SystemExit(1 if wrong else 0)


def _measure(address: str, talks: Sequence[Sequence[str]], options: Any) -> list[str]:
    wrong: list[str] = []
    if options.pause:
        seen, took = asyncio.run(everybody(address, 0, talks, options.pause))
        print(seen.row(f"a turn every {options.pause:g} s", took))
        wrong += seen.wrong
    for round_ in range(1, options.rounds + 1):
        seen, took = asyncio.run(everybody(address, round_, talks, 0))
        print(seen.row(f"without a pause, round {round_}", took), end="")
        print(f"  resident {resident(address):.0f} MiB", flush=True)
        wrong += seen.wrong
    for one in wrong[:5]:
        print(one, file=sys.stderr)
    return wrong


def _texts(pool: Sequence[Conversation], number: int, turns: int) -> list[str]:
    # Each starts elsewhere, so that a place does not mean one text.
    start = number * 7 % len(pool)
    return [turn.text for turn in one_long_chat([*pool[start:], *pool[:start]], turns).turns]


if __name__ == "__main__":
    main()
