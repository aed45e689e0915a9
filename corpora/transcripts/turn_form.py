"""Our own form of a turn as JSON, and what a form of others cannot hold of one.

    {"speaker": "Ana", "role": "customer", "text": "my order never came"}

Other forms lack some of it: OpenAI's messages have no times, a table no nested values. What is
written in one of those carries the rest beside it, so that reading it gives the same turn.
"""

import json
from collections.abc import Mapping
from typing import Any

import orjson

from corpora.conversation import ROLES, Turn
from corpora.errors import InputError, quoted
from corpora.roles import role_of_word
from corpora.transcripts.reading import read_time
from corpora.transcripts.text import without_surrogates

_ROLES = frozenset(ROLES)


def read_turn(value: Mapping[str, Any], line: int, source: str, pointer: str = "") -> Turn:
    """The turn of an object in our form; keys that are not ours are ignored.

    Args:
        value: The object.
        line: Where its document keeps it.
        source: What messages call the document.
        pointer: Where in its line it stands.

    Raises:
        InputError: It has no text, or something else than the form allows.
    """
    get = value.get
    said = get("text")
    if type(said) is not str:
        raise wrong_value(source, line, f"{pointer}/text", said, "a string")
    speaker = get("speaker")
    if speaker is None:
        speaker = ""
    elif type(speaker) is not str:
        if type(speaker) is not int:  # speakers are numbered in some exports, from 0
            raise wrong_value(source, line, f"{pointer}/speaker", speaker, "a string")
        speaker = str(speaker)
    role, time, meta = get("role"), get("time"), get("meta")
    if meta is None:
        meta = {}
    elif type(meta) is not dict:
        meta = read_meta(meta)
        if meta is None:
            raise wrong_value(source, line, f"{pointer}/meta", get("meta"), "an object")
    if role is not None and type(role) is not str:
        raise wrong_value(source, line, f"{pointer}/role", role, "a string")
    if role is not None and role not in _ROLES:
        meta = {**meta, "source_role": role}
        role = role_of_word(role)
    if time is not None:
        moment = read_time(time)
        if moment is None:
            meta = {**meta, "time": time}
        time = moment
    return Turn(said, speaker, role, get("role_guessed") is True, time, line, meta)


def read_meta(value: object) -> Mapping[str, Any] | None:
    """What a source says beyond our fields: an object, or its JSON, as columnar files keep it.

    Returns:
        None where it is neither.
    """
    if value is None:
        return {}
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return None
    return value if isinstance(value, dict) else None


def turn_value(turn: Turn) -> dict[str, Any]:
    """A turn as the object that `read_turn` reads; what is empty is left out."""
    value: dict[str, Any] = {"speaker": turn.speaker} if turn.speaker else {}
    if turn.role is not None:
        value["role"] = turn.role
    if turn.role_guessed:
        value["role_guessed"] = True
    if turn.time is not None:
        value["time"] = turn.time.isoformat()
    value["text"] = turn.text
    if turn.meta:
        value["meta"] = dict(turn.meta)
    return value


def missing(turn: Turn, back: Turn) -> dict[str, Any]:
    """What is to be told of `turn` beside a form that gives `back`; null where it has nothing."""
    wanted, given = turn_value(turn), turn_value(back)
    names = sorted(wanted.keys() | given.keys())
    return {name: wanted.get(name) for name in names if wanted.get(name) != given.get(name)}


def restored(back: Turn, told: object, line: int, source: str) -> Turn:
    """The turn that `missing` was told of.

    Raises:
        InputError: What is told is not of our form.
    """
    if told is None:
        return back
    if not isinstance(told, dict):
        raise wrong_value(source, line, "/nlp-lstm", told, "an object")
    return read_turn({**turn_value(back), **told}, line, source, "/nlp-lstm")


def json_line(value: object) -> bytes:
    """A value as a line of JSON in UTF-8, which has no place for lone surrogates and NaN."""
    try:
        return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # surrogates, and whole numbers of more than 64 bits
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return without_surrogates(text).encode() + b"\n"


def wrong_value(source: str, line: int, pointer: str, value: object, expected: str) -> InputError:
    """The error for a value that the form does not allow where it stands."""
    found = "nothing" if value is None else f"{type(value).__name__} {quoted(repr(value)[:200])}"
    return InputError(
        source,
        line,
        found=f"{found} at {pointer}",
        expected=expected,
        remedy="mend the line, or name the key with --map",
    )
