"""What comes in while people are talking: a conversation's next turn, a late answer, its end.

    {"conversation": "c-1", "speaker": "Ana", "role": "customer", "text": "in the north"}

    {"conversation": "c-1", "case": "3f9c0d1e2b4a5c67", "answer": {"state": []}}

    {"conversation": "c-1", "forget": true}

Keys that are not known here are passed over, as in transcripts.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from corpora.conversation import Role, Turn
from corpora.errors import InputError, quoted
from corpora.roles import role_of_word
from corpora.transcripts.text import without_surrogates

EXPECTED = '{"conversation": "…", "speaker": "…", "role": "…", "text": "…"}'
FORGET = '{"conversation": "…", "forget": true}'
MENDED = "lone surrogates, which no UTF-8 can hold, were replaced by U+FFFD"
LATE = '{"conversation": "…", "case": "…", "answer": …}'
# What is called by more is no name.
LONGEST_NAME = 500


class UnknownError(InputError):
    """A conversation, or a case of it, that is not remembered."""


class OutOfOrderError(InputError):
    """A turn that is not the next of its conversation, or an answer that came before."""


@dataclass(frozen=True, slots=True)
class LiveTurn:
    """A turn and the conversation that it belongs to.

    Attributes:
        conversation: Its name.
        turn: What is said.
        index: Place that the sender gives it, from 0; None where the sender does not count.
        notes: What was mended to read it, a sentence each.
    """

    conversation: str
    turn: Turn
    index: int | None = None
    notes: tuple[str, ...] = ()

    def digest(self) -> str:
        """Equal for the same turn sent again."""
        turn = self.turn
        said = (turn.speaker, turn.role, turn.time and turn.time.isoformat(), turn.text)
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Forget:
    """A conversation that is over, and must not be remembered.

    Attributes:
        conversation: Its name.
    """

    conversation: str


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """What a route says about an earlier turn.

    Attributes:
        conversation: The conversation's name, as it was routed.
        case: Id of the case that is answered.
        answer: Of whatever form the route's answers have.
    """

    conversation: str
    case: str
    answer: Any


Message = LiveTurn | LateAnswer | Forget


def read_message(value: object, source: str, line: int | None = None) -> Message:
    """Read what was parsed from JSON.

    Args:
        value: It.
        source: What messages call the stream.
        line: Line of it, from 1.

    Raises:
        InputError: It is no object with a text, nor one with a case and its answer, nor the end
            of a conversation.
    """
    if not isinstance(value, dict):
        raise fault(source, line, quoted(repr(value)[:200]), "write one object a line")
    if "case" in value and "text" not in value:
        return _late(value, source, line)
    if "forget" in value and "text" not in value:
        return _forget(value, source, line)
    return _turn(value, source, line)


def fault(
    source: str, line: int | None, found: str, remedy: str, expected: str = EXPECTED
) -> InputError:
    """An error about something that came in."""
    return InputError(source, line, found=found, expected=expected, remedy=remedy)


def _turn(value: dict[str, Any], source: str, line: int | None) -> LiveTurn:
    text, speaker, index = value.get("text"), value.get("speaker") or "", value.get("index")
    if not isinstance(text, str):
        found = "no text" if text is None else f"text {quoted(repr(text)[:200])}"
        raise fault(source, line, found, "give the turn's text as a string")
    if not isinstance(speaker, str):
        raise fault(source, line, f"speaker {speaker!r}", "name the speaker by a string")
    if index is not None and (type(index) is not int or index < 0):
        raise fault(source, line, f"index {quoted(repr(index)[:200])}", "count turns from 0")
    role, time = _role(value.get("role"), source, line), _time(value.get("time"), source, line)
    name = _name(value.get("conversation", "stream"), source, line)
    whole_text, whole_speaker = without_surrogates(text), without_surrogates(speaker)
    notes = (MENDED,) if (whole_text, whole_speaker) != (text, speaker) else ()
    turn = Turn(whole_text, whole_speaker, role, time=time, line=line)
    return LiveTurn(name, turn, index, notes)


def _forget(value: dict[str, Any], source: str, line: int | None) -> Forget:
    if value["forget"] is not True or "conversation" not in value:
        found = f"forget {quoted(repr(value['forget'])[:200])}"
        raise fault(source, line, found, "name the conversation, and say true", FORGET)
    return Forget(_name(value["conversation"], source, line))


def _late(value: dict[str, Any], source: str, line: int | None) -> LateAnswer:
    case = value["case"]
    if not isinstance(case, str) or "answer" not in value or "conversation" not in value:
        found = quoted(repr({name: value[name] for name in sorted(map(str, value))[:4]})[:200])
        raise fault(source, line, found, "name the conversation and give the answer", LATE)
    return LateAnswer(_name(value["conversation"], source, line), case, value["answer"])


def _name(name: object, source: str, line: int | None) -> str:
    if not isinstance(name, str | int) or isinstance(name, bool):
        raise fault(source, line, f"conversation {quoted(repr(name)[:200])}", "name it by a string")
    name = str(name)
    if len(name) > LONGEST_NAME:
        found = f"a conversation's name of {len(name):,} characters"
        raise fault(source, line, found, f"name it by at most {LONGEST_NAME}")
    if name != without_surrogates(name):
        # Mended, two conversations could come to have one name.
        found = f"conversation {quoted(name)}, which has lone surrogates"
        raise fault(source, line, found, "name it by whole characters")
    return name


def _time(said: object, source: str, line: int | None) -> datetime | None:
    if said is None or said == "":
        return None
    try:
        return datetime.fromisoformat(said)  # type: ignore[arg-type]  # what is no text is a fault
    except (TypeError, ValueError) as error:
        shown = quoted(str(said)[:200])
        raise fault(source, line, f"time {shown}", "write it as 2026-03-05T17:30") from error


def _role(word: object, source: str, line: int | None) -> Role | None:
    if word is None or word == "":
        return None
    role = role_of_word(word) if isinstance(word, str) else None
    if role is None:
        shown = quoted(str(word)[:200])
        raise fault(source, line, f"role {shown}", "choose customer, agent, system or tool")
    return role
