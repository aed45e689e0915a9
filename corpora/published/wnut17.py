"""WNUT-17: new and rare names in tweets, comments and posts (Derczynski et al. 2017).

    Empire⇥B-location
    State⇥I-location

Train, dev and test come from different places on purpose: tweets; YouTube; Reddit and
StackExchange.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from corpora.conll import read_conll
from corpora.labels import LabelledConversation
from corpora.published.files import AS_PUBLISHED, Split, required

FILES: dict[Split, str] = {
    "train": "wnut17train.conll",
    "dev": "emerging.dev.conll",
    "test": "emerging.test.annotated",
}


def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    """Yield the sentences of one split, each a conversation of one turn.

    Args:
        root: The publisher's folder.
        split: Which file.
        losses: Not touched: labels belong to whole tokens.

    Raises:
        InputError: The file is missing, or a line has another shape.
    """
    del losses
    return read_conll(required(root / FILES[split]), remedy=AS_PUBLISHED)
