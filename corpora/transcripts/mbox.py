"""E-mail: mailboxes in mbox form, and single mails (.eml); a thread is one conversation.

    From dana@example.net Thu Mar 14 08:00:00 2024
    From: Dana Levi <dana@example.net>
    Date: Thu, 14 Mar 2024 10:00:00 +0200
    Message-ID: <m1@example.net>

    my light broke

What a mail quotes stays in its text, since it was sent. Nothing is fetched, no attachment read.
"""

import email.policy
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import Parser
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any, cast

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.transcripts.format import Format, Head
from corpora.transcripts.html_text import html_to_text
from corpora.transcripts.reading import Options
from corpora.transcripts.speakers import clean_name
from corpora.transcripts.text import Text, without_surrogates
from corpora.transcripts.threads import Message, Threads

SEPARATOR = re.compile(r"From \S+ .*\d{1,2}:\d{2}.*\d{4}.*|From - .*\d{4}.*")
HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60}):(?:\s|$)")
QUOTED_FROM = re.compile(r">+From ")
REPLY = re.compile(r"(?:(?:re|aw|sv|antw|fwd?|wg|tr|rif|odp)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
IDENTIFIER = re.compile(r"<[^<>\s]{1,500}>")
# What the standard library's parser raises on mails that nobody should send.
PARSER_ERRORS = (
    MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError,
)  # fmt: skip
LONGEST_NAME = 100  # characters of a sender that nothing can be read out of
LONGEST_SEPARATOR = 300  # characters; its pattern tries many splits of a line
LONGEST_HEADER = 10_000  # characters that are decoded; so does that of encoded words
MOST_PARTS = 1000
LARGEST_MAIL = 64 * 1024 * 1024  # characters, attachments and all


def read_mbox(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the threads of a mailbox, in the order of their first mails."""
    subjects: dict[str, str] = {}
    with closing(Threads()) as threads:
        for position, (line, mail) in enumerate(_mails(text, options)):
            try:
                threads.add(_message(mail, line, position, text, subjects))
            except InputError as error:
                options.report(error)
        for _ in threads.repeated():  # a mail that lies in two folders is one mail
            pass
        for position, (name, mails) in enumerate(threads.conversations(), start=1):
            subject = mails[0]["subject"]
            meta = {"subject": subject} if subject else {}
            is_named = not name.startswith("#")
            called = f"{text.name}/{name.strip('<>')}" if is_named else f"{text.name}#{position}"
            yield Conversation(called, tuple(map(_turn, mails)), text.source, meta)


def _mails(text: Text, options: Options) -> Iterator[tuple[int, list[str]]]:
    """The lines of each mail, and where it starts."""
    mail: list[str] = []
    start, size, is_mailbox = 1, 0, False
    before = ""
    for number, line in text.lines(options.report):
        is_separator = _separates(line)
        if is_separator and (is_mailbox or not any(map(str.strip, mail))) and not before.strip():
            if any(map(str.strip, mail)):
                yield start, mail
            # The date of the separator is kept, for mails that have no other.
            mail, start, size, is_mailbox = [f"X-Mbox-From: {line[5:]}"], number, 0, True
        else:
            size += len(line)
            if size > LARGEST_MAIL:
                raise InputError(
                    text.source,
                    start,
                    found="a mail of more than 64 MiB (LARGEST_MAIL)",
                    expected="mails",
                    remedy="export the mailbox without attachments",
                )
            mail.append(line[1:] if QUOTED_FROM.match(line) else line)
        before = line if not is_separator else ""
    if any(map(str.strip, mail)):
        yield start, mail


def _separates(line: str) -> bool:
    return (
        line.startswith("From ")
        and len(line) <= LONGEST_SEPARATOR
        and SEPARATOR.fullmatch(line) is not None
    )


def _message(
    lines: Sequence[str], line: int, position: int, text: Text, subjects: dict[str, str]
) -> Message:
    try:
        mail = cast(EmailMessage, Parser(policy=email.policy.compat32).parsestr("\n".join(lines)))
        said = _said(mail)
    except PARSER_ERRORS as error:
        raise InputError(
            text.source,
            line,
            found=f"a mail that cannot be read ({type(error).__name__})",
            expected="a mail with headers, a blank line and a text",
            remedy="remove the mail, or export the mailbox again",
        ) from error
    if not mail.keys() or said is None:
        raise InputError(
            text.source,
            line,
            found="a mail without headers" if said is not None else "a mail without a text",
            expected="a mail with headers, a blank line and a text",
            remedy="remove the mail",
        )
    name = _sender(mail)
    subject = REPLY.sub("", _header(mail, "Subject"), count=1).strip()
    identifiers = IDENTIFIER.findall(_header(mail, "Message-ID"))
    identifier = identifiers[0] if identifiers else f"#{position}"
    above = (
        IDENTIFIER.findall(_header(mail, "In-Reply-To"))
        or IDENTIFIER.findall(_header(mail, "References"))[-1:]
    )
    parent = above[0] if above else None
    is_answer = REPLY.match(_header(mail, "Subject")) is not None
    if parent is None and is_answer and subject:
        parent = subjects.get(subject.casefold())  # programs that name no mail they answer
    if subject:
        subjects.setdefault(subject.casefold(), identifier)
    time = _time(mail)
    content = {
        "id": identifier,
        "parent": parent,
        "subject": subject,
        "speaker": clean_name(name),
        "text": said,
        "time": time.isoformat() if time else None,
        "line": line,
    }
    moment = time if time is None or time.tzinfo else time.replace(tzinfo=UTC)
    order = (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() if moment else 0.0
    return Message(identifier, parent, None, order, content)


def _sender(mail: EmailMessage) -> str:
    """The name, or else the address, of who wrote a mail."""
    written = _header(mail, "From")
    try:
        name, address = parseaddr(written)
    except PARSER_ERRORS:  # brackets in brackets in brackets
        return written[:LONGEST_NAME]
    return name or address


def _header(mail: EmailMessage, name: str) -> str:
    """A header as people read it: encoded words decoded, folded lines joined."""
    value = mail.get(name)
    if value is None:
        return ""
    try:
        from email.header import decode_header, make_header

        decoded = str(make_header(decode_header(str(value)[:LONGEST_HEADER])))
    except PARSER_ERRORS:
        decoded = str(value)[:LONGEST_HEADER]
    return " ".join(without_surrogates(decoded).split())


def _time(mail: EmailMessage) -> datetime | None:
    """When it was sent; where it says nothing or nonsense, when it came."""
    date = mail.get("Date")
    if date is not None:
        try:
            return parsedate_to_datetime(str(date))
        except (ValueError, TypeError, IndexError, OverflowError):
            pass
    came = str(mail.get("X-Mbox-From") or "").partition(" ")[2]
    try:
        return datetime.strptime(came.strip(), "%a %b %d %H:%M:%S %Y")
    except ValueError:
        return None


def _said(mail: EmailMessage) -> str | None:
    """The first plain text of a mail, or else its HTML as text; None where it has neither."""
    html: str | None = None
    for number, part in enumerate(mail.walk()):
        if number > MOST_PARTS:
            break
        kind = part.get_content_type()
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        if kind == "text/plain":
            return _decoded(part)
        if kind == "text/html" and html is None:
            html = html_to_text(_decoded(part))
    return html


def _decoded(part: Any) -> str:
    payload = part.get_payload(decode=True)
    held = part.get_payload()
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding not in ("base64", "quoted-printable", "x-uuencode", "uuencode"):
        said = held if isinstance(held, str) else ""  # the document was decoded as a whole
    else:
        content = payload if isinstance(payload, bytes) else b""
        try:
            said = content.decode(part.get_content_charset() or "utf-8", "replace")
        except (LookupError, UnicodeError):
            said = content.decode("utf-8", "replace")
    said = without_surrogates(said).replace("\r\n", "\n")
    return said.strip("\n")


def _turn(content: dict[str, Any]) -> Turn:
    meta: dict[str, Any] = {}
    if not content["id"].startswith("#"):
        meta["id"] = content["id"].strip("<>")
    if content["parent"] is not None and not content["parent"].startswith("#"):
        meta["reply_to"] = content["parent"].strip("<>")
    time = datetime.fromisoformat(content["time"]) if content["time"] else None
    return Turn(content["text"], content["speaker"], time=time, line=content["line"], meta=meta)


def _tells_mbox(head: Head) -> bool:
    lines = head.lines
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    return (
        _separates(lines[first])
        and first + 1 < len(lines)
        and HEADER.match(lines[first + 1]) is not None
    )


def _tells_mail(head: Head) -> bool:
    """Two headers that only mails have before the first blank line, one of them who or when."""
    names = set()
    for line in head.text.split("\n"):
        if not line.strip():
            break
        match = HEADER.match(line)
        if match is None and not line.startswith((" ", "\t")):
            return False
        if match is not None:
            names.add(match[1].lower())
    return "from" in names and bool({"date", "message-id"} & names)


MBOX = Format(
    "mbox",
    read_mbox,
    _tells_mbox,
    (".mbox",),
    signs="it starts with a 'From ' line and mail headers",
)
EML = Format("eml", read_mbox, _tells_mail, (".eml",), signs="it starts with the headers of a mail")
