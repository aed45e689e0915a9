"""Zendesk tickets with their comments: as JSON, an array, or one ticket a line.

    {"ticket": {"id": 1, "requester_id": 9}, "comments": [{"id": 1, "author_id": 9, "public": true,
     "body": "my light broke", "created_at": "2024-03-14T09:00:00Z"}],
     "users": [{"id": 9, "name": "Dana", "role": "end-user"}]}

Internal notes are read and marked: `meta["kind"] == "note"`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from corpora.conversation import Conversation, Role, Turn
from corpora.transcripts.format import Format, Head
from corpora.transcripts.html_text import html_to_text
from corpora.transcripts.reading import (
    Options,
    named,
    read_each,
    read_time,
    record_name,
    surrogates_note,
    unexpected,
    with_notes,
)
from corpora.transcripts.records import Record
from corpora.transcripts.text import Text

ROLES: Mapping[str, Role] = {"end-user": "customer", "agent": "agent", "admin": "agent"}
SYSTEM = -1  # author of what Zendesk writes itself


def read_zendesk(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield a conversation for each ticket."""
    return read_each(text, options, _tickets, _conversation)


def _tickets(value: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Any, Any]]:
    """Each ticket of a record with its comments and the people who were loaded with it."""
    people = value.get("users")
    if isinstance(tickets := value.get("tickets"), list):
        for ticket in tickets:
            held = ticket if isinstance(ticket, dict) else {}
            yield held, held.get("comments"), held.get("users", people)
        return
    ticket = value.get("ticket", value)
    held = ticket if isinstance(ticket, dict) else {}
    yield held, value.get("comments", held.get("comments")), held.get("users", people)


def _conversation(
    value: tuple[Mapping[str, Any], Any, Any], record: Record, text: Text
) -> Conversation:
    ticket, comments, people = value
    if isinstance(comments, dict):  # as the interface answers
        people = comments.get("users", people)
        comments = comments.get("comments")
    if comments is None and isinstance(ticket.get("description"), str):
        comments = [{
            "body": ticket["description"],
            "author_id": ticket.get("requester_id"),
            "created_at": ticket.get("created_at"),
        }]  # fmt: skip
    if not isinstance(comments, list):
        raise unexpected(text.source, record.line, comments, "'comments': a list of comments")
    known = {
        person["id"]: person
        for person in (people if isinstance(people, list) else ())
        if isinstance(person, dict) and isinstance(person.get("id"), int | str)
    }
    requester = ticket.get("requester_id")
    turns = tuple(
        _turn(comment, index, known, requester, record, text)
        for index, comment in enumerate(comments)
    )
    name = record_name(ticket, record, text)
    meta = {key: ticket[key] for key in ("subject", "status") if isinstance(ticket.get(key), str)}
    notes = surrogates_note(text.source, record.line, record.mended)
    return Conversation(name, turns, text.source, with_notes(meta, *notes))


def _turn(
    comment: object,
    index: int,
    people: Mapping[Any, Mapping[str, Any]],
    requester: object,
    record: Record,
    text: Text,
) -> Turn:
    if not isinstance(comment, dict):
        raise unexpected(text.source, record.line, comment, f"a comment at /comments/{index}")
    said = _said(comment)
    if said is None:
        raise unexpected(
            text.source, record.line, comment.get("body"), f"text at /comments/{index}/body"
        )
    author = comment.get("author_id")
    person = people.get(author, {}) if isinstance(author, int | str) else {}
    meta: dict[str, Any] = {}
    if isinstance(comment.get("id"), int | str):
        meta["id"] = str(comment["id"])
    if isinstance(word := person.get("role"), str):
        meta["source_role"] = word
    if comment.get("public") is False:
        meta["kind"] = "note"
    via = comment.get("via")
    if isinstance(via, dict) and isinstance(via.get("channel"), str):
        meta["channel"] = via["channel"]
    if names := named(comment.get("attachments"), "file_name"):
        meta["files"] = names
    role: Role | None = ROLES.get(str(person.get("role")))
    if author == SYSTEM:
        role = "system"
    elif role is None and author is not None and requester is not None:
        role = "customer" if author == requester else "agent"
    name = person.get("name")
    speaker = name if isinstance(name, str) and name else "" if author is None else str(author)
    time = read_time(comment.get("created_at"))
    return Turn(
        said, "" if author == SYSTEM else speaker, role, time=time, line=record.line, meta=meta
    )


def _said(comment: Mapping[str, Any]) -> str | None:
    for key in ("plain_body", "body"):
        if isinstance(said := comment.get(key), str):
            return said
    if isinstance(html := comment.get("html_body"), str):
        return html_to_text(html)
    spoken = comment.get("data")
    if isinstance(spoken, dict) and isinstance(spoken.get("transcription_text"), str):
        return str(spoken["transcription_text"])
    return "" if comment.get("attachments") else None


def _is_ticket(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("comments"), list):
        return False
    first = value["comments"][0] if value["comments"] else None
    return {"requester_id", "submitter_id"} & set(value) != set() or (
        isinstance(first, dict)
        and "author_id" in first
        and bool({"body", "html_body"} & set(first))
    )


def _tells(head: Head) -> bool:
    for value in head.values:
        ticket, tickets = value.get("ticket"), value.get("tickets")
        if isinstance(ticket, dict) and ("comments" in value or "comments" in ticket):
            return True
        if isinstance(tickets, list) and tickets[:1] and _is_ticket(tickets[0]):
            return True
        if _is_ticket(value):
            return True
    return False


ZENDESK = Format("zendesk", read_zendesk, _tells, signs="its tickets have comments with authors")
