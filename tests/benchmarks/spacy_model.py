"""spaCy's `ner` as en_core_web_sm configures it, without its vectors."""

import random
from collections.abc import Sequence

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

EMBED = {
    "@architectures": "spacy.MultiHashEmbed.v2",
    "width": 96,
    "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE"],
    "rows": [5000, 1000, 2500, 2500, 50, 50],
    "include_static_vectors": False,
}
ENCODE = {
    "@architectures": "spacy.MaxoutWindowEncoder.v2",
    "width": 96,
    "depth": 4,
    "window_size": 1,
    "maxout_pieces": 3,
}
NER = {
    "model": {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "nO": None,
        "tok2vec": {"@architectures": "spacy.Tok2Vec.v2", "embed": EMBED, "encode": ENCODE},
    }
}

Spans = Sequence[tuple[int, int, str]]


def blank_ner(examples: Sequence[tuple[Doc, Spans]]) -> tuple[Language, list[Example]]:
    """An untrained spaCy `ner` that knows the labels of `examples`, and these as spaCy's own."""
    nlp = spacy.blank("en")
    nlp.add_pipe("ner", config=NER)
    gold = [Example.from_dict(doc, {"entities": list(spans)}) for doc, spans in examples]
    nlp.initialize(lambda: gold)
    return nlp, gold


def teach(nlp: Language, examples: list[Example], *, epochs: int, seed: int) -> None:
    """Train for some epochs, in shuffled batches of 64."""
    rng = random.Random(seed)
    for _ in range(epochs):
        rng.shuffle(examples)
        for start in range(0, len(examples), 64):
            nlp.update(examples[start : start + 64], drop=0.1)
