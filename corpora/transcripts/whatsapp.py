"""WhatsApp exports, in the shapes that phones of many languages write.

    [3/13/24, 12:16:00 AM] Teo: are you awake
    15.03.24, 14:03 - Jörg: <Medien ausgeschlossen>
    15.03.24, 14:05 - Jörg added Mia

One grammar holds for a whole file, chosen by vote; a line that keeps another one, such as a
chat quoted inside a message, continues the message. A forged line that keeps the same grammar
cannot be told from a real one. Times carry no zone, and none is invented.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.transcripts.dates import DateOrder, choose_order
from corpora.transcripts.format import Export, Format, Head
from corpora.transcripts.phrases import edited_from, is_deleted, is_media, is_system
from corpora.transcripts.reading import Options, refuse, with_notes
from corpora.transcripts.speakers import clean_name
from corpora.transcripts.text import Text

MARKS = "\u200e\u200f\ufeff\u202a\u202b\u202c"
LONGEST_NAME = 100
HAS_NAME = re.compile(r":(?:\s|$)")
# What programs write where people's names stand.
LEVELS = frozenset({
    "info", "warn", "warning", "error", "debug", "trace", "fatal", "critical", "notice",
})  # fmt: skip
VOTING = 2_000  # headers that vote on the grammar

HALF = r"[aApP]\.?\s?[mM]\.?|上午|下午|오전|오후|ص|م|π\.μ\.|μ\.μ\.|SA|CH"
HEADER = re.compile(
    rf"[{MARKS}]*(?P<open>\[?)(?P<a>\d{{1,4}})(?P<sep>[/.-]\s?)(?P<b>\d{{1,2}})(?P=sep)"
    r"(?P<c>\d{1,4})(?P<gap>[,.]?\s(?:(?:klo|um|à|às|a las|alle|kl\.?|om)\s)?)"
    rf"(?:(?P<before>{HALF})\s?)?(?P<hour>\d{{1,2}})[:.](?P<minute>\d{{2}})"
    rf"(?:[:.](?P<second>\d{{2}}))?(?:\s?(?P<after>{HALF}))?(?P<close>\]|\s-)\s(?P<rest>.*)",
    re.DOTALL,
)
AFTERNOON = frozenset({"下午", "오후", "م", "μ.μ.", "CH"})


class Stamp(NamedTuple):
    """A header line, its date still three numbers in unknown order."""

    line: int
    grammar: tuple[object, ...]
    fields: tuple[int, int, int]
    clock: tuple[int, int, int]
    rest: str


def read_whatsapp(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the conversation in an export.

    Raises:
        InputError: No line has the date, time and name that open a message.
    """
    lines = list(text.lines(refuse))
    stamps = [read_stamp(number, line) for number, line in lines]
    grammar = elect([stamp for stamp in stamps if stamp])
    if grammar is None:
        filled = [(number, line) for number, line in lines if line.strip()]
        if filled:
            raise _no_header(text.source, *filled[0])
        return
    headers = [stamp for stamp in stamps if stamp and stamp.grammar == grammar]
    order = choose_order(
        [stamp.fields for stamp in headers],
        [stamp.clock for stamp in headers],
        has_half=bool(grammar[-1]),
        separator=str(grammar[1]),
        day_first=options.day_first,
    )
    turns: list[Turn] = []
    opened: tuple[Stamp, datetime] | None = None
    body: list[str] = []
    unopened = 0
    for (_, line), stamp in zip(lines, stamps, strict=True):
        time = None
        if stamp is not None and stamp.grammar == grammar:
            time = order.read(stamp.fields, stamp.clock)
        if stamp is not None and time is not None:
            if opened is not None:
                turns.append(_turn(*opened, body))
            opened, body = (stamp, time), [stamp.rest]
        elif opened is not None:
            body.append(line)
        elif line.strip():
            unopened += 1
    if opened is not None:
        turns.append(_turn(*opened, body))
    yield Conversation(text.name, tuple(turns), text.source, _meta(order, unopened, text.source))


def read_stamp(number: int, line: str) -> Stamp | None:
    """The header that `line` starts with, in whatever grammar."""
    match = HEADER.match(line)
    if match is None:
        return None
    bracket, a, sep, b, c, gap, before, hour, minute, second, after, close, rest = match.groups()
    if bool(bracket) != (close == "]"):
        return None
    half = before or after
    is_long = len(a) == 4, len(c) == 4
    grammar = (bracket, sep, is_long, gap, second is not None, half is not None)
    clock = (int(hour) if half is None else _hour(int(hour), half), int(minute), int(second or 0))
    return Stamp(number, grammar, (int(a), int(b), int(c)), clock, rest)


