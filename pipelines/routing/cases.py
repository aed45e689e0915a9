"""What a case is known by."""

import hashlib
from typing import Literal

from nlp_lstm.component import Task


def case_id(
    conversation: str,
    turn: int,
    text: str,
    task: Task | Literal["frustration", "explicit_request"],
    fingerprint: str,
) -> str:
    """A case's id, equal whenever the same conversation meets the same model again.

    The turn's text is hashed too, because a conversation's id is unique in its source only:
    two files that both number their chats from 1 must not swallow each other's cases.
    """
    parts = (conversation, str(turn), text, task, fingerprint)
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "little"))
        digest.update(content)
    return digest.hexdigest()[:16]
