"""Flair's SequenceTagger in a process and an environment of its own; started by `flair_ner`.

    python flair_worker.py FOLDER EPOCHS BUDGET DECODER

FOLDER holds `train.jsonl`, `{"words": [...], "spans": [[first, last, label], ...]}` a line,
`dev.jsonl`, the same without spans, and `vectors.txt`, word vectors in word2vec's text form. After
every epoch `epoch-N.json` appears there. It imports nothing of this project, because Flair needs
other versions of things:

    python -m venv venv_flair && venv_flair/bin/pip install "flair[word-embeddings]==0.15.1"

BiLSTM of 256 and a CRF over BIOES tags, as `SequenceTagger` has them (DECODER `softmax` instead of
`crf` leaves the CRF out); AdamW from 1e-3 falling linearly to 0, batches of 32, as `fine_tune`
does it.
"""

import json
import sys
import time
from pathlib import Path

import flair
import torch
from flair.data import Corpus, Sentence
from flair.datasets import FlairDatapointDataset
from flair.embeddings import WordEmbeddings
from flair.models import SequenceTagger
from flair.trainers import ModelTrainer
from flair.trainers.plugins import TrainerPlugin, TrainingInterrupt

LABEL = "ner"
BATCH = 32


def main() -> None:
    folder, epochs, budget = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    torch.set_num_threads(1)
    flair.device = torch.device("cpu")
    flair.set_seed(1)
    train, dev = (_sentences(folder / f"{split}.jsonl") for split in ("train", "dev"))
    # A blank turn is no sentence of Flair's, and nothing is found in it.
    taught = [one for one in train if len(one)]
    corpus = Corpus(
        train=FlairDatapointDataset(taught),
        # Flair wants to judge by itself too; what it makes of these few is not looked at.
        dev=FlairDatapointDataset(taught[:BATCH]),
        sample_missing_splits=False,
    )
    tagger = SequenceTagger(
        embeddings=WordEmbeddings(str(folder / "vectors.txt")),
        tag_dictionary=corpus.make_label_dictionary(LABEL, add_unk=False),
        tag_type=LABEL,
        tag_format="BIOES",
        hidden_size=256,
        use_crf=sys.argv[4] == "crf",
    )
    ModelTrainer(tagger, corpus).fine_tune(
        folder / "trained",
        learning_rate=1e-3,
        optimizer=torch.optim.AdamW,
        mini_batch_size=BATCH,
        max_epochs=epochs,
        embeddings_storage_mode="none",
        save_final_model=False,
        plugins=[_Judge(tagger, dev, folder, budget)],
    )


class _Judge(TrainerPlugin):  # type: ignore[misc] # Flair has no types here
    """Tags dev after every epoch and stops when the budget is spent."""

    def __init__(
        self, tagger: SequenceTagger, dev: list[Sentence], folder: Path, budget: float
    ) -> None:
        super().__init__()
        self._tagger, self._dev, self._folder, self._budget = tagger, dev, folder, budget
        self._spent = 0.0
        self._started = time.process_time()

    @TrainerPlugin.hook  # type: ignore[untyped-decorator] # the same
    def before_training_epoch(self, **kwargs: object) -> None:
        self._started = time.process_time()

    @TrainerPlugin.hook  # type: ignore[untyped-decorator] # the same
    def after_training_epoch(self, epoch: int, **kwargs: object) -> None:
        self._spent += time.process_time() - self._started
        started = time.process_time()
        self._tagger.eval()
        for sentence in self._dev:
            sentence.remove_labels("found")
        self._tagger.predict(self._dev, mini_batch_size=BATCH, label_name="found")
        found = [
            [
                (span.tokens[0].idx - 1, span.tokens[-1].idx - 1, span.get_label("found").value)
                for span in sentence.get_spans("found")
            ]
            for sentence in self._dev
        ]
        answer = {
            "number": epoch,
            "found": found,
            "training_seconds": self._spent,
            "judging_seconds": time.process_time() - started,
        }
        path = self._folder / f"epoch-{epoch}.json"
        path.with_suffix(".part").write_text(json.dumps(answer), encoding="utf-8")
        path.with_suffix(".part").replace(path)
        if self._spent > self._budget:
            raise TrainingInterrupt(f"{self._spent:.0f} s of {self._budget:.0f} are spent")


def _sentences(path: Path) -> list[Sentence]:
    made: list[Sentence] = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line:
            given = json.loads(line)
            sentence = Sentence(given["words"])
            for first, last, label in given["spans"]:
                sentence[first : last + 1].add_label(LABEL, label)
            made.append(sentence)
    return made


if __name__ == "__main__":
    main()
