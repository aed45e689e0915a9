"""spaCy's own `ner`, trained on the words that ours reads.

Configured as in en_core_web_sm, without vectors. It is given our words, so that every gold span
falls on the borders of its tokens.
"""

import time
from collections.abc import Iterator, Sequence

import spacy
from spacy.tokens import Doc
from spacy.vocab import Vocab

from tests.benchmarks.entity_sentences import Epoch, Sentence, WordSpan
from tests.benchmarks.spacy_model import blank_ner, teach


def train_spacy(
    train: Sequence[Sentence], dev: Sequence[Sentence], *, epochs: int, budget: float
) -> Iterator[Epoch]:
    """Train, and yield what it says of dev after every epoch.

    Args:
        train: What it learns from.
        dev: What it is judged on.
        epochs: How many, at most.
        budget: No epoch is begun after so many seconds of training.
    """
    vocab = spacy.blank("en").vocab  # a bare Vocab would know no norms, affixes or shapes
    docs = [(_doc(vocab, sentence), sentence.spans) for sentence in train if sentence.words]
    started = time.process_time()
    nlp, taught = blank_ner([(doc, [_in_doc(doc, s) for s in spans]) for doc, spans in docs])
    spent = time.process_time() - started
    for number in range(1, epochs + 1):
        if spent > budget:
            return
        started = time.process_time()
        teach(nlp, taught, epochs=1, seed=number)
        spent += time.process_time() - started
        started = time.process_time()
        found = [_found(doc) for doc in nlp.pipe((_doc(nlp.vocab, s) for s in dev), batch_size=256)]
        yield Epoch(number, found, spent, time.process_time() - started)


def _doc(vocab: Vocab, sentence: Sentence) -> Doc:
    return Doc(vocab, words=sentence.words, spaces=sentence.spaced)


def _in_doc(doc: Doc, span: WordSpan) -> tuple[int, int, str]:
    first, last, label = span
    return doc[first].idx, doc[last].idx + len(doc[last]), label


def _found(doc: Doc) -> list[WordSpan]:
    return [(span.start, span.end - 1, span.label_) for span in doc.ents]
