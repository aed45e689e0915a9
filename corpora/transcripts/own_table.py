"""Tables that we wrote ourselves, which give back just what went into them.

    conversation_id,turn,speaker,role,role_guessed,time,text,more
    c-1,0,Ana,customer,false,,my order never came,

`more` is JSON of what cells cannot hold. A cell that a spreadsheet would take for a formula has
an apostrophe before it, which is taken away again.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.transcripts.reading import Options, Unique
from corpora.transcripts.text import Text
from corpora.transcripts.turn_form import read_meta, read_turn, restored, wrong_value

OURS = ("conversation_id", "turn", "speaker", "role", "role_guessed", "time", "text", "more")
# What starts a formula in one spreadsheet or another, at full width too.
FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
GUARD = "'"


def guarded(cell: str) -> str:
    """A cell that no spreadsheet computes."""
    return GUARD + cell if _is_formula(cell) else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if cell.startswith(GUARD) and _is_formula(cell) else cell


def read_own(
    rows: Iterable[tuple[int, Sequence[str] | None]], text: Text, options: Options
) -> Iterator[Conversation]:
    """Yield the conversations of a table that we wrote.

    Args:
        rows: Its rows with their lines, without the header; None for one that is damaged.
        text: The document.
        options: How to read it.
    """
    unique = Unique(text.source)
    group: _Group | None = None
    for line, row in rows:
        name = unguarded(row[0]) if row else None
        if group is None or (name is not None and name != group.name):
            if group is not None:
                yield from group.close()
            group = _Group(name or "", text.source)
            try:
                unique.check(group.name, line)
            except InputError as error:
                group.is_refused = True
                options.report(error)
        if row is None or group.is_refused:
            group.is_refused = True
            continue
        try:
            group.add(line, row)
        except InputError as error:
            group.is_refused = True
            options.report(error)
    if group is not None:
        yield from group.close()


class _Group:
    """The rows of one conversation."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.is_refused = False
        self._source = source
        self._turns: list[Turn] = []
        self._meta: dict[str, Any] = {}
        self._id = name

    def add(self, line: int, row: Sequence[str]) -> None:
        if len(row) != len(OURS):
            raise wrong_value(self._source, line, "/", ",".join(row), f"{len(OURS)} cells")
        cells = {name: unguarded(cell) for name, cell in zip(OURS, row, strict=True)}
        more = self._more(line, cells["more"])
        if "meta" in more:
            self._meta = dict(read_meta(more["meta"]) or {})
        if isinstance(more.get("id"), str):
            self._id = more["id"]
        if cells["turn"]:
            self._turns.append(self._turn(line, cells, more))

    def _more(self, line: int, cell: str) -> dict[str, Any]:
        try:
            more = orjson.loads(cell) if cell else {}
        except orjson.JSONDecodeError:
            more = None
        if not isinstance(more, dict):
            raise wrong_value(self._source, line, "/more", cell, "a JSON object")
        return more

    def _turn(self, line: int, cells: dict[str, str], more: dict[str, Any]) -> Turn:
        value = {
            "text": cells["text"],
            "speaker": cells["speaker"],
            "role": cells["role"] or None,
            "role_guessed": cells["role_guessed"] == "true",
            "time": cells["time"] or None,
        }
        turn = read_turn(value, line, self._source)
        return restored(turn, more.get("turn"), line, self._source)

    def close(self) -> Iterator[Conversation]:
        if not self.is_refused:
            yield Conversation(self._id, tuple(self._turns), self._source, self._meta)


def _is_formula(cell: str) -> bool:
    return cell.lstrip(GUARD)[:1] in FORMULA
