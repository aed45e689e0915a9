"""Files for review tools: their own forms, and what comes back when somebody has worked on them."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from corpora.errors import InputError
from pipelines.routes import Answer, RoutedCase
from pipelines.routes.argilla_files import ArgillaFolder
from pipelines.routes.label_studio import LabelStudioFiles
from pipelines.routes.prodigy_files import ProdigyFiles
from pipelines.routes.reading import read_answers
from pipelines.routes.settings import ArgillaSettings, LabelStudioSettings, ProdigySettings
from tests.pipelines.routes.cases import WORDS, cases_of, record_of

# An emoji before the number: browsers count it twice.
CHAT = ("\U0001f600 area=north for 4 <b>&amp;</b>", "noted", "bye 7")


@pytest.fixture
def cases() -> list[RoutedCase]:
    return list(cases_of(record_of(*CHAT)).values())


def answers_in(path: Path) -> dict[str, Answer]:
    refused: list[InputError] = []
    answers = {answer.case: answer for answer in read_answers(path, refused.append)}
    assert refused == []
    return answers


def test_label_studio_tasks_match_their_configuration(
    tmp_path: Path, cases: list[RoutedCase]
) -> None:
    settings = LabelStudioSettings(kind="label-studio", file=str(tmp_path / "cases.json"))
    route = LabelStudioFiles("people", settings, WORDS)
    route.send(cases[:1])
    route.send(cases)
    tasks = json.loads((tmp_path / "cases.json").read_text())
    config = Xml.fromstring((tmp_path / "cases.xml").read_text())

    assert [task["data"]["case"] for task in tasks] == [case.id for case in cases]
    tags = {tag.get("name"): tag for tag in config.iter() if tag.get("name")}
    ids = set()
    for task in tasks:
        [prediction] = task["predictions"]
        for region in prediction["result"]:
            control, shown = tags[region["from_name"]], tags[region["to_name"]]
            assert control.get("toName") == region["to_name"]
            assert control.tag.lower() == region["type"]
            assert str(shown.get("value")).removeprefix("$") in task["data"]
            ids.add(region["id"])
            if region["type"] == "labels":
                value = region["value"]
                assert task["data"]["text"][value["start"] : value["end"]] == value["text"]
                offered = {label.get("value") for label in control}
                assert set(value["labels"]) <= offered
    assert len(ids) == sum(len(task["predictions"][0]["result"]) for task in tasks)


def label_studio_export(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As somebody leaves them who takes over every prediction, but counts as a browser does."""
    for task in tasks:
        result = task.pop("predictions")[0]["result"]
        for region in result:
            if region["type"] == "labels":
                region["value"]["start"] += 1
                region["value"]["end"] += 1
        annotation = {"id": 1, "completed_by": {"email": "ana@x"}, "was_cancelled": False}
        cancelled = {**annotation, "was_cancelled": True, "result": []}
        task["annotations"] = [cancelled, {**annotation, "result": result}]
    return tasks


def test_label_studio_annotations_come_back(tmp_path: Path, cases: list[RoutedCase]) -> None:
    settings = LabelStudioSettings(kind="label-studio", file=str(tmp_path / "cases.json"))
    LabelStudioFiles("people", settings, WORDS).send(cases)
    path = tmp_path / "export.json"
    path.write_text(
        json.dumps(label_studio_export(json.loads((tmp_path / "cases.json").read_text())))
    )
    told = answers_in(path)

    by_task = {case.entry["task"]: told[case.id].answer for case in cases}
    entities, state, sentiment = (by_task[t] for t in ("entities", "states", "sentiment"))
    assert entities.entities is not None
    assert [(one.start, one.text) for one in entities.entities] == [(CHAT[0].index("4"), "4")]
    assert state.state is not None
    assert [(one.slot, one.value) for one in state.state] == [("area", "north")]
    assert sentiment.sentiment is not None
    assert sentiment.sentiment.label == "neutral"
    assert {answer.by for answer in told.values()} == {"ana@x"}


