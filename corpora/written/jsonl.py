"""Our own form: a conversation a line, read by `corpora.transcripts.jsonlines`."""

from collections.abc import Iterable, Iterator
from typing import Any

from corpora.conversation import Conversation
from corpora.transcripts.turn_form import json_line, turn_value


def jsonl_lines(conversations: Iterable[Conversation]) -> Iterator[bytes]:
    """Each conversation as a line; `source` says where it was read before."""
    for conversation in conversations:
        value: dict[str, Any] = {"id": conversation.id}
        if conversation.source is not None:
            value["source"] = conversation.source
        if conversation.meta:
            value["meta"] = dict(conversation.meta)
        value["turns"] = [turn_value(turn) for turn in conversation.turns]
        yield json_line(value)
