"""A loop that can be told to stop: what it is at is finished, what it waits for is not."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopping:
    """Whether a signal has asked to stop.

    Attributes:
        number: Of the signal; None before.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._is_busy = False

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Work that is finished first; a signal that came meanwhile stops right after it."""
        self._is_busy = True
        try:
            yield
        finally:
            self._is_busy = False
        self._stop()

    def hear(self, number: int, _frame: FrameType | None = None) -> None:
        """Take a signal."""
        if self._is_busy and self.number is None:
            self.number = number
            return
        self.number = number  # nothing is under way, or somebody insists
        self._stop()

    def _stop(self) -> None:
        if self.number == signal.SIGINT:
            raise KeyboardInterrupt
        if self.number is not None:
            raise SystemExit(128 + self.number)


@contextmanager
def stopping() -> Iterator[Stopping]:
    """Signals to this process stop a loop between two pieces of work.

    In another than the main thread nothing changes: signals are not heard there.
    """
    stop = Stopping()
    if current_thread() is not main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop.hear) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
