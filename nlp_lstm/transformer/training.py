"""Trains the transformer that answers are routed to, in a budget of turns."""

from pathlib import Path

from nlp_lstm.artefact import save_artefact
from nlp_lstm.component import Task
from nlp_lstm.training.data import load_corpus
from nlp_lstm.training.loop import Watcher, train_network
from nlp_lstm.training.recipe import CorpusUse, LoopSettings
from nlp_lstm.transformer.trainee import build_transformer

# After each part there is a checkpoint, from which an interrupted training goes on.
PARTS = 4
LOOP = LoopSettings(epochs=PARTS, learning_rate=2e-3, warmup=0.1, weight_decay=0.01, clip=1.0)


def train_transformer(
    task: Task, corpus: str, data: Path, out: Path, *, turns: int, seed: int, watcher: Watcher
) -> None:
    """Train MiniLM on a corpus and write its artefact.

    Args:
        task: `entities` or `sentiment`.
        corpus: A published corpus with labels of the task.
        data: The folder of the corpora.
        out: The artefact's directory; checkpoints lie beside it, in `OUT.checkpoints`.
        turns: How many turns are shown, drawn at random.
        seed: Of the draw and the head.
        watcher: Told after every step and part.

    Raises:
        InputError: The corpus cannot be read, or labels nothing of the task.
        ArtefactError: The extra `transformer` is not installed.
    """
    checkpoints = out.with_name(f"{out.name}.checkpoints")
    loaded = load_corpus(CorpusUse(name=corpus, dev=None), data, checkpoints / "arrow")
    trainee = build_transformer(task, loaded.train, most=turns, parts=PARTS, seed=seed)
    train_network(
        trainee,
        LOOP,
        seed=seed,
        watcher=watcher,
        checkpoints=checkpoints,
        plan=f"transformer-{task}-{corpus}-{turns}-{seed}-{len(loaded.train)}",
    )
    described = trainee.describe()
    save_artefact(
        out,
        task=task,
        config={
            "name": out.name,
            "validated_tokens": 0,
            **described.config,
            "training": {"seed": seed, "turns": turns, "corpora": [{"name": corpus}]},
        },
        tensors=trainee.network.state_dict(),
        tokenizer=described.tokenizer,
        calibration=trainee.calibrate(),
        metrics={},
        card=f"# {out.name}\n\nall-MiniLM-L6-v2 (Apache-2.0), trained on {turns:,} turns of "
        f"{corpus}: what `nlp-lstm pays` routes to.\n",
    )
