"""A real chat endpoint on loopback that does what a test tells it to, faults included."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What the server does with one request.

    Attributes:
        content: Of the message; None sends `body` as it is.
        body: Sent instead.
        status: Of the response.
        headers: Besides length and type.
        pause: Seconds before the first byte.
        drip: Seconds between bytes.
        cut: Bytes that are promised and never sent.
        usage: Tokens claimed.
        finish: Why the reply ended.
    """

    content: Any = None
    body: bytes | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    drip: float = 0.0
    cut: int = 0
    usage: Any = field(default_factory=lambda: {"prompt_tokens": 100, "completion_tokens": 10})
    finish: str | None = "stop"

    def sent(self) -> bytes:
        if self.body is not None:
            return self.body
        text = self.content if isinstance(self.content, str) else json.dumps(self.content)
        choice = {"message": {"content": text}, "finish_reason": self.finish}
        return json.dumps({"choices": [choice], "usage": self.usage}).encode()


@dataclass
class Endpoint:
    """The server's address, and what it was sent."""

    url: str
    received: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """All that the last request told."""
        return json.dumps(self.received[-1], ensure_ascii=False)


@contextmanager
def serving(replies: Callable[[int], Reply]) -> Iterator[Endpoint]:
    """Serve; `replies` is given the number of the request, from 0."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            endpoint.received.append(json.loads(self.rfile.read(length)))
            endpoint.keys.append(self.headers.get("Authorization"))
            reply = replies(len(endpoint.received) - 1)
            time.sleep(reply.pause)
            body = reply.sent()
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body) + reply.cut))
                self.send_header("Connection", "close")
                self.end_headers()
                for byte in body if reply.drip else ():
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(reply.drip)
                if not reply.drip:
                    self.wfile.write(body)
            except OSError:
                pass  # whoever asked has had enough

        def do_GET(self) -> None:
            endpoint.keys.append(self.headers.get("Authorization"))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    endpoint = Endpoint(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
