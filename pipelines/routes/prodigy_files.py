"""Tasks for Prodigy, a line each, and the settings with which it shows them.

cases.jsonl           {"text": …, "tokens": […], "spans": […], "options": […], "accept": […]}
cases.prodigy.json    blocks and labels: what goes into `prodigy.json`
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson

from nlp_lstm.text.words import split_words
from pipelines.queues import JsonLinesQueue
from pipelines.records import record_line
from pipelines.routes.answers import Answer
from pipelines.routes.cases import RoutedCase, Unanswered
from pipelines.routes.reviewing import (
    author,
    doubt,
    labels_of,
    model_name,
    sentiment_of,
    state_lines,
)
from pipelines.routes.settings import ProdigySettings
from pipelines.routes.vocabulary import SENTIMENTS, Vocabulary

# Turns before the one in question that are shown above it.
SHOWN_BEFORE = 6


class ProdigyFiles:
    """Writes tasks and the settings to show them; answers come back through `merge`."""

    def __init__(self, name: str, settings: ProdigySettings, vocabulary: Vocabulary) -> None:
        self.name = name
        self._tasks = JsonLinesQueue(settings.file)
        self._settings_path = Path(settings.file).with_suffix(".prodigy.json")
        self._vocabulary = vocabulary
        self._labels: set[str] = set()

    def send(self, cases: Sequence[RoutedCase]) -> list[Answer | Unanswered]:
        """Write tasks that are not there yet."""
        if not cases:
            return []
        self._tasks.append((case.id, record_line(task(case))) for case in cases)
        labels = {label for case in cases for label in labels_of(self._vocabulary, case)}
        if not labels <= self._labels:
            self._labels |= labels
            shown = orjson.dumps(view(sorted(self._labels)), option=orjson.OPT_INDENT_2)
            self._settings_path.write_bytes(shown)
        return []

    def close(self) -> None:
        """Nothing is held open."""


def view(labels: Sequence[str]) -> dict[str, Any]:
    """What goes into `prodigy.json`: spans, a choice and a text below one another."""
    return {
        "view_id": "blocks",
        "labels": list(labels),
        "choice_style": "single",
        "choice_auto_accept": False,
        "blocks": [
            {"view_id": "html", "html_template": "<small>{{before}}</small><p>{{doubt}}</p>"},
            {"view_id": "ner_manual"},
            {"view_id": "choice", "text": None},
            {
                "view_id": "text_input",
                "field_id": "state",
                "field_rows": 5,
                "field_label": "All that the customer wants by then: SLOT = VALUE a line",
            },
        ],
    }


def task(case: RoutedCase) -> dict[str, Any]:
    """A task, with the model's answer filled in."""
    entry = case.entry
    asked = entry["task"]
    spans = case.entities if asked == "entities" else []
    tokens = list(_tokens(case.text, [(one["start"], one["end"]) for one in spans]))
    first = {token["start"]: token["id"] for token in tokens}
    last = {token["end"]: token["id"] for token in tokens}
    sentiment = sentiment_of(case) if asked == "sentiment" else None
    before = case.turns[:-1][-SHOWN_BEFORE:]
    return {
        "case": case.id,
        "text": case.text,
        "tokens": tokens,
        "spans": [
            {
                "start": one["start"],
                "end": one["end"],
                "token_start": first[one["start"]],
                "token_end": last[one["end"]],
                "label": one["label"],
            }
            for one in spans
        ],
        "options": [{"id": label, "text": label} for label in SENTIMENTS],
        "accept": [] if sentiment is None else [sentiment],
        "state": state_lines(case.state) if asked == "states" else "",
        "before": " / ".join(f"{author(turn)}: {turn['text']}" for turn in before),
        "doubt": doubt(case),
        "asked": asked,
        "meta": {
            "conversation": entry["conversation"],
            "turn": entry["turn"],
            "reason": entry["reason"],
            "score": entry["confidence"],
            "model": model_name(case),
        },
    }


def _tokens(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """Words with their places, cut further where a span starts or ends, nothing left out."""
    words = split_words(text)
    borders = {0, len(text), *words.starts, *words.ends, *(b for span in spans for b in span)}
    inside = sorted(borders)
    pieces = [_trimmed(text, *piece) for piece in pairwise(inside)]
    for number, (start, end) in enumerate(piece for piece in pieces if piece[0] < piece[1]):
        yield {
            "text": text[start:end],
            "start": start,
            "end": end,
            "id": number,
            "ws": text[end : end + 1].isspace(),
        }


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
