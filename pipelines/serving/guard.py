"""Before a request is read: who asks, how much is sent, and what becomes of a fault.

Somebody's browser must not be made to ask a service on the same machine: a page of another site
can neither send JSON there without being asked first, nor reach it under a name of its own.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from pipelines.serving.limits import Limits
from pipelines.serving.metrics import Metrics
from pipelines.serving.replies import JSON, fault_body

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# What tells nothing about anybody needs no token.
OPEN = frozenset({"/healthz", "/docs", "/openapi.json"})
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class RefusedError(Exception):
    """A request that is not let in."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        self.status = status
        self.headers = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
        super().__init__(message)


class Guard:
    """An ASGI application around another.

    Args:
        app: The other.
        limits: How much may be sent.
        metrics: Counts requests.
        token: What whoever asks must know; None where anybody may ask.
        is_local: Whether it may be asked for only under names of this machine.
    """

    def __init__(
        self, app: App, limits: Limits, metrics: Metrics, *, token: str | None, is_local: bool
    ) -> None:
        self._app = app
        self._limits = limits
        self._metrics = metrics
        self._token = None if token is None else _digest(token.encode())
        self._is_local = is_local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        status = 0

        async def watched(event: Event) -> None:
            nonlocal status
            if event["type"] == "http.response.start":
                status = event["status"]
            await send(event)

        try:
            headers = _headers(scope)
            self._check(scope, headers)
            body = await self._body(scope, headers, receive)
            await self._app(scope, _replayed(body, receive), watched)
        except RefusedError as refused:
            await _reply(watched, refused.status, str(refused), refused.headers)
        except Exception as error:
            if status == 0:
                # Its message may quote what somebody said.
                await _reply(watched, 500, f"a fault of nlp-lstm: {type(error).__name__}")
        finally:
            operation = getattr(scope.get("route"), "name", "other")
            self._metrics.request(operation, status, time.monotonic() - began)

    def _check(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        host = headers.get(b"host", b"").decode("latin-1")
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if self._is_local and name.lower() not in LOCAL_NAMES:
            raise RefusedError(421, "found a request for another host; ask for localhost")
        if self._token is not None and scope["path"] not in OPEN:
            scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
            right = hmac.compare_digest(_digest(given.strip()), self._token)
            if scheme.lower() != b"bearer" or not right:
                raise RefusedError(
                    401,
                    "found no or a wrong token, expected the service's; send it as"
                    " 'Authorization: Bearer TOKEN'",
                    www_authenticate="Bearer",
                )

    async def _body(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        if scope["method"] != "POST":
            return b""  # nothing else is read
        announced = headers.get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self._limits.body:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._limits.seconds):
                body = await self._read(receive)
        except TimeoutError:
            raise RefusedError(
                408,
                f"found half a body after {self._limits.seconds:g} seconds, expected all of it;"
                " send it at once",
            ) from None
        kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        if body and kind != JSON.encode():
            raise RefusedError(
                415, f"found a body of another kind, expected JSON; send it as {JSON}"
            )
        return body

    async def _read(self, receive: Receive) -> bytes:
        parts: list[bytes] = []
        size, is_more = 0, True
        while is_more:
            event = await receive()
            if event["type"] == "http.disconnect":
                raise RefusedError(400, "the sender is gone")
            part = event.get("body", b"")
            size += len(part)
            if size > self._limits.body:
                raise self._too_large()
            parts.append(part)
            is_more = event.get("more_body", False)
        return b"".join(parts)

    def _too_large(self) -> RefusedError:
        return RefusedError(
            413, f"found a larger body, expected at most {self._limits.body:,} bytes; send less"
        )


def _headers(scope: Scope) -> dict[bytes, bytes]:
    return {name.lower(): value for name, value in scope["headers"]}


def _digest(token: bytes) -> bytes:
    # Of equal length, so that the comparison tells nothing of the token's.
    return hashlib.sha256(token).digest()


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A body that has been read, to be read again."""
    is_read = False

    async def again() -> Event:
        nonlocal is_read
        if is_read:
            return await receive()
        is_read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _reply(
    send: Send, status: int, message: str, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    body = fault_body(message)
    kind = [(b"content-type", JSON.encode()), (b"content-length", str(len(body)).encode())]
    start = {"type": "http.response.start", "status": status, "headers": [*kind, *(headers or [])]}
    await send(start)
    await send({"type": "http.response.body", "body": body})
