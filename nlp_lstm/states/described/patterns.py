r"""The regular expression a slot's values must match, in an engine that cannot be made to hang.

    [A-Z]{2}\d{6}

RE2 reads a text once, whatever the expression, so a schema from anywhere can be run on a chat
from anywhere; it has no lookaround and no backreferences. Capitals and small letters are the
same, because people type codes as they please.
"""

import re
from functools import lru_cache
from typing import Any

LONGEST_PATTERN = 500
# What an expression may take when it is compiled: counted repetitions of repetitions multiply.
MOST_MEMORY = 1 << 20

_HALVES = re.compile("[\ud800-\udfff]")


def pattern_fault(pattern: str) -> str | None:
    """What is wrong with a regular expression, or None."""
    if len(pattern) > LONGEST_PATTERN:
        return f"longer than {LONGEST_PATTERN} characters"
    try:
        compiled = _compiled(pattern)
    except ValueError as error:
        return str(error)
    return "it matches empty text" if compiled.fullmatch("") else None


def find_pattern(pattern: str, text: str) -> list[tuple[int, int]]:
    """Where a text matches, [start, end) in code points, in order; never a part of a word.

    Raises:
        ValueError: The pattern has a fault; see `pattern_fault`.
    """
    spans = (match.span() for match in _compiled(pattern).finditer(_readable(text)))
    return [(start, end) for start, end in spans if start < end and _is_whole(text, start, end)]


def matches(pattern: str, value: str) -> bool:
    """Whether a whole value matches.

    Raises:
        ValueError: The pattern has a fault; see `pattern_fault`.
    """
    return _compiled(pattern).fullmatch(_readable(value)) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    import re2  # only a schema with patterns pays for the library

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = MOST_MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0]
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from error


def _readable(text: str) -> str:
    """A text without half characters, which RE2 cannot read; everything stands where it stood."""
    return _HALVES.sub("\ufffd", text)


def _is_whole(text: str, start: int, end: int) -> bool:
    begins_inside = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    ends_inside = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    return not begins_inside and not ends_inside
