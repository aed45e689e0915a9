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
from corpora.labels import EntitySpan, LabelledConversation
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


def read_signs(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    """The same with every sign marked whose name is.

    Some sections mark the sign before a name, as all of dev does, and others do not.
    """
    return map(_with_signs, read(root, split, losses))


def _with_signs(labelled: LabelledConversation) -> LabelledConversation:
    (turn,), (labels,) = labelled.conversation.turns, labelled.labels
    spans = labels.entities or ()
    marked = {span.start for span in spans}
    signs = (
        EntitySpan(span.start - 2, span.start - 1, span.label)
        for span in spans
        if turn.text[span.start] not in SIGNS
        and turn.text[max(0, span.start - 2) : span.start] == "@ "
        and span.start - 2 not in marked
    )
    return replace(labelled, labels=(replace(labels, entities=tuple(sorted((*spans, *signs)))),))


def _without_signs(labelled: LabelledConversation) -> LabelledConversation:
    (turn,), (labels,) = labelled.conversation.turns, labelled.labels
    named = tuple(
        span
        for span in labels.entities or ()
        if not SIGNS & {turn.text[span.start], *turn.text[: span.start].removesuffix(" ")[-1:]}
    )
    return replace(labelled, labels=(replace(labels, entities=named),))
