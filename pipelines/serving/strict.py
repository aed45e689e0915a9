"""Requests whose JSON is read strictly, and errors of their form as one line."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException as PlainHTTPException

from corpora.errors import quoted
from pipelines.records import without_surrogates
from pipelines.redaction.discreet import WITHHELD
from pipelines.serving.json_text import parse
from pipelines.serving.replies import JSON, fault_body
from pipelines.serving.turns import MENDED

MISSING = {
    404: "found no such place here, expected one that is described at /docs; correct the path",
    405: "found a method that this place does not know; see /docs",
}


class StrictRequest(Request):
    """A request whose body is JSON, and nothing that merely looks like it."""

    async def json(self) -> Any:
        """The body's value; what was mended in it stands in `state.notes`."""
        try:
            value = parse(await self.body())
        except ValueError as error:
            raise HTTPException(400, f"found no JSON ({error}), expected JSON; mend it") from None
        whole = without_surrogates(value)
        if whole != value:
            self.state.notes = (MENDED,)
        return whole


class StrictRoute(APIRoute):
    """A route that takes strict requests."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given the strict kind of request."""
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strictly


def telling_invalid(
    *, quotes: bool
) -> Callable[[Request, Exception], Coroutine[Any, Any, Response]]:
    """Answers a request of the wrong form by the first thing that is wrong.

    Args:
        quotes: Whether what was sent may be repeated.
    """

    async def tell(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # it is registered for just that
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if quotes or isinstance(part, int))
        shown = quoted(repr(first.get("input"))[:200]) if quotes else WITHHELD
        expected = first["msg"][:1].lower() + first["msg"][1:]
        return _reply(422, f"{where or 'request'}: found {shown}; {expected}; see /docs")

    return tell


async def tell_refused(_: Request, error: Exception) -> Response:
    """Answers a request to a place or by a method that does not exist, or without JSON."""
    assert isinstance(error, PlainHTTPException)  # it is registered for just that
    detail = MISSING.get(error.status_code, str(error.detail))
    reply = _reply(error.status_code, detail)
    reply.headers.update(error.headers or {})
    return reply


def _reply(status: int, message: str) -> Response:
    return Response(fault_body(message), status, media_type=JSON)
