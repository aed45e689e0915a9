"""Plain transcripts: a name, a colon, and what was said; one document is one conversation.

    Customer: my router drops since 10:30
    and the light says "DSL: no sync"
    Agent (Priya): Could you open http://192.168.1.1 ?
    [09:06:52] Customer: it says no

A line without a speaker continues the turn before it. Which labels are speakers is decided by
the whole document: `DSL` above opens no turn, because it stands once and inside another's.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.roles import role_of_label
from corpora.transcripts.format import Format, Head
from corpora.transcripts.reading import Options, read_time, refuse
from corpora.transcripts.speakers import Header, clean_name, is_sure_label, read_header
from corpora.transcripts.text import Text

# What people say to each other, and recipes and forms do not.
TALK = re.compile(r".*\?|(?:hi|hello|hey|good (?:morning|afternoon|evening))\b", re.IGNORECASE)


def read_plain(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the conversation in a plain transcript.

    Raises:
        InputError: No line names a speaker.
    """
    lines = list(text.lines(refuse))
    while lines and not lines[-1][1].strip():
        lines.pop()
    if not lines:
        return
    headers = [read_header(line) for _, line in lines]
    spoken = accepted_labels([line for _, line in lines], headers, is_forced=options.is_forced)
    turns: list[Turn] = []
    heading: list[str] = []
    opened: tuple[int, Header] | None = None
    said: list[str] = []
    for (number, line), header in zip(lines, headers, strict=True):
        if header is not None and header.label in spoken:
            if opened is not None:
                turns.append(_turn(*opened, said))
            opened, said = (number, header), [line[header.text_start :]]
        elif opened is not None:
            said.append(line)
        elif line.strip():
            heading.append(line)
    if opened is None:
        number, line = next(item for item in lines if item[1].strip())
        raise InputError(
            text.source,
            number,
            found=quoted(line),
            expected="'SPEAKER: text'",
            remedy="name the speakers before a colon, or choose another --format",
        )
    turns.append(_turn(*opened, said))
    meta = {"heading": "\n".join(heading)} if heading else {}
    yield Conversation(text.name, tuple(turns), text.source, meta)


def looks_plain(lines: Sequence[str]) -> bool:
    """Whether `lines` are a talk, and not a recipe, a log, settings or an e-mail.

    Two people, one of whom speaks again; or a customer and an agent by name; or two who greet
    or ask and leave no line to anybody else. And at least half of what stands there is said.
    """
    headers = [read_header(line) for line in lines]
    spoken = accepted_labels(lines, headers, is_forced=False)
    order = [header.label for header in headers if header and header.label in spoken]
    if len(set(order)) < 2:
        return False
    filled = [(line, header) for line, header in zip(lines, headers, strict=True) if line.strip()]
    is_exchange = all(
        header is not None and header.label in spoken for _, header in filled
    ) and any(TALK.match(line[header.text_start :]) for line, header in filled if header)
    roles = {role_of_label(label) for label in spoken}
    if not ({"customer", "agent"} <= roles or _alternates(order) or is_exchange):
        return False
    said = 0
    for _, header in filled:
        said += bool(said or (header and header.label in spoken))
    return 2 * said >= len(filled)


def accepted_labels(
    lines: Sequence[str], headers: Sequence[Header | None], *, is_forced: bool
) -> set[str]:
    """The labels that are speakers.

    Those that open two turns; those that name a role; those that stand once, but between the
    turns of others; those alone on a line behind a blank one. Forced, two labels always count.
    """
    counts = Counter(header.label for header in headers if header)
    if is_forced and len(counts) <= 2:
        return set(counts)
    spoken = {label for label, count in counts.items() if count >= 2 or is_sure_label(label)}
    filled = [index for index, line in enumerate(lines) if line.strip()]
    for place, index in enumerate(filled):
        header = headers[index]
        if header is None or header.label[:1].islower():  # Hebrew and Chinese have no case
            continue
        is_between = (place == 0 or headers[filled[place - 1]] is not None) and (
            place + 1 == len(filled) or headers[filled[place + 1]] is not None
        )
        is_title = header.text_start == len(lines[index]) and (
            index == 0 or not lines[index - 1].strip()
        )
        if is_between or is_title:
            spoken.add(header.label)
    return spoken


def _alternates(order: Sequence[str]) -> bool:
    """Whether somebody speaks, another answers, and the first speaks again."""
    seen: set[str] = set()
    last = None
    for label in order:
        if label != last and label in seen:
            return True
        seen.add(label)
        last = label
    return False


def _turn(number: int, header: Header, said: list[str]) -> Turn:
    while len(said) > 1 and not said[-1].strip():
        said.pop()
    if len(said) > 1 and not said[0]:
        said = said[1:]  # the name stood on a line of its own
    meta: dict[str, Any] = {}
    time = read_time(header.clock)
    if header.clock and time is None:
        meta["clock"] = header.clock
    return Turn("\n".join(said), clean_name(header.label), time=time, line=number, meta=meta)


def _tells(head: Head) -> bool:
    return looks_plain(head.lines)


PLAIN = Format(
    "plain", read_plain, _tells, signs="names before colons take turns, and most lines are theirs"
)