def test_argilla_records_and_what_comes_back(tmp_path: Path, cases: list[RoutedCase]) -> None:
    folder = tmp_path / "cases"
    route = ArgillaFolder("people", ArgillaSettings(kind="argilla", folder=str(folder)), WORDS)
    route.send(cases)
    route.send(cases)
    records = json.loads((folder / "records.json").read_text())
    settings = json.loads((folder / ".argilla" / "settings.json").read_text())
    names = {question["name"] for question in settings["questions"]}

    assert [record["id"] for record in records] == [case.id for case in cases]
    for record in records:
        assert set(record["suggestions"]) <= names
        assert len(record["fields"]["text"]) == len(CHAT[0])
        assert "\U0001f600" in record["fields"]["chat"][0]["content"]
        record["responses"] = {
            name: [{"value": told["value"], "user_id": "u-1"}]
            for name, told in record["suggestions"].items()
        }
    path = tmp_path / "export.json"
    path.write_text(json.dumps(records))
    told = answers_in(path)

    by_task = {case.entry["task"]: told[case.id] for case in cases}
    assert by_task["entities"].answer.entities is not None
    assert by_task["entities"].answer.entities[0].start == CHAT[0].index("4")
    assert by_task["states"].answer.state is not None
    assert by_task["sentiment"].by == "u-1"


def test_prodigy_tasks_and_what_comes_back(tmp_path: Path, cases: list[RoutedCase]) -> None:
    path = tmp_path / "cases.jsonl"
    route = ProdigyFiles("people", ProdigySettings(kind="prodigy", file=str(path)), WORDS)
    route.send(cases)
    route.send(cases)
    tasks = [json.loads(line) for line in path.read_text().splitlines()]
    view = json.loads((tmp_path / "cases.prodigy.json").read_text())

    assert view["labels"] == ["number", "place"]
    assert len(tasks) == len(cases)
    for task in tasks:
        text, tokens = task["text"], task["tokens"]
        assert all(text[one["start"] : one["end"]] == one["text"] for one in tokens)
        rebuilt = "".join(one["text"] + " " * one["ws"] for one in tokens)
        assert rebuilt.strip() == text.strip()
        for span in task["spans"]:
            assert tokens[span["token_start"]]["start"] == span["start"]
            assert tokens[span["token_end"]]["end"] == span["end"]
    done = [{**task, "answer": "accept", "_annotator_id": "ana"} for task in tasks]
    done += [{**tasks[0], "answer": "reject"}, {**tasks[1], "answer": "ignore"}]
    export = tmp_path / "export.jsonl"
    export.write_text("".join(json.dumps(task) + "\n" for task in done))
    told = answers_in(export)

    assert len(told) == len(cases)
    by_task = {case.entry["task"]: told[case.id].answer for case in cases}
    assert by_task["entities"].entities is not None
    assert by_task["entities"].sentiment is None
    assert by_task["states"].state is not None
    assert by_task["sentiment"].sentiment is not None


def test_a_list_that_a_crash_cut_is_whole_again(tmp_path: Path, cases: list[RoutedCase]) -> None:
    path = tmp_path / "cases.json"
    settings = LabelStudioSettings(kind="label-studio", file=str(path))
    LabelStudioFiles("people", settings, WORDS).send(cases)
    whole = path.read_bytes()
    for kept in range(3, len(whole), 97):
        path.write_bytes(whole[:kept])
        LabelStudioFiles("people", settings, WORDS).send(cases)
        assert path.read_bytes() == whole, kept


@pytest.mark.parametrize("content", ["{}", "[\n  {\n  }\n]\n", '[{"data": {"case": "x"}}]'])
def test_a_file_of_somebody_elses_is_left_alone(
    tmp_path: Path, cases: list[RoutedCase], content: str
) -> None:
    path = tmp_path / "cases.json"
    path.write_text(content)
    settings = LabelStudioSettings(kind="label-studio", file=str(path))

    with pytest.raises(InputError, match="not written here"):
        LabelStudioFiles("people", settings, WORDS).send(cases)
    assert path.read_text() == content


def test_tasks_of_another_model_do_not_go_under_a_configuration_without_its_labels(
    tmp_path: Path, cases: list[RoutedCase]
) -> None:
    from dataclasses import replace

    path = tmp_path / "cases.json"
    settings = LabelStudioSettings(kind="label-studio", file=str(path))
    LabelStudioFiles("people", settings, WORDS).send(cases[:1])
    other = LabelStudioFiles("people", settings, replace(WORDS, labels=("number", "colour")))

    with pytest.raises(InputError, match="configuration without colour"):
        other.send(cases)


def test_an_export_that_is_cut_off_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text('[{"data": {"case": "x"}, "annotations": []}, {"da')

    with pytest.raises(InputError, match=r"cut off or broken .*nothing was merged"):
        list(read_answers(path, lambda error: None))
