"""Lines in, lines out: each turn of many interleaved conversations is answered by one line."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, Protocol

from corpora.errors import ToolkitError, quoted
from pipelines.annotation import reason_of
from pipelines.records import record_line
from pipelines.serving.json_text import parse
from pipelines.serving.live import LiveConversations
from pipelines.serving.stopping import stopping
from pipelines.serving.turns import LateAnswer, LiveTurn, Message, fault, read_message

# A turn of 100,000 characters fits many times; what is longer is no turn.
LONGEST_LINE = 4 * 1024 * 1024  # bytes
SOURCE = "<stdin>"


class Later(Protocol):
    """Answers of routes, as they come."""

    def ready(self) -> Iterator[LateAnswer]:
        """Those that have come."""
        ...

    def rest(self) -> Iterator[LateAnswer]:
        """The others, waited for."""
        ...


class Output(Protocol):
    """Where lines go."""

    def write(self, lines: bytes, /) -> object:
        """Take whole lines."""
        ...

    def flush(self) -> object:
        """Let whoever reads have what was written."""
        ...


def answer_lines(
    lines: BinaryIO,
    answers: Output,
    conversations: LiveConversations,
    told: Callable[[Exception], str] = reason_of,
    later: Later | None = None,
) -> int:
    """Answer each line with one line, flushed at once.

    The next line is not read before: whoever writes faster than the models read has to wait. A
    signal to stop is obeyed when the line that is being read is answered.

    Args:
        lines: One message each; see `pipelines.serving.turns`.
        answers: Where answers go.
        conversations: What is remembered.
        told: How an error is told.
        later: Gives what routes answer, for lines of their own between two turns and in the end.

    Returns:
        How many lines could not be annotated.
    """
    failed = 0
    with stopping() as stop:
        for number, line in _bounded(lines):
            with stop.busy():
                try:
                    answer = _answer(read_line(line, number), conversations, number)
                except OSError:
                    raise  # what should be kept cannot be written, so going on would lose it
                except Exception as error:  # one bad turn must not silence the others
                    failed += 1
                    answer = {"error": told(error), "line": number}
                answers.write(record_line(answer))
                answers.flush()
                if later is not None:
                    _write_late(later.ready(), answers, conversations, told)
        if later is not None:
            _write_late(later.rest(), answers, conversations, told)
    return failed


def _write_late(
    late: Iterable[LateAnswer],
    answers: Output,
    conversations: LiveConversations,
    told: Callable[[Exception], str],
) -> None:
    """Write what routes answered; what does not fit is told, and the first answer stays."""
    for one in late:
        try:
            line = conversations.answer(one, f"the route's answer to {one.case}")
        except ToolkitError as error:
            line = {"error": told(error), "case": one.case}
        answers.write(record_line(line))
        answers.flush()


def _answer(message: Message, conversations: LiveConversations, number: int) -> dict[str, Any]:
    if isinstance(message, LiveTurn):
        return conversations.annotate(message, SOURCE)
    if isinstance(message, LateAnswer):
        return conversations.answer(message, f"{SOURCE}:{number}")
    return {
        "conversation": message.conversation,
        "forgotten": conversations.forget(message.conversation),
    }


def read_line(line: bytes, number: int) -> Message:
    """Read a line of the stream.

    Raises:
        InputError: It is no JSON object, or not one of the two that are expected.
    """
    if len(line) > LONGEST_LINE:
        found = f"a line longer than {LONGEST_LINE:,} bytes"
        raise fault(SOURCE, number, found, "cut the turn")
    try:
        value = parse(line)
    except ValueError as error:
        found = f"{quoted(line[:400].decode(errors='replace').strip())} ({error})"
        raise fault(SOURCE, number, found, "write one object a line") from error
    return read_message(value, SOURCE, number)


def _bounded(lines: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, numbered from 1, each cut just beyond `LONGEST_LINE`."""
    number = 0
    while line := lines.readline(LONGEST_LINE + 1):
        number += 1
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = lines.readline(LONGEST_LINE + 1)
        if line.strip():
            yield number, line
