"""The chat of a Zoom meeting, as it is saved: who wrote to whom, at which clock time.

    15:01:39 From Ana to Everyone:
    <TAB>When does it land?
    15:02:10<TAB> From  Ben : older, all on one line
    00:58:04<TAB>Alex:<TAB>as the cloud saves it

There is no date, and the clock is the saver's, or counts from the start of the meeting.
"""

import re
from collections.abc import Iterator
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.transcripts.format import Format, Head
from corpora.transcripts.reading import Options, read_time, refuse
from corpora.transcripts.speakers import clean_name
from corpora.transcripts.text import Text

MOMENT = r"(?P<day>\d{4}-\d{2}-\d{2}[ T])?(?P<clock>\d{1,2}:\d{2}:\d{2}(?:\s?[AaPp][Mm])?)"
SAVED = re.compile(
    rf"{MOMENT}[ \t]+From[ \t]+(?P<name>[^:\n]{{1,100}}?)"
    r"(?:[ \t]+to[ \t]+(?P<to>[^:\n]{1,100}?)(?P<private>[ \t]*\((?:Direct Message|Privately)\))?)?"
    r"[ \t]*:(?:[ \t]+(?P<said>.*)|[ \t]*)"
)
CLOUD = re.compile(rf"{MOMENT}\t(?P<name>[^\t\n]{{1,100}}):\t(?P<said>.*)")
# Marks on what others wrote; their words stand in the chat already.
REACTION = re.compile(r"(?:Reacted to|Removed an? \S+ reaction from) [\"“]", re.DOTALL)


def read_zoom_chat(text: Text, _: Options) -> Iterator[Conversation]:
    """Yield the chat of a meeting.

    Raises:
        InputError: What it starts with is no message.
    """
    turns: list[Turn] = []
    opened: tuple[int, re.Match[str]] | None = None
    said: list[str] = []
    for number, line in text.lines(refuse):
        match = header(line)
        if match is not None:
            if opened is not None:
                turns.append(_turn(*opened, said))
            opened, said = (number, match), []
            if first := match["said"]:
                said.append(first)
        elif opened is not None:
            said.append(line.removeprefix("\t"))
        elif line.strip():
            raise InputError(
                text.source,
                number,
                found=quoted(line),
                expected="'15:01:39 From NAME to Everyone:'",
                remedy="save the chat again, or choose another --format",
            )
    if opened is not None:
        turns.append(_turn(*opened, said))
        yield Conversation(text.name, tuple(turns), text.source)


def header(line: str) -> re.Match[str] | None:
    """What a message starts with, if `line` is such a start."""
    return SAVED.fullmatch(line) or CLOUD.fullmatch(line)


def _turn(number: int, match: re.Match[str], lines: list[str]) -> Turn:
    while lines and not lines[-1].strip():
        lines.pop()
    said = "\n".join(lines)
    found = match.groupdict()
    meta: dict[str, Any] = {"clock": found["clock"]}
    if to := found.get("to"):
        meta["to"] = clean_name(to)
    if found.get("private"):
        meta["private"] = True
    if REACTION.match(said):
        meta["kind"] = "reaction"
    time = read_time(f"{found['day'].strip()} {found['clock']}") if found["day"] else None
    return Turn(said, clean_name(match["name"]), time=time, line=number, meta=meta)


def _tells(head: Head) -> bool:
    filled = [line for line in head.lines if line.strip()]
    return header(filled[0]) is not None


ZOOM_CHAT = Format(
    "zoom-chat",
    read_zoom_chat,
    _tells,
    signs="its first line is '15:01:39 From NAME to …:', or such a line of the cloud",
)
