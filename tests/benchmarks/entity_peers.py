"""Strict span F1 of ours, spaCy's `ner` and Flair's SequenceTagger, all trained on the same files.

    python -m tests.benchmarks.entity_peers --data FOLDER --out RESULTS
        --corpora multidogo wnut17 btc restaurant8k --systems ours spacy flair
        --models multidogo=entities-support --flair-python venv_flair/bin/python

All read the words that ours reads, learn from train, are judged on dev by one scorer, and of every
training the best epoch on dev counts. A cell of the table (a corpus and a system) is written to
RESULTS when it is done and not worked out again. Ours is the recipe of the corpus, trained by
`nlp-lstm train`'s own function, unless `--models` names a trained model. `--epochs` and `--budget`
(seconds of processor time) bound a peer's training; the table says what was used.
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from corpora.labels import LabelledConversation
from corpora.published import read_corpus
from nlp_lstm.loading import load_component
from nlp_lstm.scoring.entities import PROTOCOL, score_entities
from nlp_lstm.text.vectors import load_pieces
from nlp_lstm.text.words import count_words
from nlp_lstm.training.recipe import read_recipe
from nlp_lstm.training.run import VECTORS, train_recipe
from tests.benchmarks.entity_sentences import Epoch, Sentence, answers, sentences

RECIPES = {"multidogo": "entities-support"}  # the others' are called like their corpus
SYSTEMS = ("ours", "spacy", "flair")
PEERS = {"spacy": "spaCy ner", "flair": "Flair SequenceTagger, our word vectors"}
FIGURES = ("span_precision", "span_recall", "span_f1")
# Of a peer no epoch is begun after so many seconds of training, unless the command says otherwise.
BUDGET = 3600.0


@dataclass(slots=True)
class Cell:
    """What one system reached on one corpus.

    Attributes:
        system: What the table calls it.
        best: Figures of the best epoch on dev.
        best_epoch: Which that was, from 1; 0 where a finished model was judged.
        history: Span F1 after each epoch.
        training_seconds: Processor time of the training; None where nothing was trained here.
        speed: Words tagged in a second of processor time.
    """

    system: str
    best: dict[str, float] = field(default_factory=dict)
    best_epoch: int = 0
    history: list[float] = field(default_factory=list)
    training_seconds: float | None = None
    speed: float = 0.0


def main() -> None:
    options = _options()
    torch.set_num_threads(1)
    models = dict(pair.split("=", 1) for pair in options.models)
    cells: dict[tuple[str, str], Cell] = {}
    for corpus in options.corpora:
        for system in options.systems:
            path = options.out / f"{corpus}-{system}.json"
            if path.is_file():
                cells[corpus, system] = Cell(**json.loads(path.read_text(encoding="utf-8")))
                continue
            cell = (
                _ours(corpus, models.get(corpus), options)
                if system == "ours"
                else _peer(corpus, system, options)
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(asdict(cell), indent=1) + "\n", encoding="utf-8")
            cells[corpus, system] = cell
    Console(width=130).print(_table(cells))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--out", type=Path, required=True, help="where finished cells are kept")
    parser.add_argument("--corpora", nargs="+", default=["multidogo"])
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=SYSTEMS)
    parser.add_argument("--models", nargs="*", default=[], metavar="CORPUS=MODEL")
    parser.add_argument("--epochs", type=int, default=8, help="of spaCy and Flair, at most")
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds, of each of them")
    parser.add_argument("--flair-python", default="python", help="of Flair's own environment")
    parser.add_argument("--vectors", type=Path, default=VECTORS, help="WordPiece vectors")
    return parser.parse_args()


def _ours(corpus: str, model: str | None, options: argparse.Namespace) -> Cell:
    cell = Cell(f"nlp-lstm {RECIPES.get(corpus, corpus)}")
    if model is None:
        model = str(options.out / f"{corpus}-model")
        watcher = _Watcher(cell)
        recipe = read_recipe(RECIPES.get(corpus, corpus))
        started = time.process_time()
        train_recipe(recipe, options.data, Path(model), watcher=watcher, vectors=options.vectors)
        cell.training_seconds = time.process_time() - started
    gold = list(read_corpus(corpus, options.data, "dev"))
    component = load_component(model, task="entities")
    conversations = [labelled.conversation for labelled in gold]
    component.annotate(conversations)  # fills the cache of word rows, as a long run would
    started = time.process_time()
    predicted = component.annotate(conversations)
    cell.speed = _words(gold) / (time.process_time() - started)
    cell.best = dict(score_entities(gold, predicted).metrics)
    return cell


def _peer(corpus: str, system: str, options: argparse.Namespace) -> Cell:
    gold = list(read_corpus(corpus, options.data, "dev"))
    train = sentences(list(read_corpus(corpus, options.data, "train")))
    cell = Cell(PEERS[system])
    if system == "flair":
        from tests.benchmarks.flair_ner import flair_decoder

        cell.system += f", {flair_decoder(train)}"
    for epoch in _epochs(corpus, system, train, sentences(gold), options):
        metrics = dict(score_entities(gold, answers(gold, epoch.found)).metrics)
        cell.history.append(metrics["span_f1"])
        cell.training_seconds = epoch.training_seconds
        print(
            f"{corpus}, {cell.system}, epoch {epoch.number}: {metrics['span_f1']:.4f}", flush=True
        )
        if metrics["span_f1"] > cell.best.get("span_f1", -1.0):
            cell.best, cell.best_epoch = metrics, epoch.number
            cell.speed = _words(gold) / epoch.judging_seconds
    return cell


def _epochs(
    corpus: str,
    system: str,
    train: Sequence[Sentence],
    dev: Sequence[Sentence],
    options: argparse.Namespace,
) -> Iterator[Epoch]:
    if system == "spacy":
        from tests.benchmarks.spacy_ner import train_spacy

        return train_spacy(train, dev, epochs=options.epochs, budget=options.budget)
    from tests.benchmarks.flair_ner import train_flair

    return train_flair(
        train,
        dev,
        load_pieces(options.vectors),
        python=options.flair_python,
        folder=options.out / f"{corpus}-flair",
        epochs=options.epochs,
        budget=options.budget,
    )


def _words(gold: Sequence[LabelledConversation]) -> int:
    return sum(count_words(turn.text) for one in gold for turn in one.conversation.turns)


def _table(cells: Mapping[tuple[str, str], Cell]) -> Table:
    table = Table(caption=f"{PROTOCOL}; the same words, best epoch on dev", caption_justify="left")
    columns = ("corpus, dev", "system", *FIGURES, "best epoch", "training s", "words a CPU-second")
    for column in columns:
        table.add_column(column, justify="left" if column in columns[:2] else "right")
    for (corpus, _), cell in cells.items():
        epochs = f"{cell.best_epoch} of {len(cell.history)}" if cell.history else ""
        spent = "" if cell.training_seconds is None else f"{cell.training_seconds:,.0f}"
        figures = [f"{cell.best[figure]:.4f}" for figure in FIGURES]
        table.add_row(corpus, cell.system, *figures, epochs, spent, f"{cell.speed:,.0f}")
    return table


class _Watcher:
    """Keeps the dev figure of every epoch of ours."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell

    def noticed(self, what: str) -> None:
        print(what, flush=True)

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None:
        pass

    def validated(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None:
        f1 = figures["span_f1"]
        if f1 >= max(self._cell.history, default=-1.0):
            self._cell.best_epoch = epoch
        self._cell.history.append(f1)
        print(f"{self._cell.system}, epoch {epoch}: {f1:.4f}, {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
