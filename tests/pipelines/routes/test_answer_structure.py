"""Every value of answers and messages, exchanged: whatever stands there is read or refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from corpora.errors import InputError
from corpora.labelled_form import parse_line
from pipelines.routes.reading import answers_of
from pipelines.serving.turns import read_message
from tests.fuzz.structure import changed

OURS = {
    "case": "c1",
    "conversation": "k",
    "answer": {
        "entities": [{"start": 5, "end": 8, "label": "person", "text": "Ana"}],
        "sentiment": {"label": "negative"},
        "state": [{"slot": "area", "value": "north"}],
        "verdict": "right",
        "note": "so be it",
    },
    "by": "ana",
    "time": "2026-01-01T00:00:00",
}
LABEL_STUDIO = {
    "id": 3,
    "data": {"text": "call Ana Lee", "case": "c1", "conversation": "k", "task": "entities"},
    "annotations": [
        {
            "result": [
                {
                    "from_name": "entities",
                    "value": {"start": 5, "end": 12, "text": "Ana Lee", "labels": ["person"]},
                },
                {"from_name": "sentiment", "value": {"choices": ["negative"]}},
                {"from_name": "state", "value": {"text": ["area = north"]}},
                {"from_name": "verdict", "value": {"choices": ["right"]}},
                {"from_name": "note", "value": {"text": ["so be it"]}},
            ],
            "was_cancelled": False,
            "completed_by": {"email": "ana@example.org"},
            "updated_at": "2026-01-01T00:00:00",
        }
    ],
}
ARGILLA = {
    "id": "c1",
    "metadata": {"task": "entities", "conversation": "k", "route": "people"},
    "fields": {"text": "call Ana Lee"},
    "responses": {
        "entities": [{"value": [{"start": 5, "end": 12, "label": "person"}], "user_id": "ana"}],
        "sentiment": [{"value": "negative", "user_id": "ana"}],
        "state": [{"value": "area = north", "user_id": "ana"}],
        "verdict": [{"value": "right", "user_id": "ana"}],
        "note": [{"value": "so be it", "user_id": "ana"}],
    },
}
PRODIGY = {
    "case": "c1",
    "text": "call Ana Lee",
    "spans": [{"start": 5, "end": 12, "label": "person"}],
    "accept": ["negative"],
    "answer": "accept",
    "state": "area = north",
    "asked": "entities",
    "meta": {"conversation": "k"},
    "_annotator_id": "ana",
}
LABELLED = {
    "id": "k",
    "turns": [
        {
            "speaker": "Ana",
            "role": "customer",
            "text": "a table in the north",
            "entities": [{"start": 2, "end": 7, "label": "thing"}],
            "state": [{"slot": "area", "value": "north"}],
            "requests": ["phone"],
            "sentiment": {"label": "neutral", "emotions": ["joy"]},
        }
    ],
}
MESSAGES = [
    {"conversation": "k", "speaker": "Ana", "role": "customer", "text": "hi", "index": 0},
    {"conversation": "k", "text": "hi", "time": "2026-03-05T17:30"},
    {"conversation": "k", "case": "c1", "answer": {"sentiment": {"label": "negative"}}},
    {"conversation": "k", "forget": True},
]


def refusals(read: Callable[[], object]) -> list[InputError]:
    """What was refused; anything else that is raised fails."""
    try:
        read()
    except InputError as error:
        return [error]
    return []


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(OURS, id="ours"),
        pytest.param(LABEL_STUDIO, id="Label Studio"),
        pytest.param(ARGILLA, id="Argilla"),
        pytest.param(PRODIGY, id="Prodigy"),
    ],
)
def test_an_answer_of_another_form_is_refused(item: Any) -> None:
    assert list(answers_of(item, "answers.json"))

    refused = [
        error
        for (other,) in changed([item])
        for error in refusals(lambda other=other: list(answers_of(other, "answers.json", 7)))  # type: ignore[misc]
    ]
    assert refused
    assert {(error.source, error.line) for error in refused} == {("answers.json", 7)}


@pytest.mark.parametrize("message", MESSAGES, ids=", ".join)
def test_a_message_of_another_form_is_refused(message: Any) -> None:
    read_message(message, "<stdin>")

    refused = [
        error
        for (other,) in changed([message])
        for error in refusals(lambda other=other: read_message(other, "<stdin>", 7))  # type: ignore[misc]
    ]
    assert {(error.source, error.line) for error in refused} == {("<stdin>", 7)}


def test_labelled_chats_of_another_form_are_refused() -> None:
    parse_line(json.dumps(LABELLED).encode(), "chats.jsonl", 1)

    refused = [
        error
        for (other,) in changed([LABELLED])
        for error in refusals(
            lambda other=other: parse_line(json.dumps(other).encode(), "chats.jsonl", 7)  # type: ignore[misc]
        )
    ]
    assert {(error.source, error.line) for error in refused} == {("chats.jsonl", 7)}
