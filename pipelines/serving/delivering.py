"""Where the cases of a live turn go, before the turn is answered."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.queues import JsonLinesQueue, queue_entry
from pipelines.record_models import Case
from pipelines.records import record_line
from pipelines.serving.live import Deliver


def into_queue(path: Path) -> Deliver:
    """Appends cases to a queue that others read.

    Earlier turns are not kept: whoever takes a live case sees the conversation where it is.
    """
    queue = JsonLinesQueue(path)

    def append(record: Mapping[str, Any], cases: Sequence[Case]) -> None:
        queue.append((case.case, record_line(queue_entry(case, record))) for case in cases)

    return append
