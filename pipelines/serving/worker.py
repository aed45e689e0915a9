"""One thread that computes, so that whoever waits for the network never waits for a model.

Turns of live conversations go first. A whole transcript is worked off a piece at a time between
them, so that nobody who types waits for somebody's long file, and it is not forgotten either.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Any, TypeVar

Done = TypeVar("Done")

# So many turns go before a piece of a transcript at most.
TURNS_FIRST = 8


class BusyError(Exception):
    """More is waiting than may wait."""


@dataclass(slots=True)
class _Task:
    future: Future[Any]
    turn: Callable[[], Any] | None = None
    pieces: Generator[None, None, Any] | None = None


class Worker:
    """The thread, as a context: on leaving, everything that waits is done first.

    Args:
        most_waiting: Tasks; further ones are refused.
    """

    def __init__(self, most_waiting: int) -> None:
        self._most = most_waiting
        self._turns: deque[_Task] = deque()
        self._whole: deque[_Task] = deque()
        self._since_piece = 0
        self._is_closing = False
        self._changed = Condition()
        self._thread = Thread(target=self._work, name="models", daemon=True)

    def __enter__(self) -> "Worker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()

    def __len__(self) -> int:
        """How many tasks wait."""
        return len(self._turns) + len(self._whole)

    async def turn(self, task: Callable[[], Done]) -> Done:
        """What a short task gives.

        Raises:
            BusyError: Too many wait.
        """
        future: Future[Done] = Future()
        self._add(self._turns, _Task(future, turn=task))
        return await asyncio.wrap_future(future)

    async def whole(self, pieces: Generator[None, None, Done]) -> Done:
        """What a long task gives in the end; where it yields, others may go first.

        Raises:
            BusyError: Too many wait.
        """
        future: Future[Done] = Future()
        self._add(self._whole, _Task(future, pieces=pieces))
        return await asyncio.wrap_future(future)

    def _add(self, tasks: deque[_Task], task: _Task) -> None:
        with self._changed:
            if self._is_closing or len(self) >= self._most:
                raise BusyError
            tasks.append(task)
            self._changed.notify()

    def _work(self) -> None:
        while (task := self._next()) is not None:
            if task.turn is not None:
                _settle(task.future, task.turn)
            elif task.pieces is not None and not self._is_over(task.future, task.pieces):
                with self._changed:
                    self._whole.append(task)

    def _next(self) -> _Task | None:
        with self._changed:
            while not len(self):
                if self._is_closing:
                    return None
                self._changed.wait()
            if self._turns and (not self._whole or self._since_piece < TURNS_FIRST):
                self._since_piece += 1
                return self._turns.popleft()
            self._since_piece = 0
            return self._whole.popleft()

    def _is_over(self, future: Future[Any], pieces: Generator[None, None, Any]) -> bool:
        if future.cancelled():
            pieces.close()
            return True
        try:
            next(pieces)
        except StopIteration as end:
            given = end.value
            _settle(future, lambda: given)
        except BaseException as error:
            _settle(future, _raiser(error))
        else:
            return False
        return True


def _settle(future: Future[Any], task: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return  # nobody waits any more
    try:
        future.set_result(task())
    except BaseException as error:
        future.set_exception(error)


def _raiser(error: BaseException) -> Callable[[], Any]:
    def throw() -> Any:
        raise error

    return throw
