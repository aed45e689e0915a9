"""The service under uvicorn: where it listens, who may ask, and how it ends."""

import asyncio
import ipaddress
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import current_thread, main_thread

import uvicorn

from corpora.errors import InputError
from pipelines.annotation import reason_of
from pipelines.serving.app import make_app
from pipelines.serving.guard import Guard
from pipelines.serving.limits import Limits
from pipelines.serving.lines import Later
from pipelines.serving.live import LiveConversations
from pipelines.serving.metrics import Metrics
from pipelines.serving.service import Service
from pipelines.serving.worker import Worker

TOKEN = "NLP_LSTM_TOKEN"
SHORTEST_TOKEN = 16
# What is still under way this long after a signal to stop is given up.
LAST_SECONDS = 30
# Connections beyond those that may wait: idle ones, and ones to be told to come later.
MORE_CONNECTIONS = 500
# Longer than clients keep idle connections: one that is closed just when it is used again is an
# error that nobody can tell from a lost answer.
IDLE_SECONDS = 75


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service listens.

    Attributes:
        host: A name or an address.
        port: 0 takes one that is free.
        token: What whoever asks must know; None where anybody on this machine may ask.
    """

    host: str
    port: int
    token: str | None

    @classmethod
    def of(cls, host: str, port: int) -> "Place":
        """The place, with the token that the environment holds.

        Raises:
            InputError: The host is unknown, other machines can reach it and there is no token, or
                the token is too short.
        """
        token = os.environ.get(TOKEN, "").strip() or None
        if token is not None and len(token) < SHORTEST_TOKEN:
            raise InputError(
                TOKEN,
                found=f"a token of {len(token)} characters",
                expected=f"{SHORTEST_TOKEN} or more",
                remedy="make one: python -c 'import secrets; print(secrets.token_urlsafe())'",
            )
        is_local = _is_loopback(host)
        if token is None and not is_local:
            raise InputError(
                "--host",
                found=f"{host}, which other machines can reach, and no token",
                expected=f"a token in the environment variable {TOKEN}",
                remedy="set it, or listen on 127.0.0.1",
            )
        return cls(host, port, token)


def serve(
    conversations: LiveConversations,
    place: Place,
    limits: Limits,
    metrics: Metrics,
    *,
    version: str,
    told: Callable[[Exception], str],
    later: Later | None = None,
    ready: Callable[[str, Callable[[], None]], None],
) -> None:
    """Answer requests until a signal says to stop; what is under way is answered first.

    Args:
        conversations: What is remembered.
        place: Where to listen.
        limits: How much one request may ask.
        metrics: Counts.
        version: Of the toolkit.
        told: How an error is told.
        later: Gives what routes answer by themselves; waited for in the end.
        ready: Called when it can be asked, with its address and with what stops it.

    Raises:
        InputError: It cannot listen there.
    """
    worker = Worker(limits.waiting)
    metrics.watch(lambda: len(conversations), lambda: len(worker))
    service = Service(conversations, worker, limits, metrics, told, later)
    with _listening(place) as listener, worker:
        needs_token = place.token is not None
        app = make_app(
            service, metrics, version=version, needs_token=needs_token, quotes=told is reason_of
        )
        config = uvicorn.Config(
            Guard(app, limits, metrics, token=place.token, is_local=not needs_token),
            log_config=None,
            access_log=False,  # its lines would hold the names of conversations
            server_header=False,
            proxy_headers=False,
            ws="none",
            lifespan="off",
            limit_concurrency=limits.waiting + MORE_CONNECTIONS,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=LAST_SECONDS,
        )
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        server = _Server(config)
        listener.listen(config.backlog)
        ready(f"http://{shown}:{port}", server.stop)
        asyncio.run(server.serve([listener]))
    if later is not None:
        service.bring_in(later.rest())


class _Server(uvicorn.Server):
    """A server for which a signal to stop is its ordinary end, and no error."""

    def stop(self) -> None:
        """Answer what is under way, and end."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal; in another thread than the main one no signal is heard."""
        if current_thread() is not main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self.handle_exit)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _is_loopback(host: str) -> bool:
    return all(ipaddress.ip_address(address).is_loopback for _, address in _addresses(host, 0))


@contextmanager
def _listening(place: Place) -> Iterator[socket.socket]:
    family, _ = _addresses(place.host, place.port)[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((place.host, place.port))
        except OSError as error:
            raise InputError(
                f"{place.host}:{place.port}",
                found=error.strerror or str(error),
                expected="a place to listen",
                remedy="choose another --port or --host",
            ) from error
        yield listener
    finally:
        listener.close()


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, str]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise InputError(
            "--host",
            found=f"{host!r}: {error}",
            expected="a name or an address of this machine",
            remedy="listen on 127.0.0.1",
        ) from error
    return [(family, str(address[0]).partition("%")[0]) for family, _, _, _, address in found]
