"""Every fault has a test that exists."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| (.*) \|$", re.MULTILINE)
SAME = re.compile(r"the same(?: as (\d+))?")


def test_every_fault_has_tests_and_they_exist() -> None:
    rows = {int(number): cell for number, _, cell in ROW.findall((TESTS / "faults.md").read_text())}
    assert sorted(rows) == list(range(1, 65))

    for number, cell in rows.items():
        named = re.findall(r"`([^`]+)`", cell)
        assert named or SAME.match(cell), f"fault {number} has no test"
        file = TESTS
        for name in named:
            path, _, function = name.rpartition("::") if "::" in name else ("", "", name)
            if name.endswith(".py"):
                path, function = name, ""
            if path:
                file = TESTS / path if (TESTS / path).exists() else file.parent / path
            assert file.is_file(), f"fault {number}: no file {path}"
            defined = not function or f"def {function}(" in file.read_text()
            assert defined, f"fault {number}: no {function} in {file}"
