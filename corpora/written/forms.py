"""Every form in which conversations can be written, and what is true for all of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from corpora.conversation import Conversation
from corpora.written.convokit import write_convokit
from corpora.written.jsonl import jsonl_lines
from corpora.written.openai import openai_lines
from corpora.written.parquet import write_parquet
from corpora.written.table import csv_lines


@dataclass(frozen=True, slots=True)
class Form:
    """A form: text that is written as it comes, or a file or folder that is made whole.

    Attributes:
        name: What `--to` calls it.
        lines: Its bytes, piece by piece, where it is text.
        write: Writes a file or folder of it that does not exist yet, where it is not.
        is_folder: Whether `write` makes a folder.
    """

    name: str
    lines: Callable[[Iterable[Conversation]], Iterator[bytes]] | None = None
    write: Callable[[Iterable[Conversation], Path], None] | None = None
    is_folder: bool = False


FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form("jsonl", jsonl_lines),
        Form("csv", csv_lines),
        Form("openai", openai_lines),
        Form("convokit", write=write_convokit, is_folder=True),
        Form("parquet", write=write_parquet),
    )
}


def distinct(conversations: Iterable[Conversation]) -> Iterator[Conversation]:
    """The conversations, those of one id apart: `c-1` of a second file becomes `c-1~2`."""
    seen: set[str] = set()
    for conversation in conversations:
        name, number = conversation.id, 1
        while name in seen:
            number += 1
            name = f"{conversation.id}~{number}"
        seen.add(name)
        if number == 1:
            yield conversation
            continue
        note = f"{conversation.source}: {conversation.id!r} is called {name!r}, like no other"
        notes = [*conversation.meta.get("notes", ()), note]
        yield replace(conversation, id=name, meta={**conversation.meta, "notes": notes})
