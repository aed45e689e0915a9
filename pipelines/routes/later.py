"""Routes of a live stream: what takes its time is asked beside it; answers come when they do."""

import queue
from collections.abc import Iterator, Mapping, Sequence
from threading import Thread
from typing import Any

from pipelines.queues import queue_entry
from pipelines.record_models import Case
from pipelines.records import record_line
from pipelines.routes.answers import Answer
from pipelines.routes.cases import RoutedCase
from pipelines.routes.dispatch import Routes
from pipelines.serving.turns import LateAnswer

# Cases that wait for a machine; beyond that the stream waits with them.
MOST_WAITING = 256


class LaterRoutes:
    """Takes the cases of live turns: files at once, machines in a thread of their own.

    Args:
        routes: Of the policy.
    """

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._cases: queue.Queue[RoutedCase | None] = queue.Queue(MOST_WAITING)
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._failure: Exception | None = None
        self._thread = Thread(target=self._work, name="routes", daemon=True)
        self._thread.start()

    def deliver(self, record: Mapping[str, Any], cases: Sequence[Case]) -> None:
        """Take the cases of a turn, whose record this is; `pipelines.serving.live.Deliver`.

        Raises:
            OSError: A file of a route cannot be written.
        """
        self._raise()
        routed = [RoutedCase.from_line(record_line(queue_entry(case, record))) for case in cases]
        self._routes.send([case for case in routed if case.route not in self._routes.slow])
        for case in routed:
            if case.route in self._routes.slow:
                self._cases.put(case)

    def ready(self) -> Iterator[LateAnswer]:
        """Answers that have come since this was last asked."""
        self._raise()
        while True:
            try:
                answer = self._answers.get_nowait()
            except queue.Empty:
                return
            yield _late(answer)

    def rest(self) -> Iterator[LateAnswer]:
        """All other answers, waited for; nothing is taken any more."""
        self._cases.put(None)
        self._thread.join()
        yield from self.ready()

    def close(self) -> list[str]:
        """Close the routes.

        Returns:
            What became of the cases, a line a route.
        """
        self._routes.close()
        return self._routes.report()

    def _work(self) -> None:
        while (case := self._cases.get()) is not None:
            if self._failure is not None:
                continue  # the stream is told with its next turn
            try:
                for answer in self._routes.send([case]):
                    self._answers.put(answer)
            except Exception as error:  # told where the stream is read, not lost in a thread
                self._failure = error

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure


def _late(answer: Answer) -> LateAnswer:
    said = answer.model_dump(exclude={"source", "line", "form", "case", "conversation"})
    return LateAnswer(answer.conversation or "", answer.case, said)
