"""What must hold of any bytes that somebody calls a transcript."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from corpora.conversation import Conversation
from corpora.errors import InputError
from corpora.transcripts import read_transcript


def read_bytes(stream: BinaryIO, format: str) -> None:
    """Read a document; all that a reader may do is yield conversations and report errors.

    Raises:
        AssertionError: It does something else.
    """
    errors: list[InputError] = []
    conversations = list(read_transcript(stream, format=format, on_error=errors.append))
    _check(conversations, errors)
    identifiers = [conversation.id for conversation in conversations]
    assert len(set(identifiers)) == len(identifiers)


def read_archive(content: bytes) -> None:
    """Read an archive from the disk; nothing may come of it there.

    Raises:
        AssertionError: Something does.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "chats.zip")
        path.write_bytes(content)
        errors: list[InputError] = []
        _check(list(read_transcript(path, on_error=errors.append)), errors)
        assert [inside.name for inside in Path(folder).rglob("*")] == ["chats.zip"]


def _check(conversations: Sequence[Conversation], errors: Sequence[InputError]) -> None:
    for conversation in conversations:
        conversation.id.encode()
        for turn in conversation.turns:
            turn.text.encode()
            turn.speaker.encode()
            assert turn.line is None or turn.line >= 1
    for error in errors:
        assert str(error).isprintable()
