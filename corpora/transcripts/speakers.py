"""What can be a speaker's label before a colon, and what only looks like one.

[09:06:52] Visitor 4821: human
Agent (Priya): Could you open http://192.168.1.1 ?
"""

import re
from typing import NamedTuple

from corpora.roles import role_of_label

LONGEST_LABEL = 40
MOST_WORDS = 5

CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?(?:\s?[AaPp]\.?[Mm]\.?)?"
DAY = r"\d{4}-\d{2}-\d{2}"
PREFIX = re.compile(
    rf"\s*(?:[\[(](?P<held>(?:{DAY}[ T,]\s?)?{CLOCK})[\])]|(?P<bare>(?:{DAY}[ T])?{CLOCK}))"
    r"\s*(?:-\s+)?(?=\S)"
)
# A label, a colon, and a blank or the end: "10:30" and "http://" have neither. Chinese and
# Japanese text writes a full-width colon, French a blank before it.
HEADER = re.compile(
    r"\s*(?:>>\s*)?(?P<open>\*\*|__|\[)?(?P<label>[^\W\d_][^:：\n]{0,60}?)\s?"
    r"(?:(?P<inner>[:：])(?P<close>\*\*|__)|(?P<close2>\*\*|__|\])?(?:[:](?=\s|$)|：))\s?"
)
NUMBERED = re.compile(r"speaker[_ ]?\d{1,3}", re.IGNORECASE)
# Sentence marks; a full stop may follow a title, which captions write in capitals.
SENTENCE = re.compile(
    r"[!?;\"/<>{}=|]|(?i:(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bSt)(?<!\bProf))\.(?:\s|$)"
    r"|,\s[a-z]"
)

# Keys of logs, mail headers, recipes and forms; lower case.
NO_SPEAKERS = frozenset({
    "info", "warn", "warning", "error", "debug", "trace", "fatal", "critical", "notice", "http",
    "https", "ftp", "note", "notes", "nb", "ps", "p.s", "subject", "date", "from", "to", "cc",
    "bcc", "sent", "reply-to", "message-id", "kind", "language", "time", "total", "subtotal",
    "title", "author", "summary", "description", "name", "address", "phone", "tel", "telephone",
    "email", "e-mail", "mail", "order", "price", "amount", "quantity", "reference", "ref",
    "booking", "step", "example", "tip", "update", "edit", "link", "url", "status", "version",
    "type", "id", "key", "value", "file", "line", "usage", "returns", "args", "raises",
    "ingredients", "method", "serves", "todo", "fixme", "answer", "question", "result",
    "duration", "location", "where", "when", "who", "what", "why", "how", "options", "poll",
    "option", "region", "style", "webvtt",
})  # fmt: skip


class Header(NamedTuple):
    """The start of a turn: who speaks, when, and where the text begins."""

    label: str
    clock: str | None
    text_start: int


def read_header(line: str) -> Header | None:
    """The header that `line` starts with, or None where it has none that could be one."""
    prefix = PREFIX.match(line)
    start = prefix.end() if prefix else 0
    match = HEADER.match(line, start)
    if match is None:
        return None
    opened, closed = match["open"], match["close"] or match["close2"]
    if (opened or closed) and closed != {"[": "]"}.get(opened or "", opened):
        return None
    label = match["label"].strip()
    if not is_label(label):
        return None
    clock = (prefix["held"] or prefix["bare"]) if prefix else None
    return Header(label, clock, match.end())


def is_label(label: str) -> bool:
    """Whether `label` has the shape of a name: short, no sentence, no key of a log or a form."""
    return (
        0 < len(label) <= LONGEST_LABEL
        and len(label.split()) <= MOST_WORDS
        and SENTENCE.search(label) is None
        and label.casefold() not in NO_SPEAKERS
    )


def is_sure_label(label: str) -> bool:
    """Whether the label needs no second turn to be believed: a role, or a numbered speaker."""
    return NUMBERED.fullmatch(label) is not None or role_of_label(label) is not None


def clean_name(name: str) -> str:
    """A speaker's name without the invisible marks that exporters wrap around it."""
    return name.translate(INVISIBLE).strip()


INVISIBLE = dict.fromkeys(
    (0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
