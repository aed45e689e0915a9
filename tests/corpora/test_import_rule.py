"""Imports only ever point down: pipelines, then nlp_lstm, then corpora."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = {
    "corpora": {"nlp_lstm", "pipelines", "torch", "spacy"},
    "nlp_lstm": {"pipelines", "spacy"},
    "pipelines": set[str](),
}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # A relative import could climb out of its floor unseen, so there are none.
            yield "relative import" if node.level else str(node.module)


def modules(floor: str) -> list[Path]:
    return sorted((ROOT / floor).rglob("*.py"))


@pytest.mark.parametrize("floor", FORBIDDEN)
def test_imports_point_down(floor: str) -> None:
    upward = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(floor)
        for name in imported(ast.parse(path.read_text(encoding="utf-8")))
        if name.partition(".")[0] in FORBIDDEN[floor] | {"tests", "relative import"}
    ]

    assert modules(floor)
    assert upward == []


def test_a_forbidden_import_inside_a_function_is_seen() -> None:
    tree = ast.parse("def late():\n    from nlp_lstm.component import Memory\n")

    assert list(imported(tree)) == ["nlp_lstm.component"]
