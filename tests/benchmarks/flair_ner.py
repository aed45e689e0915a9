"""Flair's SequenceTagger, trained by `flair_worker` on the words that ours reads.

Its word embeddings start where ours do: a word's vector is the mean of its WordPieces' vectors. The
file holds the words of train and dev, so none is unknown.
"""

import json
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from tokenizers import Tokenizer

from nlp_lstm.text.forms import MOST_PIECES
from nlp_lstm.text.vectors import PretrainedPieces
from tests.benchmarks.entity_sentences import Epoch, Sentence, WordSpan

WORKER = Path(__file__).with_name("flair_worker.py")
# With more kinds there is no CRF: Flair's is dense, and over the tags of MultiDoGO's 62 kinds an
# epoch would take it an hour.
MOST_KINDS = 20
# How often is looked whether an epoch has ended.
PAUSE_SECONDS = 1.0


def flair_decoder(train: Sequence[Sentence]) -> Literal["crf", "softmax"]:
    """How Flair decides among the tags of a corpus."""
    kinds = {label for sentence in train for _, _, label in sentence.spans}
    return "crf" if len(kinds) <= MOST_KINDS else "softmax"


def train_flair(
    train: Sequence[Sentence],
    dev: Sequence[Sentence],
    pieces: PretrainedPieces,
    *,
    python: str,
    folder: Path,
    epochs: int,
    budget: float,
) -> Iterator[Epoch]:
    """Train, and yield what it says of dev after every epoch.

    Args:
        train: What it learns from.
        dev: What it is judged on.
        pieces: WordPiece vectors, from which its word vectors are made.
        python: The interpreter of an environment that holds Flair.
        folder: Where the two processes meet; what an earlier run left there is removed.
        epochs: How many, at most.
        budget: No epoch is begun after so many seconds of training.

    Raises:
        RuntimeError: Flair's process failed; its output is in `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("epoch-*.json"):
        old.unlink()
    _write_sentences(((s.words, s.spans) for s in train), folder / "train.jsonl")
    _write_sentences(((s.words, []) for s in dev), folder / "dev.jsonl")
    _write_vectors([*train, *dev], pieces, folder / "vectors.txt")
    command = [python, str(WORKER), str(folder), str(epochs), str(budget), flair_decoder(train)]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as worker,
    ):
        for number in range(1, epochs + 1):
            path = folder / f"epoch-{number}.json"
            while not path.is_file() and worker.poll() is None:
                time.sleep(PAUSE_SECONDS)
            if not path.is_file():
                break
            yield Epoch(**json.loads(path.read_text(encoding="utf-8")))
    if worker.returncode:
        raise RuntimeError(f"Flair ended with {worker.returncode}; see {folder / 'log'}")


def _write_sentences(given: Iterable[tuple[list[str], list[WordSpan]]], path: Path) -> None:
    with path.open("w", encoding="utf-8") as stream:
        for words, spans in given:
            stream.write(json.dumps({"words": words, "spans": spans}) + "\n")


def _write_vectors(given: Sequence[Sentence], pieces: PretrainedPieces, path: Path) -> None:
    tokenizer = Tokenizer.from_str(pieces.tokenizer)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    words = sorted({word for sentence in given for word in sentence.words})
    with path.open("w", encoding="utf-8") as stream:
        stream.write(f"{len(words)} {pieces.vectors.shape[1]}\n")
        for word in words:
            ids = tokenizer.encode(word, add_special_tokens=False).ids[:MOST_PIECES]
            vector = pieces.vectors[ids].mean(0) if ids else pieces.vectors.new_zeros(1)
            values = vector.expand(pieces.vectors.shape[1]).tolist()
            stream.write(f"{word} {' '.join(f'{value:.5f}' for value in values)}\n")
