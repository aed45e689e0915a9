"""Every value of every JSON sample, once each replaced by a value of another kind.

Fuzzing bytes seldom puts an object where a word should stand; other people's exports do.
"""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fuzz.reading import read_bytes
from tests.fuzz.seeds import FOLDERS, format_of

OTHERS: tuple[Any, ...] = ({}, [], {"id": [1]}, [{"text": {}}], 7, -0.5, None, True, "\ud800")
Place = tuple[str | int, ...]


def samples() -> Iterator[Any]:
    """Documents, as lists of what their lines or they themselves hold, and their formats."""
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*.json*")):
            format = format_of(path) if path.is_file() else None
            held = _held(path.read_text("utf-8-sig")) if format is not None else None
            if held is not None:
                yield pytest.param(held, format, id=f"{path.parent.name}/{path.name}")


def _held(text: str) -> list[Any] | None:
    """What stands in a document; None where it is no JSON, as some exports are not quite."""
    for lines in ([text], text.splitlines()):
        try:
            return [json.loads(line) for line in lines if line.strip()]
        except json.JSONDecodeError:
            continue
    return None


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Where values stand; of a list's items only the first two."""
    if at:
        yield at
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*at, key))
    if isinstance(value, list):
        for index, item in enumerate(value[:2]):
            yield from places(item, (*at, index))


def exchanged(value: Any, at: Place, other: Any) -> Any:
    if not at:
        return other
    if isinstance(value, dict):
        return {k: exchanged(v, at[1:], other) if k == at[0] else v for k, v in value.items()}
    return [exchanged(v, at[1:], other) if i == at[0] else v for i, v in enumerate(value)]


@pytest.mark.parametrize(("held", "format"), list(samples()))
def test_a_value_of_another_kind_is_read_or_told(held: list[Any], format: str) -> None:
    for at in places(held):
        for other in OTHERS:
            lines = exchanged(held, at, other)
            document = "\n".join(map(json.dumps, lines)).encode()
            read_bytes(io.BytesIO(document), format)
            read_bytes(io.BytesIO(document), "auto")
