"""What comes in while people are talking: the next turn of a conversation, or a late answer.

{"conversation": "c-1", "speaker": "Ana", "role": "customer", "text": "in the north"}

{"conversation": "c-1", "case": "3f9c0d1e2b4a5c67", "answer": {"state": []}}
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from corpora.conversation import Role, Turn
from corpora.errors import InputError, quoted
from corpora.roles import role_of_word

EXPECTED = '{"conversation": "…", "speaker": "…", "role": "…", "text": "…"}'
LATE = '{"conversation": "…", "case": "…", "answer": …}'
# What is called by more is no name.
LONGEST_NAME = 500


@dataclass(frozen=True, slots=True)
class LiveTurn:
    """A turn and the conversation that it belongs to.

    Attributes:
        conversation: Its name.
        turn: What is said.
        index: Place that the sender gives it, from 0; None where the sender does not count.
    """

    conversation: str
    turn: Turn
    index: int | None = None


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


def read_message(value: object, source: str, line: int | None = None) -> LiveTurn | LateAnswer:
    """Read what was parsed from JSON.

    Args:
        value: It.
        source: What messages call the stream.
        line: Line of it, from 1.

    Raises:
        InputError: It is no object with a text, nor one with a case and its answer.
    """
    if not isinstance(value, dict):
        raise fault(source, line, quoted(repr(value)[:200]), "write one object a line")
    if "case" in value and "text" not in value:
        return _late(value, source, line)
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
    turn = Turn(text, speaker, role, time=time, line=line)
    return LiveTurn(_name(value.get("conversation", "stream"), source, line), turn, index)


def _late(value: dict[str, Any], source: str, line: int | None) -> LateAnswer:
    case = value["case"]
    if not isinstance(case, str) or "answer" not in value or "conversation" not in value:
        found = quoted(repr({name: value[name] for name in sorted(map(str, value))[:4]})[:200])
        raise fault(source, line, found, "name the conversation and give the answer", LATE)
    return LateAnswer(_name(value["conversation"], source, line), case, value["answer"])


def _name(name: object, source: str, line: int | None) -> str:
    if not isinstance(name, str | int) or isinstance(name, bool):
        raise fault(source, line, f"conversation {quoted(repr(name)[:200])}", "name it by a string")
    if len(str(name)) > LONGEST_NAME:
        found = f"a conversation's name of {len(str(name)):,} characters"
        raise fault(source, line, found, f"name it by at most {LONGEST_NAME}")
    return str(name)


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
