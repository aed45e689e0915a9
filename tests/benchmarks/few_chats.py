"""What a few labelled chats of one's own are worth to the tracker that reads schemas.

    python -m tests.benchmarks.few_chats --data FOLDER [--chats 10,30,100]

The recipe `states` over sim-M's schema, learning from so many of sim-M's training dialogues as
labelled JSON Lines with states alone, as one's own are; judged on its dev; 0 chats is the schema
alone. No shipped model has read sim-M, and none of the film names of its dev occurs in its
training dialogues.
"""

import argparse
import hashlib
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from corpora.labelled import write_labelled
from corpora.labels import LabelledConversation, TurnLabels
from corpora.published import read_corpus
from nlp_lstm.loading import load_component
from nlp_lstm.scoring.evaluation import evaluate
from nlp_lstm.states.described.saving import save_for_schema
from nlp_lstm.training.recipe import read_recipe
from nlp_lstm.training.run import train_recipe
from pipelines.calm import calm_torch

CORPUS = "sim-m"
SCHEMA = Path(__file__).parents[2] / "nlp_lstm/recipes/schemas/sim-m.described.toml"
FIGURES = ("joint_goal_accuracy", "slot_f1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with sim")
    parser.add_argument("--chats", default="0,10,30,100", help="how many to learn from")
    parser.add_argument("--seed", type=int, default=1, help="of the trainings")
    options = parser.parse_args()
    calm_torch()
    train = sorted(read_corpus(CORPUS, options.data, "train"), key=_order)
    dev = list(read_corpus(CORPUS, options.data, "dev"))
    table = Table(title=f"recipe states, {CORPUS} dev ({len(dev)} dialogues), seed {options.seed}")
    for column in ("chats", "turns", *FIGURES, "seconds of training"):
        table.add_column(column, justify="right")
    for count in map(int, options.chats.split(",")):
        chosen = train[:count]
        turns = sum(len(one.labels) for one in chosen)
        figures, seconds = _learnt_from(chosen, dev, options.seed)
        table.add_row(
            str(count), str(turns), *(f"{figures[name]:.3f}" for name in FIGURES), f"{seconds:.0f}"
        )
        Console(width=100, stderr=True).print(f"{count} chats: {figures[FIGURES[0]]:.3f}")
    Console(width=100).print(table)


def _order(labelled: LabelledConversation) -> str:
    return hashlib.sha256(labelled.conversation.id.encode()).hexdigest()


def _states_alone(labelled: LabelledConversation) -> LabelledConversation:
    return replace(
        labelled, labels=tuple(TurnLabels(state=labels.state) for labels in labelled.labels)
    )


def _learnt_from(
    chats: list[LabelledConversation], dev: list[LabelledConversation], seed: int
) -> tuple[Mapping[str, float], float]:
    recipe = read_recipe("states").model_copy(update={"schema_file": str(SCHEMA), "seed": seed})
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "model"
        started = time.monotonic()
        if chats:
            labelled = Path(folder) / "labelled.jsonl"
            write_labelled(map(_states_alone, chats), labelled)
            train_recipe(recipe, labelled, out, watcher=_Silent())
        else:
            save_for_schema(str(recipe.start), SCHEMA, out)
        seconds = time.monotonic() - started
        evaluation = evaluate(load_component(out), CORPUS, "dev", dev)
    return evaluation.scores.metrics, seconds


class _Silent:
    """A watcher that tells nobody."""

    def noticed(self, what: str) -> None: ...

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None: ...

    def validated(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None: ...


if __name__ == "__main__":
    main()
