"""How much bolder a tracker that reads schemas should be about slots that it has never seen.

    python -m tests.benchmarks.bolder --data FOLDER [--model MODEL]

What changing gains over staying, in logits (`BOLDER` of `nlp_lstm.states.described.weighing`), from
none to twice as much: joint goal accuracy and slot F1 on the training parts of corpora that
`states-schema` has not read, and how often slots of the first change in 100 turns of MELD, where
there is nothing for them. Nothing is reported on these parts, so they may choose.
"""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from corpora.published import read_corpus
from nlp_lstm.loading import load_component
from nlp_lstm.scoring.evaluation import evaluate
from nlp_lstm.states.described import weighing
from nlp_lstm.states.described.published import suited
from pipelines.calm import calm_torch

CORPORA = ("sim-m", "woz2")
ELSEWHERE, SCENES = "meld", 200
STEPS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with sim, woz2.0 and meld")
    parser.add_argument("--model", default="states-schema")
    options = parser.parse_args()
    calm_torch()
    model = load_component(options.model)
    judged = []
    for name in CORPORA:
        gold = list(read_corpus(name, options.data, "train"))
        judged.append((name, *suited(model, name, options.data, "train", gold)))
    talk = [one.conversation for one in read_corpus(ELSEWHERE, options.data, "train")][:SCENES]
    table = Table(title=f"{options.model}, training parts: joint goal accuracy, slot F1")
    for column in ("bolder by", *CORPORA, "mean", f"changes in 100 turns of {ELSEWHERE}"):
        table.add_column(column, justify="right")
    for bolder in STEPS:
        weighing.BOLDER = bolder
        found = [evaluate(one, name, "train", gold).scores.metrics for name, one, gold in judged]
        pairs = [(one["joint_goal_accuracy"], one["slot_f1"]) for one in found]
        mean = sum(sum(pair) for pair in pairs) / (2 * len(pairs))
        cells = [f"{goal:.3f}, {f1:.3f}" for goal, f1 in pairs]
        quiet = [turn for said in judged[0][1].annotate(talk) for turn in said]
        changes = 100 * sum(len(turn.changes or ()) for turn in quiet) / len(quiet)
        table.add_row(f"{bolder:g}", *cells, f"{mean:.3f}", f"{changes:.1f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
