"""Errors that say what went wrong and where, but repeat nothing of what was read."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from corpora.errors import InputError, ToolkitError
from nlp_lstm.artefact import ArtefactError
from pipelines.annotation import Failure

WITHHELD = "something that is not shown while redacting"


class DiscreetFaultError(Exception):
    """A fault of the toolkit, told without its message, which may quote what somebody said."""


def discreet(error: BaseException) -> str:
    """An error as one line that repeats nothing of what was read."""
    if isinstance(error, ArtefactError):
        return str(error)
    if isinstance(error, ToolkitError):
        return f"{error.place}: found {WITHHELD}, expected {error.expected}; {error.remedy}"
    return f"{type(error).__name__} ({_place(error)}; its message is not shown while redacting)"


def discreet_failure(failure: Failure) -> Failure:
    """A failure without what it quotes: the kind of error at most."""
    kind, colon, _ = failure.reason.partition(": ")
    what = kind if colon and kind.isidentifier() else "an error"
    return replace(failure, reason=f"{what} (its message is not shown while redacting)")


@contextmanager
def discretion() -> Iterator[None]:
    """Let no error pass that quotes what was read; an operating system's errors name files only.

    Raises:
        InputError: One was raised; what it had found is not in it any more.
        DiscreetFaultError: Anything else was.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt from None
    except ArtefactError:
        raise
    except InputError as error:
        raise InputError(
            error.source,
            error.line,
            found=WITHHELD,
            expected=error.expected,
            remedy=error.remedy,
        ).with_traceback(error.__traceback__) from None
    except OSError as error:
        if error.strerror:
            raise type(error)(error.errno, error.strerror, error.filename) from None
        raise DiscreetFaultError(discreet(error)).with_traceback(error.__traceback__) from None
    except Exception as error:
        if type(error).__module__.startswith(("typer", "click")):
            raise
        raise DiscreetFaultError(discreet(error)).with_traceback(error.__traceback__) from None


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "nobody knows where"
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
