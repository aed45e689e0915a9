import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp_lstm.states.described.toml_lines import TomlPath, toml_lines

EVERY_FORM = '''\
title = "a # no comment [x]"  # a comment = {
"quoted key" = 'literal \\'
deep.dotted . "k.e.y" = 1.5
date = 1979-05-27 07:32:00
text = """
several = "lines"
[[slot]]
"""
raw = \'\'\'
it's = [raw\'\'\'
list = [
  1, [2, 3],  # ]
  {a = 1, b.c = [4,
  5]},
]
"\\u0061\\tb" = true
[table]
x = []
y = {}
[ table . inner ]
z = -inf
[[slot]]
name = "one"
[slot.more]
k = 0
[[slot.values]]
name = "v"
[[slot.values]]
name = "w"
[[slot]]
name = "two"
'''


def leaves(value: Any, path: TomlPath = ()) -> Iterator[TomlPath]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    else:
        yield path


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 1),
        (("quoted key",), 2),
        (("deep", "dotted", "k.e.y"), 3),
        (("text",), 5),
        (("raw",), 9),
        (("list", 1, 1), 12),
        (("list", 2, "b", "c", 0), 13),
        (("list", 2, "b", "c", 1), 14),
        (("a\tb",), 16),
        (("table",), 17),
        (("table", "inner", "z"), 21),
        (("slot", 0), 22),
        (("slot", 0, "more", "k"), 25),
        (("slot", 0, "values", 1, "name"), 29),
        (("slot", 1, "name"), 31),
    ],
)
def test_where_things_stand(path: TomlPath, line: int) -> None:
    assert toml_lines(EVERY_FORM)[path] == line


def test_everything_the_parser_reads_has_a_line() -> None:
    texts = [EVERY_FORM, *(path.read_text("utf-8") for path in Path("nlp_lstm").rglob("*.toml"))]
    for text in texts:
        lines = toml_lines(text)

        missing = [path for path in leaves(tomllib.loads(text)) if path not in lines]

        assert not missing
        assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
