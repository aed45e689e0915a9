"""Tasks for Label Studio, with the labelling configuration that they match.

cases.json    a list of tasks, each with the model's answer as a prediction
cases.xml     the configuration: the conversation, the turn, and what is asked about it
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

from corpora.errors import InputError
from nlp_lstm.component import Task
from pipelines.routes.answers import Answer
from pipelines.routes.cases import RoutedCase, Unanswered
from pipelines.routes.lists import JsonList
from pipelines.routes.reviewing import (
    VERDICTS,
    author,
    doubt,
    labels_of,
    model_name,
    sentiment_of,
    state_lines,
)
from pipelines.routes.settings import LabelStudioSettings
from pipelines.routes.vocabulary import Vocabulary

# Names of the configuration's tags, which predictions and answers speak of.
TEXT, DIALOGUE, ENTITIES, STATE, SENTIMENT, VERDICT, NOTE = [
    "text",
    "dialogue",
    "entities",
    "state",
    "sentiment",
    "verdict",
    "note",
]


class LabelStudioFiles:
    """Writes tasks and their configuration; answers come back through `merge`."""

    def __init__(self, name: str, settings: LabelStudioSettings, vocabulary: Vocabulary) -> None:
        self.name = name
        self._tasks = JsonList(settings.file, lambda task: str(task["data"]["case"]))
        self._vocabulary = vocabulary
        self._config_path = Path(settings.file).with_suffix(".xml")

    def send(self, cases: Sequence[RoutedCase]) -> list[Answer | Unanswered]:
        """Write tasks that are not there yet.

        Raises:
            InputError: The configuration that stands there has other labels.
        """
        if cases:
            self._write_config(cases)
            self._tasks.append(task(case) for case in cases)
        return []

    def close(self) -> None:
        """Nothing is held open."""

    def _write_config(self, cases: Sequence[RoutedCase]) -> None:
        labels = sorted({label for case in cases for label in labels_of(self._vocabulary, case)})
        config = configuration(labels)
        path = self._config_path
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(config, encoding="utf-8")
        elif missing := set(labels) - set(_labels_in(path)):
            raise InputError(
                str(path),
                found="a labelling configuration without " + ", ".join(sorted(missing)),
                expected="one that has every label of the tasks",
                remedy="choose another file for tasks of another model",
            )


def configuration(labels: Sequence[str]) -> str:
    """The labelling configuration, as XML.

    Args:
        labels: Of entities; none leaves them out.
    """
    view = Xml.Element("View")
    Xml.SubElement(view, "Header", value="$doubt")
    Xml.SubElement(
        view,
        "Paragraphs",
        name=DIALOGUE,
        value="$dialogue",
        layout="dialogue",
        nameKey="author",
        textKey="text",
    )
    Xml.SubElement(view, "Header", value="The turn in question")
    if labels:
        marks = Xml.SubElement(view, "Labels", name=ENTITIES, toName=TEXT)
        for label in labels:
            Xml.SubElement(marks, "Label", value=label)
    # Text, not HyperText: offsets count characters, and markup in a chat stays text.
    Xml.SubElement(view, "Text", name=TEXT, value="$text")
    Xml.SubElement(view, "Header", value="How it sounds")
    _choices(view, SENTIMENT, ("negative", "neutral", "positive"))
    Xml.SubElement(view, "Header", value="All that the customer wants by then: SLOT = VALUE a line")
    Xml.SubElement(
        view, "TextArea", name=STATE, toName=TEXT, rows="6", editable="true", maxSubmissions="1"
    )
    Xml.SubElement(view, "Header", value="Or just")
    _choices(view, VERDICT, tuple(VERDICTS))
    Xml.SubElement(view, "TextArea", name=NOTE, toName=TEXT, rows="2", placeholder="a note")
    Xml.indent(view)
    return Xml.tostring(view, encoding="unicode") + "\n"


def _choices(view: Xml.Element, name: str, values: Sequence[str]) -> None:
    choices = Xml.SubElement(view, "Choices", name=name, toName=TEXT, choice="single")
    for value in values:
        Xml.SubElement(choices, "Choice", value=value)


def task(case: RoutedCase) -> dict[str, Any]:
    """A task, with the model's answer as its prediction."""
    entry = case.entry
    prediction: dict[str, Any] = {
        "model_version": model_name(case),
        "result": list(_regions(case)),
    }
    if entry["confidence"] is not None:
        prediction["score"] = entry["confidence"]
    return {
        "data": {
            "case": case.id,
            "conversation": entry["conversation"],
            "turn": entry["turn"],
            "task": entry["task"],
            "reason": entry["reason"],
            "route": case.route,
            "doubt": doubt(case),
            "dialogue": [{"author": author(turn), "text": turn["text"]} for turn in case.turns],
            "text": case.text,
        },
        "predictions": [prediction],
    }


def _regions(case: RoutedCase) -> Iterator[dict[str, Any]]:
    """What the model said, as far as the case's task is what is asked about."""
    asked: Task | None = case.entry["task"]
    if asked == "entities":
        for number, one in enumerate(case.entities):
            yield {
                "id": f"{case.id}-{number}",
                "from_name": ENTITIES,
                "to_name": TEXT,
                "type": "labels",
                "score": one["confidence"],
                "value": {name: one[name] for name in ("start", "end", "text")}
                | {"labels": [one["label"]]},
            }
    if asked == "sentiment" and (label := sentiment_of(case)) is not None:
        yield _region(case, SENTIMENT, "choices", {"choices": [label]})
    if asked == "states" and case.state:
        yield _region(case, STATE, "textarea", {"text": [state_lines(case.state)]})


def _region(case: RoutedCase, name: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{case.id}-{name}",
        "from_name": name,
        "to_name": TEXT,
        "type": kind,
        "value": value,
    }


def _labels_in(path: Path) -> list[str]:
    try:
        root = Xml.fromstring(path.read_text(encoding="utf-8"))
    except (Xml.ParseError, UnicodeDecodeError) as error:
        raise InputError(
            str(path),
            found=f"no XML ({error})",
            expected="the labelling configuration of the tasks",
            remedy="choose another file",
        ) from error
    return [label.get("value", "") for label in root.iter("Label")]
