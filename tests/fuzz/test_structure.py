"""Every value of every JSON sample of a transcript, exchanged."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fuzz.reading import read_bytes
from tests.fuzz.seeds import FOLDERS, format_of
from tests.fuzz.structure import changed


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


@pytest.mark.parametrize(("held", "format"), list(samples()))
def test_a_value_of_another_kind_is_read_or_told(held: list[Any], format: str) -> None:
    for lines in changed(held, most_items=2):
        document = "\n".join(map(json.dumps, lines)).encode()
        read_bytes(io.BytesIO(document), format)
        read_bytes(io.BytesIO(document), "auto")
