"""What the service does with a request that was let in: the models' work, told to the worker."""

import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from starlette.responses import Response

from corpora.errors import InputError, ToolkitError, quoted
from pipelines.records import record_line
from pipelines.serving.forms import REQUEST, AnswerSent, NextTurn, TranscriptSent
from pipelines.serving.limits import Limits
from pipelines.serving.lines import Later
from pipelines.serving.live import LiveConversations
from pipelines.serving.metrics import Metrics
from pipelines.serving.replies import BUSY, JSON, fault_body, status_of
from pipelines.serving.turns import LateAnswer, UnknownError, fault
from pipelines.serving.worker import BusyError, Worker

Done = TypeVar("Done")


class Service:
    """Conversations behind a worker: only its thread touches them.

    Args:
        conversations: What is remembered.
        worker: Computes.
        limits: How much one request may ask.
        metrics: Counts.
        told: How an error is told.
        later: Gives what routes answer; it is brought in before anything else is done.
    """

    def __init__(
        self,
        conversations: LiveConversations,
        worker: Worker,
        limits: Limits,
        metrics: Metrics,
        told: Callable[[Exception], str],
        later: Later | None = None,
    ) -> None:
        self._conversations = conversations
        self._worker = worker
        self._limits = limits
        self._metrics = metrics
        self._told = told
        self._later = later

    async def turn(self, name: str, sent: NextTurn, notes: tuple[str, ...]) -> Response:
        """Annotate the next turn of a conversation."""

        def annotate() -> bytes:
            began = time.perf_counter()
            live = sent.turn(self._named(name), self._limits, notes)
            answer = self._conversations.annotate(live, REQUEST)
            self._metrics.turn(time.perf_counter() - began, answer["routing"])
            return record_line(answer)

        return await self._soon(annotate)

    async def answer(self, name: str, sent: AnswerSent) -> Response:
        """Bring a route's answer into the turn that it is about."""

        def bring() -> bytes:
            late = LateAnswer(self._named(name), sent.case, sent.answer)
            return record_line(self._conversations.answer(late, REQUEST))

        return await self._soon(bring)

    async def view(self, name: str) -> Response:
        """Tell what is remembered of a conversation."""

        def look() -> bytes:
            view = self._conversations.view(self._named(name))
            if view is None:
                raise self._unknown(name)
            return record_line(view)

        return await self._soon(look)

    async def forget(self, name: str) -> Response:
        """Remember a conversation no longer."""

        def forget() -> None:
            if not self._conversations.forget(self._named(name)):
                raise self._unknown(name)

        return await self._soon(forget)

    async def analyse(self, sent: TranscriptSent, notes: tuple[str, ...]) -> Response:
        """Annotate a whole conversation, of which nothing is remembered."""
        try:
            conversation = sent.conversation(self._limits, notes)
            record = await self._worker.whole(self._conversations.analysing(conversation))
        except Exception as error:
            return self._failed(error)
        return Response(record_line(record), media_type=JSON)

    def bring_in(self, answers: Iterable[LateAnswer]) -> None:
        """Bring what routes answered into the turns that it is about; what does not fit is not."""
        for late in answers:
            try:
                self._conversations.answer(late, f"the route's answer to {late.case}")
            except ToolkitError:
                self._metrics.answer(fits=False)
            else:
                self._metrics.answer(fits=True)

    async def _soon(self, task: Callable[[], bytes | None]) -> Response:
        def after_answers() -> bytes | None:
            if self._later is not None:
                self.bring_in(self._later.ready())
            return task()

        try:
            body = await self._worker.turn(after_answers)
        except Exception as error:  # one bad request must not silence the others
            return self._failed(error)
        return Response(status_code=204) if body is None else Response(body, media_type=JSON)

    def _failed(self, error: Exception) -> Response:
        message = BUSY if isinstance(error, BusyError) else self._told(error)
        again = {"Retry-After": "1"} if isinstance(error, BusyError) else None
        return Response(fault_body(message), status_of(error), again, JSON)

    def _named(self, name: str) -> str:
        if len(name) > self._limits.name:
            found = f"a conversation's id of {len(name):,} characters"
            raise fault(REQUEST, None, found, "shorten it", f"at most {self._limits.name}")
        # The second is what a wrong escape of a path comes to be: two ids could be one.
        if not name.strip() or "\ufffd" in name or any(ord(one) < 32 for one in name):
            found = f"conversation's id {quoted(name)}"
            raise fault(REQUEST, None, found, "name it otherwise", "characters that can be read")
        return name

    def _unknown(self, name: str) -> InputError:
        return UnknownError(
            REQUEST,
            found=f"conversation {quoted(name)}, which is not remembered",
            expected="one that is",
            remedy="send its first turn",
        )


def mended_notes(state: Any) -> tuple[str, ...]:
    """What had to be mended to read a request."""
    return tuple(getattr(state, "notes", ()))
