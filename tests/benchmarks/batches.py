"""What `batch` is measured by: workers, memory, resuming, Ray.

    python -m tests.benchmarks.batches [workers] [memory] [resume] [ray] [--conversations 2000]

- workers: conversations a second with two worker processes to with one; meant: 1.8 times.
- memory: the highest resident memory of a whole batch of 1,000 and of 200,000 conversations;
  meant: within 50 MB. What annotates is light, so that it ends within minutes.
- resume: of a batch that is killed nine times at random moments, the turns a kill that had been
  handed to the workers and were not yet safe, so at most these are done again; meant: less than
  1 %. They are as many however large the batch is, so this one is of 40,000 conversations.
- ray: conversations a second over Ray Data to those of local processes, both with two workers
  and measured from the first results on, Ray's own start excluded; meant: 0.9.

The first, third and fourth need two idle cores: elsewhere the ratios say how busy they are.
"""

import argparse
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import cast

import orjson

from corpora.conversation import Conversation
from corpora.labels import TurnLabels
from nlp_lstm.component import Component, Memory, Task
from pipelines.batch import LoadPipeline, Output, annotate_inputs
from pipelines.chunks import Chunk, Done, Engine, Feed, MakePipeline, Work
from pipelines.inputs import Reading
from pipelines.pipeline import ConversationPipeline
from pipelines.ray_engine import OverRay
from pipelines.results import Counts
from pipelines.routing import Policy
from pipelines.workers import Processes
from tests.benchmarks.chats import chats, endless
from tests.benchmarks.systems import MODELS

FEW, MANY = 1_000, 200_000
KILLS = 9
MODELS_LOADED = LoadPipeline(tuple(MODELS.values()))


class Light(Component):
    """A component that finds nothing, at once: what is left is reading, records and the disk."""

    task: Task = "entities"
    name = "light"
    fingerprint = "light"
    validated_tokens = 1_000_000

    def start(self) -> Memory:
        """An empty memory."""
        return Memory(self.fingerprint, 0, 0, {}, {})

    def step(self, memory: Memory, turn: object) -> tuple[TurnLabels, Memory]:
        """Nothing."""
        return TurnLabels(entities=()), memory

    def annotate(self, conversations: Sequence[Conversation]) -> list[list[TurnLabels]]:
        """Nothing in any turn."""
        nothing = TurnLabels(entities=())
        return [[nothing] * len(conversation.turns) for conversation in conversations]


