"""Conversations that somebody labelled, one JSON object a line: what people train on of their own.

    {"id": "c-1", "turns": [{"role": "customer", "text": "Leeds, please",
     "entities": [{"start": 0, "end": 5, "label": "place", "text": "Leeds"}]}]}

What a turn does not mention nobody has looked at; an empty list says that nothing is there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpora.checked import read_lines
from corpora.errors import InputError, quoted
from corpora.labelled_form import REMEDY, format_line, parse_line
from corpora.labels import LabelledConversation


def read_labelled(
    source: Path | str, *, losses: Counter[str] | None = None
) -> Iterator[LabelledConversation]:
    """Yield the conversations of a labelled JSON Lines file, in file order.

    Args:
        source: Path of the file. Lines of nothing but white space are passed over.
        losses: Counts entities that overlap one before them and are left out; None refuses them.

    Raises:
        InputError: The file is missing or empty, a line is not of the documented form, an id
            comes twice, or a label contradicts its text.
    """
    path = Path(source)
    if not path.is_file():
        raise InputError(
            str(path),
            found="no such file",
            expected="labelled conversations",
            remedy="name a JSON Lines file; docs/labelled-chats.md describes the form",
        )
    return _read(path, losses)


def write_labelled(conversations: Iterable[LabelledConversation], path: Path | str) -> int:
    """Write conversations in the labelled form; the file appears when it is complete.

    What a person marks is written: entities, state, requests, sentiment. Confidences, and the
    changes that follow from the states, are not part of the form.

    Args:
        conversations: What to write; read once.
        path: The file to write or replace.

    Returns:
        How many conversations were written.

    Raises:
        ValueError: An id comes twice, or a conversation has something that the form cannot hold.
    """
    path = Path(path)
    unfinished = path.with_name(path.name + ".part")
    ids: set[str] = set()
    try:
        with unfinished.open("wb") as stream:
            for labelled in conversations:
                if labelled.conversation.id in ids:
                    raise ValueError(f"two conversations have the id {labelled.conversation.id!r}")
                ids.add(labelled.conversation.id)
                stream.write(format_line(labelled))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return len(ids)


def _read(path: Path, losses: Counter[str] | None) -> Iterator[LabelledConversation]:
    line_of: dict[str, int] = {}
    for number, line in read_lines(path, remedy=REMEDY):
        if not line.strip():
            continue
        labelled = parse_line(line, str(path), number, losses)
        name = labelled.conversation.id
        if name in line_of:
            raise InputError(
                str(path),
                number,
                found=f"id {quoted(name)}, which line {line_of[name]} has too",
                expected="ids that differ",
                remedy=REMEDY,
            )
        line_of[name] = number
        yield labelled
    if not line_of:
        raise InputError(
            str(path),
            found="no conversation",
            expected="at least one",
            remedy="name a file that holds labelled conversations",
        )
