"""A queue in a file, for people and programs of one's own."""

from collections.abc import Sequence

from pipelines.queues import JsonLinesQueue
from pipelines.records import record_line
from pipelines.routes.answers import Answer
from pipelines.routes.cases import RoutedCase, Unanswered
from pipelines.routes.settings import JsonLinesSettings
from pipelines.routes.vocabulary import Vocabulary


class QueueFile:
    """Appends cases to a file of JSON Lines; answers come back through `merge`."""

    def __init__(self, name: str, settings: JsonLinesSettings, vocabulary: Vocabulary) -> None:
        self.name = name
        self._queue = JsonLinesQueue(settings.file)

    def send(self, cases: Sequence[RoutedCase]) -> list[Answer | Unanswered]:
        """Write cases that are not there yet."""
        self._queue.append((case.id, record_line(dict(case.entry))) for case in cases)
        return []

    def close(self) -> None:
        """Nothing is held open."""
