"""Where everything stands in a TOML text.

The standard parser forgets lines, and a schema of three hundred lines deserves a message that
names one. Only for text which that parser has read: nothing is checked here.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

TomlPath = tuple[str | int, ...]

TOKEN = re.compile(
    r'(?P<text>"""(?:[^"\\]|\\.|"(?!""))*"{3,5}|\'\'\'(?:[^\']|\'(?!\'\'))*\'{3,5}'
    r'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\')'
    r"|(?P<comment>#[^\n]*)"
    r"|(?P<end>\n)"
    r"|(?P<mark>[\[\]{},=.])"
    r"|(?P<bare>[^\s\[\]{},=.#\"']+)",
    re.DOTALL,
)
ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([btnfre"\\]))')
ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


class _Token(NamedTuple):
    kind: str
    form: str
    line: int


def toml_lines(text: str) -> dict[TomlPath, int]:
    """The line of every table, key and array element, counted from 1.

    Args:
        text: What `tomllib` has read without complaint.

    Returns:
        Lines by path: `("slot", 2, "values", 0)` is the first value of the third `[[slot]]`.
    """
    return _Reader(text).lines


class _Reader:
    def __init__(self, text: str) -> None:
        self.lines: dict[TomlPath, int] = {}
        self._tokens = list(_tokens(text))
        self._place = 0
        self._counts: dict[TomlPath, int] = {}  # elements of each array of tables so far
        table: TomlPath = ()
        while self._place < len(self._tokens):
            if self._here().kind == "end":
                self._place += 1
            elif self._here().form == "[":
                table = self._header()
            else:
                self._pair(table)

    def _here(self) -> _Token:
        if self._place < len(self._tokens):
            return self._tokens[self._place]
        return _Token("end", "\n", 0)

    def _header(self) -> TomlPath:
        line = self._here().line
        opened = 0
        while self._here().form == "[" and self._here().kind == "mark":
            self._place += 1
            opened += 1
        keys = self._key("]")
        self._place += opened
        table: TomlPath = ()
        for key in keys[:-1]:
            table = self._inside((*table, key))
        table = (*table, keys[-1])
        if opened == 2:
            self._counts[table] = self._counts.get(table, 0) + 1
            self.lines.setdefault(table, line)
        table = self._inside(table)
        self.lines.setdefault(table, line)
        return table

    def _inside(self, table: TomlPath) -> TomlPath:
        """The table itself, or the last element of an array of tables."""
        return (*table, self._counts[table] - 1) if table in self._counts else table

    def _pair(self, table: TomlPath) -> None:
        line = self._here().line
        path = (*table, *self._key("="))
        self._place += 1
        self._value(path, line)

    def _key(self, end: str) -> list[str]:
        parts = []
        while self._here().kind != "mark" or self._here().form != end:
            if self._here().kind != "mark":
                parts.append(_unquoted(self._here()))
            self._place += 1
        return parts

    def _value(self, path: TomlPath, line: int) -> None:
        self.lines[path] = line
        opening = self._here()
        if opening.kind != "mark" or opening.form not in "[{":
            while self._here().kind != "end" and self._here().form not in {",", "]", "}"}:
                self._place += 1
            return
        self._place += 1
        count = 0
        while self._here().kind != "mark" or self._here().form not in "]}":
            if self._here().kind == "end" or self._here().form == ",":
                self._place += 1
            elif opening.form == "{":
                self._pair(path)
            else:
                self._value((*path, count), self._here().line)
                count += 1
        self._place += 1


def _tokens(text: str) -> Iterator[_Token]:
    line, counted = 1, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        if match.lastgroup is not None and match.lastgroup != "comment":
            yield _Token(match.lastgroup, match[0], line)


def _unquoted(token: _Token) -> str:
    if token.kind != "text":
        return token.form
    inner = token.form[1:-1]
    return ESCAPE.sub(_unescaped, inner) if token.form[0] == '"' else inner


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else ESCAPED.get(match[3], match[3])
