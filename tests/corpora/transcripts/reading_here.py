"""Reading bytes in tests: all conversations, and the errors that were reported on the way."""

import io
from collections.abc import Mapping

from corpora.conversation import Conversation
from corpora.errors import InputError
from corpora.transcripts import read_transcript


def read_all(
    content: bytes | str,
    *,
    format: str = "auto",
    columns: Mapping[str, str] | None = None,
    roles: Mapping[str, str] | None = None,
    day_first: bool | None = None,
) -> tuple[list[Conversation], list[InputError]]:
    """Everything in a document of this content, and every error that reading it reported."""
    errors: list[InputError] = []
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    conversations = list(
        read_transcript(
            stream,
            format=format,
            columns=columns,
            roles=roles,
            day_first=day_first,
            on_error=errors.append,
        )
    )
    return conversations, errors


def read_one(content: bytes | str, format: str = "auto") -> Conversation:
    """The only conversation in a document without errors."""
    conversations, errors = read_all(content, format=format)
    assert errors == []
    assert len(conversations) == 1
    return conversations[0]


def rows(conversation: Conversation) -> list[tuple[str, str]]:
    """Speaker and text of each turn."""
    return [(turn.speaker, turn.text) for turn in conversation.turns]
