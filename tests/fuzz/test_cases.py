"""What fuzzing found once, read again: each file ended in something else than conversations."""

import io
from pathlib import Path

import pytest

from tests.fuzz.reading import read_archive, read_bytes
from tests.fuzz.seeds import CASES

FOUND = sorted(path for path in CASES.glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_stays_mended(path: Path) -> None:
    target = path.parent.name
    if target == "archive":
        read_archive(path.read_bytes())
    else:
        format = "auto" if target in ("auto", "packed") else target
        read_bytes(io.BytesIO(path.read_bytes()), format)
