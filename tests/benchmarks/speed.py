"""Words and turns a CPU-second on one thread, ours beside spaCy's `ner`, in one interleaved run.

    python -m tests.benchmarks.speed [--data FOLDER] [--rounds 7]

spaCy's `ner` is taught to mark capitalised words for a moment, so that its transition decoder
meets entities at a natural rate; its speed does not depend on what it knows. A ratio is taken
inside each round, because machines are noisy, and the median over rounds is printed. Last, what
each of our models takes on disk.
"""

import argparse
import gc
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import spacy
from rich.console import Console
from rich.table import Table

from corpora.conversation import Conversation
from nlp_lstm.artefact import find_artefact
from nlp_lstm.loading import load_component
from nlp_lstm.text.words import count_words
from pipelines.calm import calm_torch
from pipelines.pipeline import ConversationPipeline
from tests.benchmarks.chats import chats
from tests.benchmarks.spacy_model import blank_ner, teach

CAPITALISED = re.compile(r"(?<=\w )[A-Z][a-z]+(?: [A-Z][a-z]+)*")
MODELS = {
    "entities": "entities-support",
    "states": "states-multiwoz",
    "sentiment": "sentiment-chat",
}
BASE = "spaCy ner"

Run = Callable[[list[Conversation]], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with multiwoz2.1 and meld")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--conversations", type=int, default=200)
    options = parser.parse_args()
    calm_torch()
    pool = chats(options.data)[-options.conversations :]
    systems = _systems(pool)
    gc.collect()
    gc.freeze()
    words = sum(count_words(turn.text) for chat in pool for turn in chat.turns)
    speeds: dict[str, list[float]] = {name: [] for name in systems}
    for _ in range(options.rounds + 1):
        for name, run in systems.items():
            started = time.process_time()
            run(pool)
            speeds[name].append(words / (time.process_time() - started))
    _print(speeds, words, sum(len(chat.turns) for chat in pool))


def _systems(pool: list[Conversation]) -> dict[str, Run]:
    nlp = _spacy_ner(pool)
    components = {task: load_component(name) for task, name in MODELS.items()}
    pipeline = ConversationPipeline(list(components.values()))
    return {
        BASE: lambda pool: list(nlp.pipe(turn.text for chat in pool for turn in chat.turns)),
        **{f"nlp-lstm {task}": component.annotate for task, component in components.items()},
        "nlp-lstm, all three": lambda pool: list(pipeline.annotate(pool)),
    }


def _spacy_ner(pool: list[Conversation]) -> spacy.language.Language:
    texts = [turn.text for chat in pool for turn in chat.turns][:400]
    english = spacy.blank("en")
    docs = [english.make_doc(text) for text in texts]
    marked = [
        [
            (match.start(), match.end(), "NAME")
            for match in CAPITALISED.finditer(doc.text)
            if doc.char_span(match.start(), match.end()) is not None
        ]
        for doc in docs
    ]
    nlp, examples = blank_ner(list(zip(docs, marked, strict=True)))
    teach(nlp, examples, epochs=4, seed=1)
    return nlp


def _print(speeds: dict[str, list[float]], words: int, turns: int) -> None:
    table = Table(title=f"one thread, {turns:,} turns of {words / turns:.1f} words")
    columns = ("system", "words a CPU-second", "turns a CPU-second", "to spaCy ner")
    for column in columns:
        table.add_column(column, justify="left" if column == "system" else "right")
    for name, rounds in speeds.items():
        # The first round fills caches.
        warm, base = rounds[1:], speeds[BASE][1:]
        ratio = statistics.median(a / b for a, b in zip(warm, base, strict=True))
        middle = statistics.median(warm)
        table.add_row(name, f"{middle:,.0f}", f"{middle * turns / words:,.0f}", f"{ratio:.2f}")
    Console(width=80).print(table)
    for model in MODELS.values():
        size = sum(path.stat().st_size for path in find_artefact(model).iterdir())
        print(f"{size / 1e6:5.1f} MB  {model}")


if __name__ == "__main__":
    main()
