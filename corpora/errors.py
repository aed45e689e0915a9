"""Errors that people can act on: where, what was found, what was expected, what to do."""

LONGEST_QUOTE = 60


class ToolkitError(Exception):
    """Base of every error this toolkit raises on purpose; its text is one line.

    Attributes:
        place: File, `file:line`, model directory or setting the error is about.
        found: What stood there, already quoted where it is somebody's text.
        expected: What should have stood there.
        remedy: What the reader of the message can do.
    """

    def __init__(self, place: str, *, found: str, expected: str, remedy: str) -> None:
        self.place = place
        self.found = found
        self.expected = expected
        self.remedy = remedy
        super().__init__(f"{place}: found {found}, expected {expected}; {remedy}")


class InputError(ToolkitError):
    """Something in a file or stream of input cannot be read."""

    def __init__(
        self, source: str, line: int | None = None, *, found: str, expected: str, remedy: str
    ) -> None:
        self.source = source
        self.line = line
        place = source if line is None else f"{source}:{line}"
        super().__init__(place, found=found, expected=expected, remedy=remedy)


def quoted(text: str) -> str:
    """`text` shortened and escaped, so that a message stays one line and inert on a terminal."""
    return repr(text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…")
