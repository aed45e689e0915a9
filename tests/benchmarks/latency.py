"""Milliseconds a turn in a stream: of the tracker alone, and of all three by place in the chat.

    python -m tests.benchmarks.latency [--data FOLDER] [--chats 20] [--backend onnx]

Long chats are stepped side by side, turn by turn, so that early and late turns of different chats
are timed in the same minute. CPU time is printed too, and how fast this processor
multiplies matrices meanwhile: on a busy machine both tell more than a clock.
"""

import argparse
import gc
import statistics
import time
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from corpora.conversation import Conversation
from nlp_lstm.loading import BACKENDS, Backend, load_component
from pipelines.calm import calm_torch
from pipelines.pipeline import ConversationPipeline
from tests.benchmarks.chats import chats, one_long_chat
from tests.benchmarks.systems import MODELS

TURNS = 201
PLACES = (3, 50, 100, 200)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with multiwoz2.1 and meld")
    parser.add_argument("--chats", type=int, default=20)
    parser.add_argument("--backend", choices=BACKENDS, default="torch")
    options = parser.parse_args()
    calm_torch()
    _time_tracker(chats(options.data)[: options.chats], options.backend)
    pipeline = ConversationPipeline.load(list(MODELS.values()), backend=options.backend)
    pool = chats(options.data)
    gc.collect()
    gc.freeze()
    took: list[list[float]] = [[] for _ in range(TURNS)]
    computed: list[list[float]] = [[] for _ in range(TURNS)]
    sizes: list[list[int]] = [[] for _ in range(TURNS)]
    for number in range(options.chats):
        # Each chat starts elsewhere, so that a place does not mean one text.
        shifted = pool[number * 7 % len(pool) :] + pool[: number * 7 % len(pool)]
        memory = pipeline.start()
        for place, turn in enumerate(one_long_chat(shifted, TURNS).turns):
            started, cpu = time.perf_counter(), time.thread_time()
            _, memory = pipeline.step(memory, turn)
            took[place].append(1000 * (time.perf_counter() - started))
            computed[place].append(1000 * (time.thread_time() - cpu))
            if place in PLACES:
                sizes[place].append(len(memory.to_bytes()))
    _print(took, computed, sizes)


def _time_tracker(pool: list[Conversation], backend: Backend) -> None:
    """Step through chats turn by turn, twice, and print the second time's customer turns."""
    tracker = load_component(MODELS["states"], backend=backend)
    gc.collect()
    for _ in range(2):
        clock: list[float] = []
        cpu: list[float] = []
        for chat in pool:
            memory = tracker.start()
            for turn in chat.turns:
                started = time.perf_counter(), time.thread_time()
                _, memory = tracker.step(memory, turn)
                if turn.role != "agent":  # whose turns wait for the customer's
                    clock.append(1000 * (time.perf_counter() - started[0]))
                    cpu.append(1000 * (time.thread_time() - started[1]))
    table = Table(title=f"milliseconds a customer turn, {tracker.name} alone")
    for column in ("time", "p50", "p99"):
        table.add_column(column, justify="left" if column == "time" else "right")
    for name, took in (("clock", sorted(clock)), ("CPU", sorted(cpu))):
        late = took[min(len(took) - 1, int(0.99 * len(took)))]
        table.add_row(name, f"{statistics.median(took):.2f}", f"{late:.2f}")
    Console(width=80).print(table)
    print(f"matrices meanwhile: {_gflops():.0f} GFLOP a CPU-second")


def _gflops() -> float:
    matrix = torch.randn(1024, 1024)
    best = 0.0
    for _ in range(5):
        started = time.thread_time()
        matrix @ matrix
        best = max(best, 2 * 1024**3 / (time.thread_time() - started) / 1e9)
    return best


def _print(took: list[list[float]], computed: list[list[float]], sizes: list[list[int]]) -> None:
    table = Table(title="milliseconds a turn, all three components")
    for column in ("around turn", "p50", "p99", "CPU p50", "memory, KiB"):
        table.add_column(column, justify="right")
    middles = {}
    for place in PLACES:
        # A few neighbours: customers' and agents' turns alternate and cost differently.
        near = sorted(ms for turn in took[max(1, place - 2) : place + 3] for ms in turn)
        middles[place] = statistics.median(near)
        late = near[min(len(near) - 1, int(0.99 * len(near)))]
        size = statistics.mean(sizes[place]) / 1024
        cpu = statistics.median(
            ms for turn in computed[max(1, place - 2) : place + 3] for ms in turn
        )
        table.add_row(
            str(place), f"{middles[place]:.2f}", f"{late:.2f}", f"{cpu:.2f}", f"{size:.0f}"
        )
    Console(width=80).print(table)
    print(f"p50 at turn 200 / at turn 3: {middles[200] / middles[3]:.2f}")


if __name__ == "__main__":
    main()
