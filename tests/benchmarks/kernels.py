"""What compiled kernels are worth: models with them, in both precisions, beside PyTorch and NumPy.

    python -m tests.benchmarks.kernels [--data FOLDER] [--rounds 5]

A ratio is taken inside each round, of processor time, and the median over rounds is printed.
"""

import argparse
import gc
import statistics
from pathlib import Path

from rich.console import Console
from rich.table import Table

from corpora.conversation import Conversation
from nlp_lstm.loading import load_component
from nlp_lstm.native.precision import set_kernels, set_precision
from pipelines.calm import calm_torch
from pipelines.pipeline import ConversationPipeline
from tests.benchmarks.chats import chats
from tests.benchmarks.systems import ALONE, MODELS, Ours

WITHOUT = "without"
WAYS = (WITHOUT, "float32", "auto")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with multiwoz2.1 and meld")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--conversations", type=int, default=200)
    options = parser.parse_args()
    calm_torch()
    pool = chats(options.data)[-options.conversations :]
    systems = {way: _systems(way, pool) for way in WAYS}
    gc.collect()
    gc.freeze()
    names = list(systems[WITHOUT])
    batches: dict[tuple[str, str], list[float]] = {(w, n): [] for w in WAYS for n in names}
    alone: dict[tuple[str, str], list[float]] = {(w, n): [] for w in WAYS for n in names}
    for lap in range(options.rounds):
        for name in names:
            for way in WAYS:
                _choose(way)
                system = systems[way][name]
                batches[way, name].append(system.at_once(pool))
                took = system.one_by_one(pool[4 * lap : 4 * lap + 4])
                alone[way, name].append(statistics.median(took))
    table = Table(title="times as fast with kernels as without")
    for column in ("what", "precision", "many turns at once", "one turn at a time, p50"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for name in names:
        for way in WAYS[1:]:
            ratios = (
                statistics.median(
                    a / b for a, b in zip(took[WITHOUT, name], took[way, name], strict=True)
                )
                for took in (batches, alone)
            )
            table.add_row(name, way, *(f"{ratio:.2f}" for ratio in ratios))
    Console(width=90).print(table)


def _systems(way: str, pool: list[Conversation]) -> dict[str, Ours]:
    """Each model and all three together, used once so that they keep what they read with."""
    _choose(way)
    models = {name: load_component(name) for name in (*MODELS.values(), *ALONE)}
    three = ConversationPipeline([models[name] for name in MODELS.values()])
    systems = {name: Ours(model) for name, model in models.items()} | {"all three": Ours(three)}
    for system in systems.values():
        system.at_once(pool)
        system.one_by_one(pool[:2])
    return systems


def _choose(way: str) -> None:
    set_kernels(way != WITHOUT)
    set_precision("auto" if way == "auto" else "float32")


if __name__ == "__main__":
    main()
