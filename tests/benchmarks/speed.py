"""Speed on one thread, ours beside spaCy's, in one interleaved run.

    python -m tests.benchmarks.speed [--data FOLDER] [--rounds 7]

All is time of the processor. A ratio is taken inside each round, because machines are noisy, and
the median over rounds is printed: of words a second when many turns are given at once, and of the
middle turn's milliseconds when they are given one by one. Last, what each model takes on disk.
"""

import argparse
import gc
import statistics
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.table import Table

from corpora.conversation import Conversation
from nlp_lstm.artefact import find_artefact
from nlp_lstm.native.kernels import find_kernels
from nlp_lstm.text.words import count_words
from pipelines.calm import calm_torch
from pipelines.pipeline import ConversationPipeline
from tests.benchmarks.chats import chats, one_long_chat
from tests.benchmarks.systems import MODELS, Ours, System, our_systems, spacy_systems

BASE = "spaCy ner"
THREE, OUR_THREE = "spaCy ner and two TextCatEnsembles", "all three"
NATIVE_THREE, ONNX_THREE = "all three, native", "all three, ONNX Runtime"
# Ours, spaCy's, and how many times as fast ours is meant to be when many turns are given at once.
MEANT = (
    ("entities-support", BASE, 4.0),
    ("entities-chat", BASE, 3.0),
    ("sentiment-chat", "spaCy TextCatEnsemble", 1.0),
    (OUR_THREE, THREE, 2.0),
)
# The part of spaCy's time that ours is meant to take at most, turn by turn.
MEANT_ALONE = 0.5
EARLY, LATE = 3, 200
MEANT_LATE = 1.2  # times what the early turn takes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with multiwoz2.1 and meld")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--single", type=int, default=6, help="chats a round, turn by turn")
    options = parser.parse_args()
    calm_torch()
    pool = chats(options.data)[-options.conversations :]
    systems = {**spacy_systems(pool), **our_systems()}
    stepping = dict(systems)
    models = list(MODELS.values())
    if find_kernels() is not None:
        stepping[NATIVE_THREE] = Ours(ConversationPipeline.load(models, backend="native"))
    if find_spec("onnxruntime") is not None:
        stepping[ONNX_THREE] = Ours(ConversationPipeline.load(models, backend="onnx"))
    gc.collect()
    gc.freeze()
    for system in stepping.values():
        system.at_once(pool)  # fills caches
    batches: dict[str, list[float]] = {name: [] for name in systems}
    alone: dict[str, list[list[float]]] = {name: [] for name in stepping}
    for lap in range(options.rounds):
        for name, system in systems.items():
            batches[name].append(system.at_once(pool))
        first = lap * options.single % len(pool)
        for name, system in stepping.items():
            alone[name].append(system.one_by_one(pool[first : first + options.single]))
    _print_batches(batches, pool)
    _print_alone(alone)
    _print_meant(batches, alone, _lateness(stepping, pool))
    for model in MODELS.values():
        size = sum(path.stat().st_size for path in find_artefact(model).iterdir())
        print(f"{size / 1e6:5.1f} MB  {model}")


def _lateness(systems: dict[str, System], pool: list[Conversation]) -> dict[str, float]:
    """What a turn late in a long chat takes, to what an early one does."""
    late: dict[str, float] = {}
    for name in (OUR_THREE, NATIVE_THREE, ONNX_THREE):
        if name not in systems:
            continue
        early_turns: list[float] = []
        late_turns: list[float] = []
        for start in range(0, 40, 10):
            took = systems[name].one_by_one([one_long_chat(pool[start:], LATE + 5)])
            # Neighbours too: customers' and agents' turns alternate and cost differently.
            early_turns += took[EARLY - 2 : EARLY + 5]
            late_turns += took[LATE - 2 : LATE + 5]
        late[name] = statistics.mean(late_turns) / statistics.mean(early_turns)
    return late


def _print_batches(batches: dict[str, list[float]], pool: Sequence[Conversation]) -> None:
    words = sum(count_words(turn.text) for chat in pool for turn in chat.turns)
    turns = sum(len(chat.turns) for chat in pool)
    table = Table(title=f"many turns at once: {turns:,} of {words / turns:.1f} words")
    columns = ("system", "words a CPU-second", "turns a CPU-second", "to spaCy ner")
    for column in columns:
        table.add_column(column, justify="left" if column == "system" else "right")
    for name, seconds in batches.items():
        middle = statistics.median(seconds)
        ratio = _ratio(batches[BASE], seconds)
        table.add_row(name, f"{words / middle:,.0f}", f"{turns / middle:,.0f}", f"{ratio:.2f}")
    Console(width=90).print(table)


def _print_alone(alone: dict[str, list[list[float]]]) -> None:
    table = Table(title="one turn at a time, CPU milliseconds")
    for column in ("system", "p50", "p99", f"p50 to {BASE}'s"):
        table.add_column(column, justify="left" if column == "system" else "right")
    for name, rounds in alone.items():
        took = sorted(ms for laps in rounds for ms in laps)
        late = took[min(len(took) - 1, int(0.99 * len(took)))]
        ratio = _ratio(_medians(rounds), _medians(alone[BASE]))
        table.add_row(name, f"{statistics.median(took):.2f}", f"{late:.2f}", f"{ratio:.2f}")
    Console(width=90).print(table)


def _print_meant(
    batches: dict[str, list[float]], alone: dict[str, list[list[float]]], late: dict[str, float]
) -> None:
    table = Table(title="what is meant, and what is")
    for column in ("ratio", "meant", "is"):
        table.add_column(column, justify="left" if column == "ratio" else "right")
    for ours, theirs, meant in MEANT:
        if ours not in batches:
            continue
        ratio = _ratio(batches[theirs], batches[ours])
        table.add_row(f"speed of {ours} to {theirs}", f"at least {meant}", f"{ratio:.2f}")
    for name, share in late.items():
        ratio = _ratio(_medians(alone[name]), _medians(alone[THREE]))
        row = f"p50 of a turn, {name} to {THREE}"
        table.add_row(row, f"at most {MEANT_ALONE}", f"{ratio:.2f}")
        row = f"turn {LATE} to turn {EARLY}, {name}"
        table.add_row(row, f"at most {MEANT_LATE}", f"{share:.2f}")
    Console(width=90).print(table)


def _medians(rounds: Sequence[Sequence[float]]) -> list[float]:
    return [statistics.median(laps) for laps in rounds]


def _ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median over rounds of what one took to what the other did."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


if __name__ == "__main__":
    main()
