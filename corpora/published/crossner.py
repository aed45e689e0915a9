"""CrossNER: sentences of Wikipedia in five fields, each with names of its own (Liu et al. 2021).

    SVM⇥B-algorithm
    ,⇥O

A field marks what matters in it: a politician in `politics` is a `person` elsewhere, and what one
field has no label for it does not mark.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from corpora.conll import read_conll
from corpora.labels import LabelledConversation
from corpora.published.files import AS_PUBLISHED, Reader, Split, required

FIELDS = ("ai", "literature", "music", "politics", "science")


def reader(fields: Sequence[str] = FIELDS) -> Reader:
    """The reader of some of the fields."""

    def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
        del losses  # labels belong to whole tokens
        paths = [required(root / "ner_data" / field / f"{split}.txt") for field in fields]
        return chain.from_iterable(map(_read_field, paths))

    return read


def _read_field(path: Path) -> Iterator[LabelledConversation]:
    field = path.parent.name
    for labelled in read_conll(path, remedy=AS_PUBLISHED):
        one = labelled.conversation
        named = replace(one, id=f"{field}/{one.id}", meta={"domain": field})
        yield replace(labelled, conversation=named)
