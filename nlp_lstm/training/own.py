"""Chats that somebody labelled for themselves: JSON Lines, or columns of tokens and labels.

mine/train.jsonl  mine/dev.jsonl        or        mine/train.conll  mine/dev.conll
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from corpora.conll import read_conll
from corpora.errors import InputError
from corpora.labelled import read_labelled
from corpora.labels import LabelledConversation
from corpora.published import Split

LABELLED = "labelled"
CONLL = "conll"
# What may stand for a corpus's name; under `conll` a file may be called as it likes.
OWN = (LABELLED, CONLL)
COLUMN_FILES = frozenset({".conll", ".bio", ".iob", ".bioes"})
# One file of one's own chats is cut: a fifth judges, and fewer than ten teach nothing reliable.
JUDGING_SHARE = 5
FEWEST_OWN = 10


def read_own(
    name: str, place: Path, split: Split, losses: Counter[str] | None = None
) -> Iterable[LabelledConversation]:
    """One split of one's own chats.

    Args:
        name: One of `OWN`.
        place: One file, which is every split, or a folder with `SPLIT.jsonl` or `SPLIT.conll`.
        split: Which file of a folder.
        losses: Counts, by reason, labels that are left out.

    Raises:
        InputError: The file is missing, or is not of its form.
    """
    path = place
    if not place.is_file():
        columns, path = place / f"{split}.conll", place / f"{split}.jsonl"
        if name == CONLL or (columns.is_file() and not path.is_file()):
            path = columns
    if name == CONLL or path.suffix.lower() in COLUMN_FILES:
        return read_conll(path)
    return read_labelled(path, losses=losses if losses is not None else Counter())


def cut(
    name: str, path: Path, losses: Counter[str] | None = None
) -> tuple[Sequence[LabelledConversation], Sequence[LabelledConversation]]:
    """One file as what teaches and what judges: the same for the same conversations.

    Raises:
        InputError: The file is not of its form, or holds too few conversations.
    """
    conversations = list(read_own(name, path, "train", losses))
    if len(conversations) < FEWEST_OWN:
        raise InputError(
            str(path),
            found=f"{len(conversations)} labelled conversations",
            expected=f"at least {FEWEST_OWN}",
            remedy="label more, or track the schema without training: leave --data out",
        )
    conversations.sort(key=lambda one: hashlib.sha256(one.conversation.id.encode()).digest())
    judging = len(conversations) // JUDGING_SHARE
    return conversations[judging:], conversations[:judging]
