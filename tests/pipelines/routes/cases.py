"""Routed cases and records of made-up conversations, for the tests of routes."""

from pathlib import Path
from typing import Any

import orjson

from pipelines.queues import queue_entry
from pipelines.records import conversation_record, model_parts, record_line
from pipelines.routes import RoutedCase, Vocabulary
from pipelines.routes.vocabulary import SlotWords
from pipelines.routing import Policy, Router, TaskPolicy
from tests.pipelines.fakes import conversation, fake_pipeline

WORDS = Vocabulary(
    labels=("number", "place"),
    slots={
        "area": SlotWords(("north", "south"), only=True),
        "name": SlotWords(),
        "stay": SlotWords(("1", "2", "3")),
    },
    models=("f00d",),
)
# Everything is doubted: each task has a case at the first turn that says something.
DOUBTFUL = Policy(
    states=TaskPolicy(least_confidence=1),
    entities=TaskPolicy(least_confidence=1),
    sentiment=TaskPolicy(least_confidence=1),
)


def record_of(*texts: str, id: str = "c-1", policy: Policy = DOUBTFUL) -> dict[str, Any]:
    """A record with its cases."""
    pipeline = fake_pipeline()
    [annotated] = pipeline.annotate([conversation(*texts, id=id)])
    cases = Router(policy, pipeline.components.values()).cases(annotated)
    return conversation_record(annotated, model_parts(pipeline), cases=cases)


def cases_of(record: dict[str, Any]) -> dict[str, RoutedCase]:
    """The record's cases, by task."""
    from pipelines.record_models import Case

    cases = [Case.model_validate(case) for case in record["routing"]]
    return {
        str(case.task): RoutedCase.from_line(record_line(queue_entry(case, record)))
        for case in cases
    }


def case_of(task: str, *texts: str) -> RoutedCase:
    """The case of one task, of a conversation."""
    return cases_of(record_of(*texts))[task]


def written(path: Path, *items: dict[str, Any]) -> Path:
    """A file of JSON Lines."""
    path.write_bytes(b"".join(orjson.dumps(item) + b"\n" for item in items))
    return path
