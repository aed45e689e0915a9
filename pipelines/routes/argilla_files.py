"""Records for Argilla 2, in a folder that `argilla.Dataset.from_disk` reads.

records.json              a list of records, each with the model's answer as suggestions
.argilla/settings.json    fields, questions and metadata of the dataset
.argilla/dataset.json     its name
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from corpora.errors import InputError
from pipelines.routes.answers import Answer
from pipelines.routes.cases import RoutedCase, Unanswered
from pipelines.routes.lists import JsonList
from pipelines.routes.reviewing import (
    CHAT_ROLES,
    VERDICTS,
    doubt,
    flat,
    labels_of,
    model_name,
    sentiment_of,
    state_lines,
)
from pipelines.routes.settings import ArgillaSettings
from pipelines.routes.vocabulary import SENTIMENTS, Vocabulary

RECORDS, SETTINGS, DATASET = "records.json", ".argilla/settings.json", ".argilla/dataset.json"
GUIDELINES = (
    "Correct what the model says about the turn in question. In the turn's text pictures beyond"
    " the basic plane stand as squares, so that everybody counts characters alike; the"
    " conversation shows them. A state is all that the customer wants by then, a line"
    " `SLOT = VALUE` each; an empty one says that nothing is wanted."
)


class ArgillaFolder:
    """Writes records and the settings of their dataset; answers come back through `merge`."""

    def __init__(self, name: str, settings: ArgillaSettings, vocabulary: Vocabulary) -> None:
        self.name = name
        self._folder = Path(settings.folder)
        self._records = JsonList(self._folder / RECORDS, lambda record: str(record["id"]))
        self._vocabulary = vocabulary

    def send(self, cases: Sequence[RoutedCase]) -> list[Answer | Unanswered]:
        """Write records that are not there yet.

        Raises:
            InputError: The settings that stand there have other labels.
        """
        if cases:
            self._write_settings(cases)
            self._records.append(record(case) for case in cases)
        return []

    def close(self) -> None:
        """Nothing is held open."""

    def _write_settings(self, cases: Sequence[RoutedCase]) -> None:
        labels = sorted({label for case in cases for label in labels_of(self._vocabulary, case)})
        path = self._folder / SETTINGS
        if path.exists():
            missing = set(labels) - set(_labels_in(path))
            if missing:
                raise InputError(
                    str(path),
                    found="settings without " + ", ".join(sorted(missing)),
                    expected="every label of the records",
                    remedy="choose another folder for cases of another model",
                )
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(dataset_settings(labels), option=orjson.OPT_INDENT_2))
        dataset = {"name": self._folder.name or "nlp-lstm", "guidelines": GUIDELINES}
        (self._folder / DATASET).write_bytes(orjson.dumps(dataset))


def dataset_settings(labels: Sequence[str]) -> dict[str, Any]:
    """Settings of a dataset, as `argilla.Settings.from_json` reads them.

    Args:
        labels: Of entities; none leaves the question out.
    """
    span = {
        "type": "span",
        "field": "text",
        "allow_overlapping": False,
        "visible_options": None,
        "options": _options({label: label for label in labels}),
    }
    questions = [
        _property("sentiment", "How the turn sounds", _choice({s: s for s in SENTIMENTS})),
        _property("state", "All that is wanted by then", {"type": "text", "use_markdown": False}),
        _property("verdict", "Or just", _choice(VERDICTS)),
        _property("note", "A note", {"type": "text", "use_markdown": False}),
    ]
    if labels:
        questions.insert(0, _property("entities", "What is named in the turn", span))
    return {
        "guidelines": GUIDELINES,
        "allow_extra_metadata": True,
        "distribution": {"strategy": "overlap", "min_submitted": 1},
        "mapping": None,
        "fields": [
            _property("chat", "Conversation", {"type": "chat", "use_markdown": False}, True),
            _property(
                "text", "The turn in question", {"type": "text", "use_markdown": False}, True
            ),
            _property("doubt", "Why", {"type": "text", "use_markdown": False}),
        ],
        "questions": questions,
        "metadata": [
            _metadata("turn", {"type": "integer", "min": None, "max": None}),
            _metadata("confidence", {"type": "float", "min": None, "max": None}),
            *(
                _metadata(name, {"type": "terms", "values": None})
                for name in ("reason", "task", "route", "conversation")
            ),
        ],
        "vectors": [],
    }


def record(case: RoutedCase) -> dict[str, Any]:
    """A record, with the model's answer to what is asked as suggestions."""
    entry = case.entry
    metadata = {name: entry[name] for name in ("turn", "reason", "task", "route", "conversation")}
    metadata["confidence"] = entry["confidence"]
    chat = [
        {"role": CHAT_ROLES.get(turn["role"], "user"), "content": turn["text"] or " "}
        for turn in case.turns
    ]
    return {
        "id": case.id,
        "fields": {"chat": chat, "text": flat(case.text) or " ", "doubt": doubt(case)},
        "metadata": {name: value for name, value in metadata.items() if value is not None},
        "suggestions": _suggestions(case),
        "responses": {},
        "vectors": {},
        "status": "pending",
    }


def _suggestions(case: RoutedCase) -> dict[str, Any]:
    asked, agent, sure = case.entry["task"], model_name(case), case.entry["confidence"]
    if asked == "entities" and case.entities:
        spans = [{name: one[name] for name in ("start", "end", "label")} for one in case.entities]
        scores = [one["confidence"] for one in case.entities]
        return {"entities": {"value": spans, "score": scores, "agent": agent}}
    if asked == "sentiment" and (label := sentiment_of(case)) is not None:
        return {"sentiment": {"value": label, "score": sure, "agent": agent}}
    if asked == "states" and case.state:
        return {"state": {"value": state_lines(case.state), "score": sure, "agent": agent}}
    return {}


def _options(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "text": text} for value, text in values.items()]


def _choice(values: dict[str, str]) -> dict[str, Any]:
    options = _options(values)
    return {"type": "label_selection", "options": options, "visible_options": None}


def _property(
    name: str, title: str, settings: dict[str, Any], required: bool = False
) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "required": required,
        "description": None,
        "type": settings["type"],
        "settings": settings,
    }


def _metadata(name: str, settings: dict[str, Any]) -> dict[str, Any]:
    settings = {"visible_for_annotators": True, **settings}
    return {
        "name": name,
        "title": name,
        "visible_for_annotators": True,
        "type": settings["type"],
        "settings": settings,
    }


def _labels_in(path: Path) -> list[str]:
    try:
        questions = orjson.loads(path.read_bytes())["questions"]
        return [
            option["value"]
            for question in questions
            if question["name"] == "entities"
            for option in question["settings"]["options"]
        ]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise InputError(
            str(path),
            found="no settings of a dataset",
            expected="those that were written with its records",
            remedy="choose another folder",
        ) from error