def light_pipeline() -> ConversationPipeline:
    """A pipeline that costs nothing."""
    return ConversationPipeline([Light()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measures", nargs="*", default=["workers", "memory", "resume", "ray"])
    parser.add_argument("--data", type=Path, help="folder with multiwoz2.1 and meld")
    parser.add_argument("--conversations", type=int, default=2_000)
    parser.add_argument("--resumed", type=int, default=40_000, help="conversations of `resume`")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)  # of a child of `resume`
    parser.add_argument("--inputs", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.out is not None:
        _child(options.measures[0], options.inputs, options.out)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs = folder / "chats.jsonl"
        written = write_chats(inputs, chats(options.data), options.conversations)
        print(f"{options.conversations:,} conversations, {written:,} turns")
        for measure in options.measures:
            if measure == "workers":
                engines: dict[str, Engine] = {
                    "one worker": Processes(1),
                    "two workers": Processes(2),
                }
                _compare(engines, inputs, folder, options.rounds)
            elif measure == "ray":
                ray_engines: dict[str, Engine] = {"local": Processes(2), "ray": OverRay(2)}
                _compare(ray_engines, inputs, folder, options.rounds)
            elif measure == "memory":
                _memory(folder, chats(options.data))
            elif measure == "resume":
                many = folder / "many.jsonl"
                _resume(many, folder, write_chats(many, chats(options.data), options.resumed))
            else:
                parser.error(f"{measure!r} is none of workers, memory, resume, ray")


def write_chats(path: Path, pool: list[Conversation], count: int) -> int:
    """Write so many conversations as JSON Lines, and say how many turns they have."""
    turns = 0
    with path.open("wb") as file:
        for conversation in islice(endless(pool), count):
            turns += len(conversation.turns)
            said = [
                {"speaker": turn.speaker, "role": turn.role, "text": turn.text}
                for turn in conversation.turns
            ]
            line = {"id": conversation.id, "turns": said}
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    return turns


def run(
    inputs: Path,
    out: Path,
    engine: Engine | None,
    make: MakePipeline,
    progress: Callable[[Counts], None] | None = None,
    *,
    resume: bool = False,
) -> Counts:
    """One batch."""
    output = Output(out, resume=resume, force=not resume)
    work = Work(make, Policy())
    return annotate_inputs(
        [str(inputs)], Reading(), output, work=work, engine=engine, progress=progress
    ).counts


def _compare(engines: dict[str, Engine], inputs: Path, folder: Path, rounds: int) -> None:
    """Turns a second of each engine, in turn, and the ratio of the last to the first."""
    speeds: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name, engine in engines.items():
            marks: list[tuple[float, int]] = []
            run(
                inputs,
                folder / "out",
                engine,
                MODELS_LOADED,
                lambda done, marks=marks: marks.append((time.monotonic(), done.turns)),  # type: ignore[misc]  # bound at once
            )
            # From where every worker has its models and is at work: the fifth piece of it.
            (began, before), (ended, after) = marks[min(4, len(marks) // 4)], marks[-1]
            speeds[name].append((after - before) / (ended - began))
            print(f"{name}: {speeds[name][-1]:,.0f} turns/s", flush=True)
    first, last = speeds
    ratios = sorted(b / a for a, b in zip(speeds[first], speeds[last], strict=True))
    middle = ratios[len(ratios) // 2]
    print(f"{last} to {first}: {middle:.2f} (rounds {ratios[0]:.2f} to {ratios[-1]:.2f})")


def _memory(folder: Path, pool: list[Conversation]) -> None:
    peaks = []
    for count in (FEW, MANY):
        inputs = folder / f"{count}.jsonl"
        write_chats(inputs, pool, count)
        done = _start("memory", inputs, folder / f"out-{count}")
        told, _ = done.communicate()
        peaks.append(int(told.split()[-1]) / 1024)
        print(f"{count:,} conversations: at most {peaks[-1]:,.0f} MiB resident", flush=True)
    print(f"more for {MANY // FEW} times as many: {peaks[1] - peaks[0]:.0f} MiB")


def _resume(inputs: Path, folder: Path, turns: int) -> None:
    out, chance = folder / "killed", random.Random(8)
    run(inputs, folder / "whole", Processes(2), MODELS_LOADED)
    again: list[int] = []
    for number in range(KILLS):
        child = _start("resume", inputs, out)
        _wait(out, int((number + chance.random()) / KILLS * turns), child)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        again.append(int(_handed_out(out).read_text() or 0) - _done(out))
    _start("resume", inputs, out).wait()
    same = (out / "records.jsonl").read_bytes() == (folder / "whole/records.jsonl").read_bytes()
    print(
        f"killed {KILLS} times: {sum(again) / KILLS:,.0f} turns a kill under way and done again,"
        f" {sum(again) / KILLS / turns:.2%} of {turns:,} (most: {max(again) / turns:.2%});"
        f" same bytes: {same}"
    )


def _wait(out: Path, turns: int, child: "subprocess.Popen[str]") -> None:
    while child.poll() is None and _done(out) < turns:
        time.sleep(0.05)


def _done(out: Path) -> int:
    journal = out / "journal.jsonl"
    lines = journal.read_bytes().split(b"\n")[1:-1] if journal.exists() else []
    return int(orjson.loads(lines[-1])["counts"]["turns"]) if lines else 0


def _handed_out(out: Path) -> Path:
    return out.with_suffix(".handed-out")


class Counted:
    """A feed that says in a file how many turns it has given, those of earlier runs included."""

    def __init__(self, feed: Feed, out: Path) -> None:
        self._feed = feed
        self._out = out

    def __iter__(self) -> Iterator[Chunk]:
        given = _done(self._out)
        for chunk in self._feed:
            given += sum(len(conversation.turns) for conversation in chunk.conversations)
            written = self._out.with_suffix(".being-handed-out")
            written.write_text(str(given))
            written.replace(_handed_out(self._out))  # a kill finds the one number or the other
            yield chunk


def _start(measure: str, inputs: Path, out: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.benchmarks.batches", measure]
    return subprocess.Popen(
        [*command, "--inputs", str(inputs), "--out", str(out)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _child(measure: str, inputs: Path, out: Path) -> None:
    if measure == "memory":
        run(inputs, out, None, light_pipeline)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return

    def counted(feed: Feed, work: Work) -> Generator[Done, None, None]:
        return Processes(2)(cast(Feed, Counted(feed, out)), work)

    run(inputs, out, counted, MODELS_LOADED, resume=True)


if __name__ == "__main__":
    main()
