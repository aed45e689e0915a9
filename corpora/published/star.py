"""MultiWOZ 2.1 after the leaderboard's normalisation, as STAR publishes it: a user turn a line.

    # Dialogue ID⇥Turn Index⇥Last Turn⇥System Response⇥User Utterance⇥attraction-area⇥…
    SNG01856.json⇥0⇥False⇥⇥am looking for a place to to stay …⇥none⇥…⇥cheap⇥none⇥true⇥…

The system's turn before the user's stands in the same line; every slot holds its value after
the user's turn. Fields are never quoted, and only some lines end in a tab.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from corpora.published.files import AS_PUBLISHED, Split, read_lines, required, wrong_width

LEADING = ("# Dialogue ID", "Turn Index", "Last Turn", "System Response", "User Utterance")
SLOTS = 30
COLUMNS = len(LEADING) + SLOTS
# `do not care` is an answer and stays; these two say that nobody has asked or answered.
ABSENT = frozenset({"none", ""})

NumberedRow = tuple[int, list[str]]


def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    """Yield the dialogues of one split, in file order.

    Args:
        root: The publisher's folder, with `star/` in it.
        split: Which file of `star/`.
        losses: Not touched: nothing has to be aligned here.

    Raises:
        InputError: The file is missing, or a line has another shape.
    """
    del losses
    path = required(root / "star" / f"{split}.tsv")
    return _read_dialogues(path)


def _read_dialogues(path: Path) -> Iterator[LabelledConversation]:
    lines = read_lines(path)
    slots = _read_header(next(lines, (1, ""))[1], path)
    rows = (_parse_row(line, number, path) for number, line in lines)
    for dialogue, turns in groupby(rows, key=lambda row: row[1][0]):
        yield _build(dialogue, list(turns), slots, path)


def _read_header(line: str, path: Path) -> tuple[str, ...]:
    header = line.split("\t")
    if tuple(header[: len(LEADING)]) != LEADING or len(header) < COLUMNS:
        raise InputError(
            str(path),
            1,
            found=f"header {quoted(line)}",
            expected=f"{', '.join(LEADING)} and {SLOTS} slots, tab separated",
            remedy=AS_PUBLISHED,
        )
    return tuple(header[len(LEADING) : COLUMNS])


def _parse_row(line: str, number: int, path: Path) -> NumberedRow:
    fields = line.split("\t")
    if len(fields) == COLUMNS + 1 and not fields[-1]:
        fields.pop()  # the line ended in a tab
    if len(fields) != COLUMNS:
        raise wrong_width(path, number, len(fields), COLUMNS)
    return number, fields


def _build(
    dialogue: str, rows: Sequence[NumberedRow], slots: Sequence[str], path: Path
) -> LabelledConversation:
    turns: list[Turn] = []
    labels: list[TurnLabels] = []
    for index, (number, fields) in enumerate(rows):
        if fields[1] != str(index):
            raise InputError(
                str(path),
                number,
                found=f"turn index {quoted(fields[1])} in dialogue {quoted(dialogue)}",
                expected=str(index),
                remedy=AS_PUBLISHED,
            )
        if fields[3]:
            turns.append(Turn(fields[3], role="agent", line=number))
            labels.append(TurnLabels())
        turns.append(Turn(fields[4], role="customer", line=number))
        filled = zip(slots, fields[len(LEADING) :], strict=True)
        state = sorted(SlotValue(slot, value) for slot, value in filled if value not in ABSENT)
        labels.append(TurnLabels(state=tuple(state)))
    return LabelledConversation(
        Conversation(dialogue, tuple(turns), source=str(path)), tuple(labels)
    )
