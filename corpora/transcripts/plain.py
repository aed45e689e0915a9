"""Plain transcripts: a name, a colon, and what was said; one document is one conversation.

    Customer: my router drops since 10:30
    and the light says "DSL: no sync"
    Agent (Priya): Could you open http://192.168.1.1 ?
    [09:06:52] Customer: it says no

A line without a speaker continues the turn before it. Which labels are speakers is decided by
the whole document: `DSL` above opens no turn, because it stands once and inside another's.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.roles import role_of_label
from corpora.transcripts.reading import Options, read_time
from corpora.transcripts.speakers import Header, clean_name, names_role, read_header
from corpora.transcripts.text import Text


def read_plain(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the conversation in a plain transcript.

    Raises:
        InputError: No line names a speaker.
    """

    def refuse(error: InputError) -> None:
        raise error

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

    Two people, one of whom speaks again, or a customer and an agent by name; and at least half
    of what stands there belongs to somebody.
    """
    headers = [read_header(line) for line in lines]
    spoken = accepted_labels(lines, headers, is_forced=False)
    order = [header.label for header in headers if header and header.label in spoken]
    roles = {role_of_label(label) for label in spoken}
    is_answered = len(set(order)) >= 2 and (
        {"customer", "agent"} <= roles or (len(order) >= 3 and _alternates(order))
    )
    if not is_answered:
        return False
    filled = [index for index, line in enumerate(lines) if line.strip()]
    first = next(index for index, header in enumerate(headers) if header and header.label in spoken)
    return 2 * sum(index >= first for index in filled) >= len(filled)


def accepted_labels(
    lines: Sequence[str], headers: Sequence[Header | None], *, is_forced: bool
) -> set[str]:
    """The labels that are speakers.

    Those that open two turns, those that name a role, and those that stand once but between
    the turns of others, as in a short chat. Forced, every label counts.
    """
    counts = Counter(header.label for header in headers if header)
    if is_forced and len(counts) <= 2:
        return set(counts)
    spoken = {label for label, count in counts.items() if count >= 2 or names_role(label)}
    filled = [header for line, header in zip(lines, headers, strict=True) if line.strip()]
    for index, header in enumerate(filled):
        if header is None or header.label in spoken or not header.label[:1].isupper():
            continue
        before = filled[index - 1] if index else None
        after = filled[index + 1] if index + 1 < len(filled) else None
        is_between = (index == 0 or before is not None) and (
            index + 1 == len(filled) or after is not None
        )
        if is_between:
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
