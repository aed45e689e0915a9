"""Cases to their routes, and from one that gives no answer to the next."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pipelines.queues import JsonLinesQueue, queue_entry
from pipelines.record_models import Case
from pipelines.records import record_line
from pipelines.routes.answers import Answer
from pipelines.routes.cases import Earlier, RoutedCase, Unanswered
from pipelines.routes.merging import merge_answer
from pipelines.routes.vocabulary import Vocabulary


class Route(Protocol):
    """Where cases go.

    Attributes:
        name: As the policy calls it.
    """

    name: str

    def send(self, cases: Sequence[RoutedCase]) -> Sequence[Answer | Unanswered]:
        """Take cases.

        Returns:
            Nothing where answers come later; else an answer, or why there is none, for each.
        """
        ...

    def close(self) -> None:
        """Take no more."""
        ...


@dataclass(slots=True)
class Tally:
    """What became of the cases that were sent to a route.

    Attributes:
        sent: How many.
        answered: At once.
        lacks: Why others were not, and how often.
    """

    sent: int = 0
    answered: int = 0
    lacks: Counter[str] = field(default_factory=Counter)


class Routes:
    """All routes of a policy.

    Args:
        routes: By name.
        fallbacks: Of each, where it has one.
        queue: Takes cases of routes that are only names, and those that nobody answers.
        answers: Keeps what machines answer; cases that it has answers to are not asked again.
        slow: Names of those that answer themselves, which may take its time.

    Attributes:
        tallies: What became of the cases, by route.
    """

    def __init__(
        self,
        routes: Mapping[str, Route],
        fallbacks: Mapping[str, str],
        *,
        queue: JsonLinesQueue | None = None,
        answers: JsonLinesQueue | None = None,
        slow: Collection[str] = (),
    ) -> None:
        self._routes = dict(routes)
        self._fallbacks = dict(fallbacks)
        self._queue = queue
        self._answers = answers
        self.slow = frozenset(slow)
        self.tallies: dict[str, Tally] = {}

    def append(self, lines: Iterable[tuple[str, bytes]]) -> int:
        """Take lines as a queue does; see `JsonLinesQueue.append`.

        Returns:
            How many were answered at once.
        """
        return len(self.send([RoutedCase.from_line(line) for _, line in lines]))

    def send(self, cases: Sequence[RoutedCase]) -> list[Answer]:
        """Send cases where they go, and on where there is no answer.

        Returns:
            The answers that came at once; each case has one at most.
        """
        answers: list[Answer] = []
        waiting = self._unasked(cases)
        while waiting:
            by_route: dict[str, list[RoutedCase]] = {}
            for case in waiting:
                by_route.setdefault(case.route, []).append(case)
            waiting = []
            for name, group in by_route.items():
                told = self._sent(name, group)
                answers += [one for one in told if isinstance(one, Answer)]
                waiting += self._passed_on(name, told)
        if self._answers is not None and answers:
            self._answers.append((answer.case, answer.to_line()) for answer in answers)
        return answers

    def answered(
        self, record: dict[str, Any], cases: Sequence[Case], vocabulary: Vocabulary
    ) -> dict[str, Any]:
        """A record with the answers that came at once; its cases are sent.

        Args:
            record: Of a whole conversation.
            cases: Its.
            vocabulary: What answers may be made of.
        """
        routed = [RoutedCase.from_line(record_line(queue_entry(case, record))) for case in cases]
        for answer in self.send(routed):
            record = merge_answer(record, answer, vocabulary)
        return record

    def report(self) -> list[str]:
        """What became of all cases, a line a route."""
        lines = []
        for name, tally in self.tallies.items():
            told = f"{name}: {tally.sent:,} cases"
            if tally.answered or tally.lacks:
                told += f", {tally.answered:,} answered"
            spending = getattr(self._routes.get(name), "spending", None)
            if spending is not None:
                told += f" ({spending.told()})"
            for why, count in tally.lacks.most_common(3):
                told += f"; {count:,} not: {why}"
            lines.append(told)
        return lines

    def close(self) -> None:
        """Close every route."""
        for route in self._routes.values():
            route.close()

    def _unasked(self, cases: Sequence[RoutedCase]) -> list[RoutedCase]:
        if self._answers is None:
            return list(cases)
        known = self._answers.holds([case.id for case in cases])
        return [case for case in cases if case.id not in known]

    def _sent(self, name: str, group: list[RoutedCase]) -> Sequence[Answer | Unanswered]:
        tally = self.tallies.setdefault(name, Tally())
        tally.sent += len(group)
        route = self._routes.get(name)
        if route is None:
            self._keep(group)
            return []
        told = route.send(group)
        for one in told:
            if isinstance(one, Answer):
                tally.answered += 1
            else:
                tally.lacks[one.why] += 1
        return told

    def _passed_on(self, name: str, told: Iterable[Answer | Unanswered]) -> list[RoutedCase]:
        """Cases that go on to another route; without one they wait in the queue."""
        lacking = [one for one in told if isinstance(one, Unanswered)]
        earlier = [(one.case, Earlier(name, one.reason, one.why)) for one in lacking]
        after = self._fallbacks.get(name)
        if after is None:
            self._keep([case.after(why, case.route) for case, why in earlier])
            return []
        return [case.after(why, after) for case, why in earlier]

    def _keep(self, cases: Sequence[RoutedCase]) -> None:
        if self._queue is not None:
            self._queue.append((case.id, record_line(dict(case.entry))) for case in cases)
