"""The conversations of all files that a command was given; a bad file never stops the others."""

import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

import typer

from corpora.conversation import Conversation
from corpora.errors import InputError
from corpora.transcripts import FORMATS, read_transcript
from pipelines.cli.console import say

STDIN = "-"


class Documents:
    """Reads one input after the other, and tells on stderr what cannot be read.

    Attributes:
        failed: Records and documents that could not be read or annotated.
        read: Conversations read.

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
                say(
                    f"{source}: found no conversation, expected a transcript"
                    f" ({', '.join(FORMATS)}); nothing is written for it"
                )

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
        return read_transcript(
            sys.stdin.buffer if source == STDIN else source,
            format=self._format,
            columns=self._columns,
            roles=self._roles,
            on_error=self.report,
        )
