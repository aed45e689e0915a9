"""Broad Twitter Corpus: persons, places and organisations in tweets (Derczynski et al. 2016).

    SportsCenter⇥B-ORG
    to⇥O

The publisher's own split: the second half of section H judges while learning, F in the end.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from corpora.conll import read_conll
from corpora.labels import LabelledConversation
from corpora.published.files import AS_PUBLISHED, Split, required

SIGNS = frozenset("@#")


def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    """Yield the tweets of one split, each a conversation of one turn.

    Args:
        root: The publisher's folder, with `train_dev_test_conll/` in it.
        split: Which file.
        losses: Not touched: labels belong to whole tokens.

    Raises:
        InputError: The file is missing, or a line has another shape.
    """
    del losses
    path = required(root / "train_dev_test_conll" / f"btc.{split}")
    return read_conll(path, remedy=AS_PUBLISHED)


def read_names(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    """The same without mentions and tags, which other corpora do not count among the names.

    A sign before a name, "@ ana", is a span of its own, and so is the name.
    """
    return map(_without_signs, read(root, split, losses))


def _without_signs(labelled: LabelledConversation) -> LabelledConversation:
    (turn,), (labels,) = labelled.conversation.turns, labelled.labels
    named = tuple(
        span
        for span in labels.entities or ()
        if not SIGNS & {turn.text[span.start], *turn.text[: span.start].removesuffix(" ")[-1:]}
    )
    return replace(labelled, labels=(replace(labels, entities=named),))
