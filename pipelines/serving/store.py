"""Conversations on the disk, so that a restart goes on where they were: an SQLite file.

Each turn is one transaction, so a killed process leaves every conversation as it was after its
last turn, and never a half one. One process has the file at a time.
"""

import errno
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from corpora.errors import InputError
from pipelines.serving.remembered import Remembered

FORM = "nlp-lstm-live/1"
NAME = "conversations.sqlite"
OWNER_ONLY, OWNERS_FOLDER = 0o600, 0o700
# A killed process's lock is gone with it; another's is not waited for.
PATIENCE = 0.5  # seconds

_TABLES = """
create table if not exists facts (name text primary key, value text not null);
create table if not exists conversations (
    name text primary key, used integer not null, memory blob not null, facts blob not null
) without rowid;
create index if not exists by_use on conversations (used);
create table if not exists told_names (told text primary key, name text not null) without rowid;
create index if not exists by_name on told_names (name);
create trigger if not exists names_go_too after delete on conversations begin
    delete from told_names where name = old.name;
end;
"""


class Store:
    """The file, as a context that holds it against a second process.

    Args:
        folder: Where it lies; made where it is missing.
        settings: What the memories depend on, and no other may be read with: models, redaction.
        most: Conversations kept; beyond that the longest silent one is deleted.

    Raises:
        InputError: On entering: another process has it, it is of other models, or it is no such
            file.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str], *, most: int) -> None:
        self.path = folder / NAME
        self._settings = settings
        self._most = most
        self._used = 0
        self._count = 0

    def __enter__(self) -> Self:
        self._make()
        # Without a level transactions begin and end where it is said, not where it is guessed.
        self._file = sqlite3.connect(
            self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            self._open()
        except sqlite3.Error as error:
            self._file.close()
            raise self._unusable(error) from error
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._count

    def get(self, name: str) -> Remembered | None:
        """What is stored of a conversation.

        Raises:
            ArtefactError: It is damaged.
            OSError: The file cannot be read.
        """
        with self._told():
            # As bytes even where somebody's tool made text of them: they are judged below.
            row = self._file.execute(
                "select cast(memory as blob), cast(facts as blob) from conversations"
                " where name = ?",
                (name,),
            ).fetchone()
        return None if row is None else Remembered.from_bytes(*row)

    def named(self, told: str) -> str | None:
        """The conversation that others are told of by another name.

        Raises:
            OSError: The file cannot be read.
        """
        with self._told():
            row = self._file.execute(
                "select name from told_names where told = ?", (told,)
            ).fetchone()
        return None if row is None else str(row[0])

    def put(self, name: str, remembered: Remembered, told: str | None = None) -> bool:
        """Store a conversation, all of it or nothing; whether another one had to go for it.

        Args:
            name: Of the conversation.
            remembered: What is to be known of it.
            told: What others are told that it is called, where that is another name.

        Raises:
            OSError: It cannot be written; what was stored before stays.
        """
        memory, facts = remembered.to_bytes()
        with self._told(), self._transaction():
            known = self._has(name)
            if not known:
                self._set_fact("begun", str(remembered.number))
            self._file.execute(
                "insert or replace into conversations values (?, ?, ?, ?)",
                (name, self._used + 1, memory, facts),
            )
            if told is not None:
                self._file.execute("insert or replace into told_names values (?, ?)", (told, name))
            over = max(0, self._count + (not known) - self._most)
            if over:
                self._file.execute(
                    "delete from conversations where name in"
                    " (select name from conversations order by used limit ?)",
                    (over,),
                )
        self._used += 1
        self._count += (not known) - over
        return over > 0

    def delete(self, name: str) -> bool:
        """Delete a conversation; whether there was one.

        Raises:
            OSError: The file cannot be written.
        """
        with self._told():
            with self._transaction():
                gone = self._file.execute(
                    "delete from conversations where name = ?", (name,)
                ).rowcount
            # What was deleted must not lie on in what was written ahead.
            self._file.execute("pragma wal_checkpoint(truncate)")
        self._count -= gone
        return bool(gone)

    def begun(self) -> int:
        """How many conversations have begun since the file did."""
        with self._told():
            return int(self._fact("begun") or 0)

    def _make(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=OWNERS_FOLDER)
            # SQLite gives what it writes beside the file the rights of the file itself.
            os.close(os.open(self.path, flags, OWNER_ONLY))
        except OSError as error:
            raise InputError(
                str(error.filename or self.path),
                found=error.strerror or str(error),
                expected="a folder in which a file can be written",
                remedy="choose another folder",
            ) from error

    def _open(self) -> None:
        # Exclusive: a second process is told at once, and needs no shared memory beside the file.
        self._file.execute("pragma locking_mode = exclusive")
        self._file.execute("pragma journal_mode = wal")
        # Whole after a power cut too, if perhaps without the last turns before it.
        self._file.execute("pragma synchronous = normal")
        self._file.execute("pragma secure_delete = on")
        self._file.execute("begin exclusive")
        self._file.execute("commit")
        self._file.executescript(_TABLES)
        self._check("form", FORM)
        for name, value in self._settings.items():
            self._check(name, value)
        (self._used,) = self._file.execute(
            "select coalesce(max(used), 0) from conversations"
        ).fetchone()
        (self._count,) = self._file.execute("select count(*) from conversations").fetchone()

    def _check(self, name: str, value: str) -> None:
        stored = self._fact(name)
        if stored is None:
            self._set_fact(name, value)
        elif stored != value:
            raise InputError(
                str(self.path),
                found=f"conversations remembered with {name} {stored}",
                expected=f"{name} {value}",
                remedy="go on with what wrote them, or choose another folder",
            )

    def _fact(self, name: str) -> str | None:
        row = self._file.execute("select value from facts where name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def _set_fact(self, name: str, value: str) -> None:
        self._file.execute("insert or replace into facts values (?, ?)", (name, value))

    def _has(self, name: str) -> bool:
        found = self._file.execute("select 1 from conversations where name = ?", (name,))
        return found.fetchone() is not None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._file.execute("begin immediate")
        try:
            yield
            self._file.execute("commit")
        except BaseException:
            if self._file.in_transaction:
                self._file.execute("rollback")
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            number = errno.ENOSPC if _code(error) == sqlite3.SQLITE_FULL else errno.EIO
            raise OSError(number, str(error), str(self.path)) from error

    def _unusable(self, error: sqlite3.Error) -> InputError:
        if _code(error) == sqlite3.SQLITE_BUSY:
            return InputError(
                str(self.path),
                found="another process that has it",
                expected="a folder of its own for each process",
                remedy="stop the other one, or choose another folder",
            )
        return InputError(
            str(self.path),
            found=str(error),
            expected="conversations that nlp-lstm stored, or nothing",
            remedy="move it away to begin anew, or choose another folder",
        )


def _code(error: sqlite3.Error) -> int:
    # What Python's own module refuses has none; the higher bits say more than is asked here.
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
