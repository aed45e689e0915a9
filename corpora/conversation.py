"""A conversation as it was said: who spoke, in which order, word for word."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

Role = Literal["customer", "agent", "system", "tool"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of one speaker.

    Attributes:
        text: What was said, never changed by a reader: offsets are code points into it.
        speaker: The name that the source gives, or "" where it gives none.
        role: What the speaker is in the conversation, or None where nobody knows.
        role_guessed: Whether `role` was inferred instead of read.
        time: When it was said; naive where the source names no zone, never invented.
        line: Line of the source at which the turn starts, from 1.
        meta: What the source says beyond that (word confidences, private note, edited).
    """

    text: str
    speaker: str = ""
    role: Role | None = None
    role_guessed: bool = False
    time: datetime | None = None
    line: int | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conversation:
    """The turns of one chat or call, in the order of the source.

    Attributes:
        id: Unique within its source.
        turns: In source order.
        source: Where it was read: usually a path.
        meta: What the source says of the whole conversation.
    """

    id: str
    turns: tuple[Turn, ...]
    source: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
