"""Discord channels as DiscordChatExporter writes them for people: TXT, and CSV.

    ==============================================================
    Guild: Tiny Game
    Channel: Help / support
    ==============================================================

    [3/14/2024 9:01 AM] teo
    my save file is gone

Dates have the order of the exporter's country and no seconds. A line of a message that looks
like a header cannot be told from one.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.transcripts.dates import Fields, choose_order
from corpora.transcripts.format import Format, Head
from corpora.transcripts.reading import Options, read_time, refuse, with_notes
from corpora.transcripts.speakers import clean_name
from corpora.transcripts.table import read_rows, split_cells
from corpora.transcripts.text import Text

RULE = "=" * 62
CSV_HEADER = ["AuthorID", "Author", "Date", "Content", "Attachments", "Reactions"]
HEADER = re.compile(
    r"\[(?P<date>(?P<a>\d{1,4})(?P<sep>[/.-]\s?)(?P<b>\d{1,2})(?P=sep)(?P<c>\d{1,4})[.,]?\s"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?:\s?(?P<half>[aApP])"
    r"\.?\s?[mM]\.?)?)\] (?P<name>[^\n]{1,100}?)(?P<pinned> \(pinned\))?"
)
BLOCK = re.compile(r"\{(Attachments|Embed|Stickers|Reactions|Forwarded Message)\}")
COUNT = re.compile(r"Exported (\d+) message\(s\)")


def read_discord_text(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the channel in a TXT export.

    Raises:
        InputError: No line opens a message.
    """
    lines = list(text.lines(refuse))
    heading, body, footer = _cut(lines)
    opened = [
        (number, match) for number, line in body if (match := HEADER.fullmatch(line)) is not None
    ]
    if body and not opened and any(line.strip() for _, line in body):
        raise _no_header(text.source, *next(item for item in body if item[1].strip()))
    order = choose_order(
        [(int(match["a"]), int(match["b"]), int(match["c"])) for _, match in opened],
        [_clock(match) for _, match in opened],
        has_half=any(match["half"] for _, match in opened),
        separator=opened[0][1]["sep"] if opened else "",
        day_first=options.day_first,
    )
    turns: list[Turn] = []
    starts = dict(opened)
    said: list[str] = []
    current: tuple[int, re.Match[str]] | None = None
    for number, line in body:
        if number not in starts:
            said.append(line)
            continue
        if current is not None:
            turns.append(_turn(*current, said, order.read))
        current, said = (number, starts[number]), []
    if current is not None:
        turns.append(_turn(*current, said, order.read))
    meta: dict[str, Any] = dict(heading)
    notes = []
    if order.is_guessed and turns:
        notes.append(f"{text.source}: dates read {order.name}, which nothing in the file proves")
    count = next((int(found[1]) for _, line in footer if (found := COUNT.fullmatch(line))), None)
    if count is not None and count != len(turns):
        notes.append(f"{text.source}: {len(turns)} messages where the export counts {count}")
    if turns:
        yield Conversation(text.name, tuple(turns), text.source, with_notes(meta, *notes))


def read_discord_csv(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the channel in a CSV export; each message is a row, several files share a cell."""
    turns: list[Turn] = []
    is_damaged = False
    for line, row in read_rows(text, options, ","):
        if row == CSV_HEADER:
            continue
        if row is None or len(row) != len(CSV_HEADER):
            is_damaged = True
            if row is not None:
                options.report(
                    InputError(
                        text.source,
                        line,
                        found=f"{len(row)} cells",
                        expected=f"{len(CSV_HEADER)} cells",
                        remedy="export the channel again",
                    )
                )
            continue
        _, author, date, said, files, _ = row
        meta: dict[str, Any] = {}
        time = read_time(date)
        if time is None and date:
            meta["time"] = date
        if files:
            meta["files"] = [file.split("?")[0].rsplit("/", 1)[-1] for file in files.split(",")]
        turns.append(Turn(said, clean_name(author), time=time, line=line, meta=meta))
    notes = [f"{text.source}: some of its rows could not be read"] if is_damaged else []
    if turns:
        yield Conversation(text.name, tuple(turns), text.source, with_notes({}, *notes))


Lines = list[tuple[int, str]]
ReadDate = Callable[[Fields, Fields], datetime | None]


def _cut(lines: Lines) -> tuple[dict[str, str], Lines, Lines]:
    """The heading between the first two rules, the messages, and what the last rules hold."""
    rules = [place for place, (_, line) in enumerate(lines) if line == RULE]
    heading: dict[str, str] = {}
    start, end = 0, len(lines)
    if len(rules) >= 2 and not any(line.strip() for _, line in lines[: rules[0]]):
        for _, line in lines[rules[0] + 1 : rules[1]]:
            key, colon, value = line.partition(": ")
            if colon:
                heading[key.lower()] = value
        start = rules[1] + 1
    if len(rules) >= 4 and any(COUNT.fullmatch(line) for _, line in lines[rules[-2] :]):
        end = rules[-2]
    return heading, lines[start:end], lines[end:]


def _clock(match: re.Match[str]) -> tuple[int, int, int]:
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + 12 * (match["half"] in "pP")
    return hour, int(match["minute"]), int(match["second"] or 0)


def _turn(number: int, match: re.Match[str], said: list[str], read_date: ReadDate) -> Turn:
    meta: dict[str, Any] = {}
    if match["pinned"]:
        meta["pinned"] = True
    kept, blocks = _without_blocks(said)
    if attached := blocks.get("Attachments"):
        meta["files"] = [file.split("?")[0].rsplit("/", 1)[-1] for file in attached]
    if "Forwarded Message" in blocks and not kept:
        kept, meta["forwarded"] = blocks["Forwarded Message"], True
    if not kept:
        kept = blocks.get("Embed", [])
    fields = (int(match["a"]), int(match["b"]), int(match["c"]))
    time = read_date(fields, _clock(match))
    if time is None:
        meta["time"] = match["date"]
    return Turn("\n".join(kept), clean_name(match["name"]), time=time, line=number, meta=meta)


def _without_blocks(said: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """The lines of a message, and those of the blocks below it, each of which a blank line ends."""
    kept: list[str] = []
    blocks: dict[str, list[str]] = {}
    block: list[str] | None = None
    for line in said:
        if (match := BLOCK.fullmatch(line)) is not None:
            block = blocks.setdefault(match[1], [])
        elif block is None:
            kept.append(line)
        elif line.strip():
            block.append(line)
        else:
            block = None
    while kept and not kept[-1].strip():
        kept.pop()
    return kept, blocks


def _no_header(source: str, number: int, line: str) -> InputError:
    return InputError(
        source,
        number,
        found=quoted(line),
        expected="a Discord line such as '[3/14/2024 9:01 AM] name'",
        remedy="export the channel again as JSON, or choose another --format",
    )


def _tells_text(head: Head) -> bool:
    lines = [line for line in head.lines if line.strip()]
    return len(lines) >= 2 and lines[0] == RULE and lines[1].startswith("Guild: ")


def _tells_csv(head: Head) -> bool:
    line = next((line for line in head.lines if line.strip()), "").lstrip("\ufeff")
    return split_cells(line, ",") == CSV_HEADER


DISCORD_TEXT = Format(
    "discord-txt", read_discord_text, _tells_text, signs="it starts with a row of = and a guild"
)
DISCORD_CSV = Format(
    "discord-csv", read_discord_csv, _tells_csv, signs="its header is that of DiscordChatExporter"
)
