"""What reading in bfloat16 costs in quality and saves in time, model by model.

    python -m tests.benchmarks.halves --data FOLDER

Prints both precisions of every shipped model on the dev split of its corpus. Where the processor
does not compute in bfloat16, models read in float32 anyway and both rows are alike.
"""

import argparse
import time
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from nlp_lstm.loading import load_component
from nlp_lstm.native.kernels import find_kernels
from nlp_lstm.native.precision import set_precision
from nlp_lstm.scoring.evaluation import evaluate
from nlp_lstm.training.data import read_split

JUDGED = (
    ("states-multiwoz", "multiwoz21", "joint_goal_accuracy"),
    ("states-woz2", "woz2", "joint_goal_accuracy"),
    ("entities-support", "multidogo", "span_f1"),
    ("entities-chat", "btc", "span_f1"),
    ("sentiment-chat", "goemotions", "macro_f1"),
    ("sentiment-chat", "emorynlp", "weighted_f1"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    data = parser.parse_args().data
    torch.set_num_threads(1)
    kernels = find_kernels()
    used = kernels is not None and kernels.version == "half"
    print(f"bfloat16 is {'used' if used else 'not used'} on this processor")
    table = Table()
    for column in ("model", "corpus", "figure", "float32", "bfloat16", "CPU s", "CPU s"):
        table.add_column(column)
    for model, corpus, metric in JUDGED:
        gold = list(read_split(corpus, data, "dev"))
        figures, seconds = [], []
        for precision in ("float32", "auto"):
            set_precision(precision)
            component = load_component(model)
            started = time.process_time()
            figures.append(evaluate(component, corpus, "dev", gold).scores.metrics[metric])
            seconds.append(time.process_time() - started)
        table.add_row(
            *(model, corpus, metric),
            *(f"{figure:.4f}" for figure in figures),
            *(f"{taken:.1f}" for taken in seconds),
        )
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