def elect(stamps: Sequence[Stamp]) -> tuple[object, ...] | None:
    """The grammar that most headers keep; of two the one that came first."""
    votes = Counter(stamp.grammar for stamp in stamps[:VOTING])
    return votes.most_common(1)[0][0] if votes else None


def _hour(hour: int, half: str) -> int:
    is_afternoon = half in AFTERNOON or half[0] in "pP"
    return hour % 12 + 12 * is_afternoon


def _turn(stamp: Stamp, time: datetime, body: list[str]) -> Turn:
    while len(body) > 1 and not body[-1].strip():
        body.pop()
    name, colon, said = stamp.rest.partition(": ")
    if not colon and stamp.rest.endswith(":"):
        name, colon, said = stamp.rest[:-1], ":", ""
    is_marked = said.startswith("\u200e")
    speaker = _speaker(name) if colon and len(name) <= LONGEST_NAME else None
    if speaker is None:
        said = "\n".join([stamp.rest, *body[1:]]).lstrip(MARKS)
        return Turn(said, role="system", time=time, line=stamp.line, meta={"kind": "system"})
    said = said.lstrip(MARKS)
    if len(body) > 1:
        said = "\n".join([said, *body[1:]])
    meta: dict[str, Any] = {}
    if (edited := edited_from(said)) is not None:
        said = said[:edited]
        meta["edited"] = True
    first_line = said.partition("\n")[0] if len(body) > 1 else said
    if is_marked and is_system(first_line):
        return Turn(
            said, role="system", time=time, line=stamp.line, meta={"kind": "system", "by": speaker}
        )
    if is_media(first_line):
        meta["kind"] = "media"
    elif is_deleted(first_line):
        meta["kind"] = "deleted"
    return Turn(said, speaker, time=time, line=stamp.line, meta=meta)


@lru_cache(maxsize=1024)  # a chat has few speakers and many messages
def _speaker(name: str) -> str | None:
    """The speaker that stands before the colon; None where the messenger itself speaks."""
    if is_system(name + ":"):
        return None
    speaker = clean_name(name)
    # The tilde says that the name is not among the contacts.
    return speaker[1:].strip() if speaker.startswith("~") else speaker


def _meta(order: DateOrder, unopened: int, source: str) -> dict[str, Any]:
    meta: dict[str, Any] = {"date_order": order.name, "date_order_guessed": order.is_guessed}
    notes = []
    if order.is_guessed:
        notes.append(f"{source}: dates read {order.name}, which nothing in the file proves")
    if unopened:
        notes.append(f"{source}: {unopened} lines before the first message left out")
    return with_notes(meta, *notes)


def _no_header(source: str, number: int, line: str) -> InputError:
    return InputError(
        source,
        number,
        found=quoted(line),
        expected="a WhatsApp line such as '15.03.24, 14:03 - Name: text'",
        remedy="export the chat again, or choose another --format",
    )


def _tells(head: Head) -> bool:
    """Three headers of one grammar, or two of which one opens the file, or nothing else."""
    filled = [line for line in head.lines if line.strip()]
    stamps = [stamp for line in filled if (stamp := read_stamp(0, line))]
    grammar = elect(stamps)
    votes = sum(stamp.grammar == grammar for stamp in stamps)
    is_first = bool(stamps) and read_stamp(0, filled[0]) is not None
    if not (votes >= 3 or (votes == 2 and is_first) or (votes and votes == len(filled))):
        return False
    names = [stamp.rest.partition(":")[0] for stamp in stamps if HAS_NAME.search(stamp.rest)]
    return any(name.casefold() not in LEVELS for name in names)


def _is_chat(name: str) -> bool:
    return name == "_chat.txt" or (name.endswith(".txt") and "whatsapp" in name.lower())


# The attachments in an archive may be .txt too, and chats of their own are in none of them.
ARCHIVE = Export(lambda names: any(map(_is_chat, names)), _is_chat, in_archives_only=True)
WHATSAPP = Format(
    "whatsapp",
    read_whatsapp,
    _tells,
    export=ARCHIVE,
    signs="most lines that start with a date and a time write them in one way",
)
