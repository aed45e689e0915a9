"""Strict span F1 on MultiDoGO dev: ours beside spaCy's own `ner`, trained on the same files.

    python -m tests.benchmarks.spacy_ner --data FOLDER [--epochs 6]

spaCy's `ner` is configured as in en_core_web_sm, without vectors, and given our words, so that
every gold span falls on the borders of its tokens. Both are judged by the same scorer; of spaCy
the best epoch on dev counts, in its favour.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import spacy
import torch
from rich.console import Console
from rich.table import Table
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from corpora.conversation import Conversation
from corpora.labels import EntitySpan, LabelledConversation, TurnLabels
from corpora.published import read_corpus
from nlp_lstm.entities.decode import align_spans
from nlp_lstm.loading import load_component
from nlp_lstm.scoring.entities import score_entities
from nlp_lstm.scoring.scores import Scores
from nlp_lstm.text.words import count_words, split_words
from tests.benchmarks.spacy_model import blank_ner, teach

CORPUS = "multidogo"
FIGURES = ("span_precision", "span_recall", "span_f1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with multidogo")
    parser.add_argument("--model", default="entities-support")
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args()
    torch.set_num_threads(1)
    gold = list(read_corpus(CORPUS, options.data, "dev"))
    ours, our_seconds = _judge_ours(options.model, gold)
    print(f"{options.model}  span_f1 {ours.metrics['span_f1']:.4f}", flush=True)
    best, seconds = _train_spacy(list(read_corpus(CORPUS, options.data, "train")), gold, options)
    words = sum(count_words(turn.text) for one in gold for turn in one.conversation.turns)
    table = Table(
        title=f"{CORPUS} dev, {len(gold):,} chats", caption=ours.protocol, caption_justify="left"
    )
    for column in ("system", *FIGURES, "words a CPU-second"):
        table.add_column(column, justify="left" if column == "system" else "right")
    for name, scores, spent in (
        (f"nlp-lstm {options.model}", ours, our_seconds),
        (f"spaCy ner, best of {options.epochs} epochs", best, seconds),
    ):
        figures = [f"{scores.metrics[figure]:.4f}" for figure in FIGURES]
        table.add_row(name, *figures, f"{words / spent:,.0f}")
    Console(width=100).print(table)


def _judge_ours(name: str, gold: Sequence[LabelledConversation]) -> tuple[Scores, float]:
    component = load_component(name, task="entities")
    conversations = [labelled.conversation for labelled in gold]
    component.annotate(conversations)  # fills the cache of word rows, as a long run would
    started = time.process_time()
    predicted = component.annotate(conversations)
    return score_entities(gold, predicted), time.process_time() - started


def _train_spacy(
    train: Sequence[LabelledConversation],
    gold: Sequence[LabelledConversation],
    options: argparse.Namespace,
) -> tuple[Scores, float]:
    vocab = spacy.blank("en").vocab  # a bare Vocab would know no norms, affixes or shapes
    turns = [
        (_doc(vocab, turn.text), labels.entities or (), turn.text)
        for labelled in train
        for turn, labels in zip(labelled.conversation.turns, labelled.labels, strict=True)
    ]
    examples = [
        (doc, [_in_doc(doc, span) for span in align_spans(spans, split_words(text))[0]])
        for doc, spans, text in turns
        if len(doc)
    ]
    nlp, taught = blank_ner(examples)
    best: tuple[float, Scores, float] | None = None
    for epoch in range(1, options.epochs + 1):
        teach(nlp, taught, epochs=1, seed=epoch)
        started = time.process_time()
        predicted = _annotate(nlp, [labelled.conversation for labelled in gold])
        seconds = time.process_time() - started
        scores = score_entities(gold, predicted)
        f1 = scores.metrics["span_f1"]
        print(f"spaCy ner, epoch {epoch}  span_f1 {f1:.4f}", flush=True)
        if best is None or f1 > best[0]:
            best = f1, scores, seconds
    if best is None:
        raise ValueError(f"{options.epochs} epochs, expected at least 1")
    return best[1], best[2]


def _doc(vocab: Vocab, text: str) -> Doc:
    """Our words as spaCy's tokens; their place in the turn is kept apart, in `user_data`."""
    words = split_words(text)
    following = [*words.starts[1:], len(text)][: len(words.starts)]
    spaces = [end < after for end, after in zip(words.ends, following, strict=True)]
    offsets = list(zip(words.starts, words.ends, strict=True))
    return Doc(vocab, words=words.forms, spaces=spaces, user_data={"offsets": offsets})


def _in_doc(doc: Doc, span: EntitySpan) -> tuple[int, int, str]:
    """A span in the characters of a doc, which has single blanks where the turn has any."""
    offsets = doc.user_data["offsets"]
    first = next(i for i, (start, _) in enumerate(offsets) if start == span.start)
    last = next(i for i, (_, end) in enumerate(offsets) if end == span.end)
    return doc[first].idx, doc[last].idx + len(doc[last]), span.label


def _annotate(nlp: Language, conversations: Sequence[Conversation]) -> list[list[TurnLabels]]:
    docs = (_doc(nlp.vocab, turn.text) for one in conversations for turn in one.turns)
    found = iter([_labels(doc) for doc in nlp.pipe(docs, batch_size=256)])
    return [[next(found) for _ in one.turns] for one in conversations]


def _labels(doc: Doc) -> TurnLabels:
    offsets = doc.user_data["offsets"]
    return TurnLabels(
        entities=tuple(
            EntitySpan(offsets[span.start][0], offsets[span.end - 1][1], span.label_)
            for span in doc.ents
        )
    )


if __name__ == "__main__":
    main()
