"""One request to a chat endpoint, bounded in every way: time, size, tries, and where it goes."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import orjson

from corpora.errors import InputError, quoted
from pipelines.routes.settings import OpenAISettings
from pipelines.routes.spending import Spending

if TYPE_CHECKING:
    import httpx

# No answer of some hundred tokens is longer.
MOST_BYTES = 1024 * 1024
# Where trying again can help: timeout, conflict, too many, and whatever the server did wrong.
WORTH_ANOTHER_TRY = frozenset({408, 409, 429, *range(500, 600)})
LONGEST_PAUSE = 20.0
FIRST_PAUSE = 0.5


class EndpointError(Exception):
    """The endpoint gave no usable reply; the text says why and holds no key."""

    def __init__(self, why: str, *, again: bool = False, pause: float | None = None) -> None:
        self.again = again
        self.pause = pause
        super().__init__(why)


class SpentError(Exception):
    """The budget does not hold another request."""


@dataclass(frozen=True, slots=True)
class ChatEndpoint:
    """Where questions go.

    Attributes:
        settings: Of the route.
        key: Sent with every request; None sends none.
        client: Follows no redirects: the key would go along.
        sleep: Waits; a test need not.
    """

    settings: OpenAISettings
    key: str | None
    client: "httpx.Client"
    sleep: Callable[[float], None] = time.sleep

    @classmethod
    def open(
        cls, settings: OpenAISettings, key: str | None, sleep: Callable[[float], None] = time.sleep
    ) -> "ChatEndpoint":
        """Prepare to ask; nothing is sent yet.

        Raises:
            InputError: httpx is not installed.
        """
        try:
            import httpx
        except ImportError as error:
            raise InputError(
                "kind = 'openai'",
                found="no httpx",
                expected="it, for requests",
                remedy="pip install 'nlp-lstm[routes]'",
            ) from error
        timeout = httpx.Timeout(settings.read_seconds, connect=settings.connect_seconds)
        # trust_env would take proxies, certificates and even passwords from the surroundings.
        client = httpx.Client(
            timeout=timeout, follow_redirects=False, trust_env=False, proxy=settings.proxy
        )
        return cls(settings, key, client, sleep)

    def close(self) -> None:
        """Close connections."""
        self.client.close()

    def ask(self, messages: list[dict[str, str]], spending: Spending) -> str:
        """The content of the reply.

        Raises:
            EndpointError: There is none that can be used, after as many tries as are allowed.
            SpentError: The budget does not hold the request.
        """
        body = orjson.dumps(
            {
                "model": self.settings.model,
                "messages": messages,
                "temperature": 0,
                "max_tokens": self.settings.longest_answer,
                "response_format": {"type": "json_object"},
            }
        )
        tries = self.settings.retries + 1
        for number in range(1, tries + 1):
            lack = spending.lack(len(body), self.settings.longest_answer)
            if lack is not None:
                raise SpentError(lack)
            began = time.monotonic()
            try:
                return self._once(body, spending)
            except EndpointError as error:
                if not error.again or number == tries:
                    tried = f", {number} times" if number > 1 else ""
                    raise EndpointError(f"{error}{tried}") from error.__cause__
                failed = error
            finally:
                spending.seconds += time.monotonic() - began
            pause = _pause(number, failed.pause)
            if pause > spending.left_seconds():
                raise SpentError("the seconds of its budget do not hold another try")
            spending.seconds += pause
            self.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _once(self, body: bytes, spending: Spending) -> str:
        import httpx

        spending.calls += 1
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key is not None:
            headers["Authorization"] = f"Bearer {self.key}"
        url = self.settings.url.rstrip("/") + "/chat/completions"
        limit = min(self.settings.total_seconds, spending.left_seconds())
        deadline = time.monotonic() + limit
        received = b""
        try:
            with self.client.stream("POST", url, content=body, headers=headers) as response:
                self._check(response, deadline, limit)
                received = _read(response, deadline, limit)
        except httpx.TimeoutException as error:
            raise EndpointError(_timeout(error), again=True) from error
        except httpx.RequestError as error:
            raise EndpointError(f"no answer ({type(error).__name__})", again=True) from error
        finally:
            spending.took(len(body), len(received), _usage(received))
        return _content(received)

    def _check(self, response: "httpx.Response", deadline: float, limit: float) -> None:
        status = response.status_code
        if 300 <= status < 400:
            raise EndpointError(f"a redirect ({status}), which is not followed with a key")
        if status in WORTH_ANOTHER_TRY:
            raise EndpointError(
                f"status {status}",
                again=True,
                pause=_retry_after(response.headers.get("retry-after")),
            )
        if status >= 400:
            told = _message(_read(response, deadline, limit), self.key)
            raise EndpointError(f"status {status}{told}")


def _read(response: "httpx.Response", deadline: float, limit: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > MOST_BYTES:
            raise EndpointError(f"a reply of more than {MOST_BYTES:,} bytes")
        if time.monotonic() > deadline:
            raise EndpointError(f"a reply that takes longer than {limit:g} seconds", again=True)
        parts.append(part)
    return b"".join(parts)


def _content(received: bytes) -> str:
    """The text of a reply."""
    try:
        reply = orjson.loads(received)
    except orjson.JSONDecodeError as error:
        shown = quoted(received[:60].decode(errors="replace"))
        raise EndpointError(f"a reply that is no JSON: {shown}") from error
    try:
        choice = reply["choices"][0]
        content, finished = choice["message"]["content"], choice.get("finish_reason")
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise EndpointError("a reply without choices[0].message.content") from error
    if finished not in (None, "stop"):
        raise EndpointError(f"a reply that ended by {quoted(str(finished))}")
    if isinstance(content, list):
        parts = [part.get("text", "") for part in content if isinstance(part, dict)]
        content = "".join(map(str, parts))
    if not isinstance(content, str):
        raise EndpointError("a reply without text")
    return content


def _usage(received: bytes) -> tuple[int, int]:
    """Tokens in and out, as the endpoint claims; none where it claims nonsense."""
    try:
        usage: Any = orjson.loads(received)["usage"]
        claimed = usage["prompt_tokens"], usage["completion_tokens"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return 0, 0
    if any(type(count) is not int or not 0 <= count <= 100_000_000 for count in claimed):
        return 0, 0
    return claimed


def _message(received: bytes, key: str | None) -> str:
    """What an endpoint says is wrong, without the key that it may repeat."""
    try:
        told = str(orjson.loads(received)["error"]["message"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
    if key:
        told = told.replace(key, "(the key)")
    return f": {quoted(told)}"


def _retry_after(header: str | None) -> float | None:
    """Seconds that a server asks to wait; None where it does not say."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(header)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _pause(number: int, asked: float | None) -> float:
    """How long to wait before the next try: what was asked, or longer each time, within bounds."""
    # Not for secrets: several callers must only not come back at the same moment.
    pause = FIRST_PAUSE * 2 ** (number - 1) * (1 + random.random()) if asked is None else asked
    return min(pause, LONGEST_PAUSE)


def _timeout(error: Exception) -> str:
    what = type(error).__name__.removesuffix("Timeout").removesuffix("Error").lower()
    return f"no answer in time ({what or 'timeout'})"
