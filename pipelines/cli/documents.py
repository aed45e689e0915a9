"""The conversations of all files that a command was given; a bad file never stops the others."""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import typer

from corpora.conversation import Conversation
from corpora.errors import InputError
from corpora.transcripts import read_transcript
from pipelines.cli.console import say

STDIN = "-"


class Documents:
    """Reads one input after the other, and tells on stderr what cannot be read.

    Attributes:
        failed: Records and documents that could not be read or annotated.
        read: Conversations read.
        empty: Inputs that hold no conversation, and nothing that could not be read.

    Raises:
        typer.BadParameter: The format, a column or a role is unknown.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        *,
        format: str = "auto",
        columns: Mapping[str, str] | None = None,
        roles: Mapping[str, str] | None = None,
    ) -> None:
        self._told: Callable[[InputError], str] = str
        self._inputs = inputs
        self._format = format
        self._columns = columns
        self._roles = roles
        self._origins: deque[int] = deque()
        self.failed = 0
        self.read = 0
        self.empty = 0
        try:
            self._open("")  # only checks what it is given: nothing is opened before the first read
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    def conversations(self) -> Iterator[Conversation]:
        """Everything that can be read, in the order of the inputs."""
        for number, source in enumerate(self._inputs):
            before = self.read, self.failed
            for conversation in self._open(source):
                self.read += 1
                self._origins.append(number)
                yield conversation
            if (self.read, self.failed) == before:
                self.empty += 1
                say(
                    f"{source}: found no conversation, expected a transcript; nothing is written"
                    " for it, and nlp-lstm inspect says what it is taken for"
                )

    def told(self, conversations: Iterable[Conversation]) -> Iterator[Conversation]:
        """Conversations, what had to be mended in each told on the way."""
        for conversation in conversations:
            for note in conversation.meta.get("notes", ()):
                say(str(note))
            yield conversation

    def exit_code(self, *, strict: bool = False) -> int:
        """What a command ends with that did all it could: see `app.py`.

        Args:
            strict: Whether an input without a conversation is wrong usage.
        """
        if strict and self.empty:
            return 2
        return 1 if self.failed else 0

    def origin(self) -> int:
        """Which input the next conversation came from; to be asked once for each, in order."""
        return self._origins.popleft()

    def tell_errors_as(self, told: Callable[[InputError], str]) -> None:
        """Say how errors are told from now on."""
        self._told = told

    def report(self, error: InputError) -> None:
        """Tell an error and count it."""
        self.failed += 1
        say(self._told(error))

    def fail(self, message: str) -> None:
        """Tell what went wrong with a conversation, and count it."""
        self.failed += 1
        say(message)

    def _open(self, source: str) -> Iterator[Conversation]:
        if source not in ("", STDIN):
            from pipelines.tables import is_table, read_tables  # pyarrow is read when one is

            if is_table(Path(source)):
                tables = read_tables(
                    Path(source), self.report, columns=self._columns, roles=self._roles
                )
                return self._reported(chain.from_iterable(tables))
        return read_transcript(
            sys.stdin.buffer if source == STDIN else source,
            format=self._format,
            columns=self._columns,
            roles=self._roles,
            on_error=self.report,
        )

    def _reported(self, conversations: Iterator[Conversation]) -> Iterator[Conversation]:
        try:
            yield from conversations
        except InputError as error:  # a damaged table ends itself, and no other input
            self.report(error)
