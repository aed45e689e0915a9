"""Messages that come in any order, put into threads: who answers whom makes one conversation.

They wait in a database on the disk that ends with the process, so that a corpus of millions of
messages takes little memory.
"""

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

BATCH = 10_000  # messages that wait to be stored together


class Message(NamedTuple):
    """One message.

    Attributes:
        id: What answers call it.
        parent: The id of what it answers, or None.
        group: The conversation that it is of, where that is told; answers count only elsewhere.
        order: What sorts it among the messages of a thread; those of equal order stay in theirs.
        content: What JSON can hold of it.
    """

    id: str
    parent: str | None
    group: str | None
    order: float
    content: Any


class Threads:
    """A store of messages."""

    def __init__(self) -> None:
        self._store = sqlite3.connect("")  # a file of its own that nobody else sees
        self._store.execute("PRAGMA journal_mode = OFF")
        self._store.execute("PRAGMA synchronous = OFF")
        self._store.execute("PRAGMA cache_size = -16000")
        self._store.execute(
            "CREATE TABLE message (place INTEGER PRIMARY KEY, id TEXT, parent TEXT, root INTEGER,"
            " thread TEXT, position REAL, content BLOB)"
        )
        self._waiting: list[tuple[Any, ...]] = []

    def add(self, message: Message) -> None:
        """Take a message."""
        self._waiting.append((*message[:4], orjson.dumps(message.content)))
        if len(self._waiting) >= BATCH:
            self._flush()

    def close(self) -> None:
        """Forget everything."""
        self._store.close()

    def repeated(self) -> Iterator[tuple[str, Any]]:
        """Take out each message whose id came before: its id and its content."""
        self._flush()
        self._store.execute("CREATE INDEX IF NOT EXISTS by_id ON message (id)")
        again = (
            "FROM message WHERE EXISTS (SELECT 1 FROM message AS before"
            " WHERE before.id = message.id AND before.place < message.place)"
        )
        for identifier, content in self._store.execute(f"SELECT id, content {again}"):
            yield identifier, orjson.loads(content)
        self._store.execute(f"DELETE {again}")

    def conversations(self) -> Iterator[tuple[str, list[Any]]]:
        """Yield each thread: the id of its group or first message, and its contents in order.

        Threads come in the order in which their first messages were added.
        """
        self._flush()
        self._store.execute("CREATE INDEX IF NOT EXISTS by_id ON message (id)")
        self._store.execute("CREATE INDEX by_parent ON message (parent)")
        self._find_roots()
        self._store.execute("CREATE INDEX by_root ON message (root)")
        rows = self._store.execute(
            "SELECT root.place, COALESCE(root.thread, root.id), message.content FROM message"
            " JOIN message AS root ON root.place = message.root"
            " ORDER BY message.root, message.position, message.place"
        )
        for _, group in groupby(rows, key=itemgetter(0)):
            held = list(group)
            yield held[0][1], [orjson.loads(content) for _, _, content in held]

    def _find_roots(self) -> None:
        """Give each message the first one of its thread."""
        execute = self._store.execute
        # A group is called by the id of its first message, which may not say so itself.
        execute(
            "UPDATE message SET thread = id WHERE thread IS NULL"
            " AND id IN (SELECT thread FROM message WHERE thread IS NOT NULL)"
        )
        execute(
            "UPDATE message SET root = first FROM"
            " (SELECT thread AS name, MIN(place) AS first FROM message"
            "  WHERE thread IS NOT NULL GROUP BY thread)"
            " WHERE thread = name"
        )
        execute(
            "UPDATE message SET root = place WHERE root IS NULL AND (parent IS NULL"
            " OR NOT EXISTS (SELECT 1 FROM message AS above WHERE above.id = message.parent))"
        )
        self._spread()
        while True:  # what is left answers itself in a circle, which its first message opens
            opened = execute(
                "UPDATE message SET root = place WHERE place ="
                " (SELECT MIN(place) FROM message WHERE root IS NULL)"
            )
            if not opened.rowcount:
                return
            self._spread()

    def _spread(self) -> None:
        """Hand the root down from what is answered to its answers, a level at a time."""
        while self._store.execute(
            "UPDATE message SET root = above.root FROM message AS above"
            " WHERE message.root IS NULL AND above.id = message.parent AND above.root IS NOT NULL"
        ).rowcount:
            pass

    def _flush(self) -> None:
        self._store.executemany(
            "INSERT INTO message (id, parent, thread, position, content) VALUES (?, ?, ?, ?, ?)",
            self._waiting,
        )
        self._waiting.clear()
