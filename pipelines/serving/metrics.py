"""What a service counts, in the form that Prometheus reads."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """Counters of one service; no label has a value that a client chooses."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "nlp_lstm_requests", "Requests answered.", ("operation", "status"), **self._in()
        )
        self._seconds = Histogram(
            "nlp_lstm_request_seconds",
            "From a request's first byte to its answer's last.",
            ("operation",),
            buckets=SECONDS,
            **self._in(),
        )
        self._turn_seconds = Histogram(
            "nlp_lstm_turn_seconds",
            "What the models need for a live turn, waiting not counted.",
            buckets=SECONDS,
            **self._in(),
        )
        self._cases = Counter(
            "nlp_lstm_cases", "Cases routed onward, live.", ("task", "reason"), **self._in()
        )
        self._forgotten = Counter(
            "nlp_lstm_forgotten", "Conversations forgotten for want of room.", **self._in()
        )

        self._answers = Counter(
            "nlp_lstm_route_answers", "Answers of routes, live.", ("fits",), **self._in()
        )

    def watch(self, conversations: Callable[[], float], waiting: Callable[[], float]) -> None:
        """Have two numbers asked for whenever somebody looks."""
        kept = Gauge("nlp_lstm_conversations", "Conversations remembered.", **self._in())
        kept.set_function(conversations)
        queue = Gauge("nlp_lstm_waiting", "Requests that wait for the models.", **self._in())
        queue.set_function(waiting)

    def request(self, operation: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(operation, str(status)).inc()
        self._seconds.labels(operation).observe(seconds)

    def turn(self, seconds: float, cases: Iterable[Mapping[str, Any]]) -> None:
        """Count a live turn and its cases."""
        self._turn_seconds.observe(seconds)
        for case in cases:
            self._cases.labels(case["task"] or "none", case["reason"]).inc()

    def answer(self, *, fits: bool) -> None:
        """Count what a route answered by itself."""
        self._answers.labels("yes" if fits else "no").inc()

    def forgotten(self) -> None:
        """Count a conversation that was forgotten for want of room."""
        self._forgotten.inc()

    def text(self) -> bytes:
        """All of it, in the text form of Prometheus."""
        return generate_latest(self.registry)

    def _in(self) -> dict[str, Any]:
        return {"registry": self.registry}
