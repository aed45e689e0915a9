"""tests/faults.md names tests that exist."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
TABLE = TESTS / "faults.md"


def test_every_test_that_the_table_names_exists() -> None:
    missing = []
    file = TESTS
    for named in re.findall(r"`([^`\s]+)`", TABLE.read_text(encoding="utf-8")):
        place, _, test = ("", "", named) if "." not in named else named.partition("::")
        if place:
            # A bare name of a file stands for one beside the file before it.
            path = TESTS / place
            file = path if path.exists() else file.parent / place
        if not file.is_file() or f"def {test}" not in file.read_text(encoding="utf-8"):
            missing.append(named)

    assert missing == []


def test_the_table_has_every_number_once() -> None:
    numbers = re.findall(r"^\| (\d+) \|", TABLE.read_text(encoding="utf-8"), re.MULTILINE)

    assert list(map(int, numbers)) == list(range(1, 65))
