"""IRC logs of #ubuntu (Kummerfeld et al. 2019): long chats of many, without labels of ours.

    [12:18] <tweaked> HrdwrBoB: ok how many partitions should i make?
    [10:00]  * genii slides jussi01 more coffee
    [01:26] -services:#ubuntu- be nice
    === tuxx has joined #ubuntu

The clock says hours and minutes in a zone and on a day that the line does not name, so it
stays text (`meta["clock"]`) and no time is invented from it.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.labels import LabelledConversation, TurnLabels
from corpora.published.files import AS_PUBLISHED, Split, read_lines, required

CLOCK = r"\[(?P<clock>\d\d:\d\d)\] "
KINDS = {
    "message": re.compile(CLOCK + r"<(?P<nick>[^>]*)> ?(?P<text>.*)", re.DOTALL),
    "action": re.compile(CLOCK + r" ?\* (?P<nick>\S+) ?(?P<text>.*)", re.DOTALL),
    "notice": re.compile(CLOCK + r"-(?P<nick>[^:]+):\S+- ?(?P<text>.*)", re.DOTALL),
}
EVENT = "==="
SUFFIX = ".raw.txt"


def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    """Yield the logs of one split, each a conversation, by name.

    Args:
        root: The publisher's folder, with `data/` in it.
        split: Which folder of `data/`.
        losses: Not touched: nothing has to be aligned here.

    Raises:
        InputError: No log is there, or a line is of none of the kinds above.
    """
    del losses
    folder = root / "data" / split
    logs = sorted(folder.glob(f"*{SUFFIX}"))
    if not logs:
        required(folder / f"<date>{SUFFIX}")
    return (_read_log(path) for path in logs)


def _read_log(path: Path) -> LabelledConversation:
    turns = tuple(_parse_line(line, number, path) for number, line in read_lines(path))
    conversation = Conversation(path.name.removesuffix(SUFFIX), turns, source=str(path))
    return LabelledConversation(conversation, (TurnLabels(),) * len(turns))


def _parse_line(line: str, number: int, path: Path) -> Turn:
    if line.startswith(EVENT):
        return Turn(line.removeprefix(EVENT).removeprefix(" "), role="system", line=number)
    for kind, pattern in KINDS.items():
        if match := pattern.fullmatch(line):
            meta = {"clock": match["clock"], "kind": kind}
            return Turn(match["text"], speaker=match["nick"], line=number, meta=meta)
    raise InputError(
        str(path),
        number,
        found=quoted(line),
        expected="'[HH:MM] <nick> text', an action, a notice or '=== text'",
        remedy=AS_PUBLISHED,
    )
