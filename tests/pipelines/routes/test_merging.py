"""Answers brought back: what they change, what is refused, and that the first is kept."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from corpora.changes import replay
from corpora.errors import InputError
from corpora.labelled import read_labelled, write_labelled
from corpora.labels import StateChange
from pipelines.record_forms import read_records
from pipelines.routes.answers import Answer, parse_answer
from pipelines.routes.bringing import Answers, Merged, merge_files
from pipelines.routes.merging import merge_answer, merge_live
from pipelines.routes.reading import read_answers
from pipelines.routes.training import training_conversations
from tests.pipelines.routes.cases import WORDS, record_of, written

CHAT = ("area=north for 4", "noted 4", "name=acorn please")


def answer_to(record: dict[str, Any], task: str, by: str = "ana", **said: Any) -> dict[str, Any]:
    case = next(case for case in record["routing"] if case["task"] == task)
    return {"case": case["case"], "conversation": record["id"], "by": by, "answer": said}


def merged(record: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
    return merge_answer(record, parse_answer(form, "answers.jsonl", 3), WORDS)


def brought(
    folder: Path, record: dict[str, Any], *forms: dict[str, Any]
) -> tuple[Merged, list[str], dict[str, Any]]:
    """Counts, what was told, and the record, after answers were merged from a file."""
    source = folder / "records.jsonl"
    if not source.exists():
        written(source, record)
    told: list[str] = []
    answers = Answers(lambda error: told.append(str(error)))
    path = written(folder / "answers.jsonl", *forms)
    for answer in read_answers(path, answers.refuse):
        answers.add(answer)
    counts = merge_files(source, answers, source)
    [read] = read_records(source)
    return counts, told, read.model_dump(mode="json")


def test_a_correction_stands_in_the_turn_and_what_was_there_beside_it() -> None:
    record = record_of(*CHAT)
    after = merged(
        record,
        answer_to(record, "entities", entities=[{"start": 5, "end": 10, "label": "place"}]),
    )

    [entity] = after["turns"][0]["entities"]
    assert (entity["text"], entity["label"], entity["confidence"]) == ("north", "place", 1.0)
    [told] = after["answers"]
    assert told["by"] == {"kind": "person", "name": "ana", "route": None, "time": None}
    assert told["before"]["entities"] == record["turns"][0]["entities"]
    assert told["before"]["state"] is None
    assert record["answers"] == []


def test_a_corrected_state_is_carried_on_and_its_changes_still_replay() -> None:
    record = record_of(*CHAT)
    after = merged(record, answer_to(record, "states", state=[{"slot": "area", "value": "south"}]))

    assert after["turns"][2]["state"] == [
        {"slot": "area", "value": "south"},
        {"slot": "name", "value": "acorn"},
    ]
    changes = [
        [StateChange(c["operation"], c["slot"], c["value"]) for c in turn["changes"]]
        for turn in after["turns"]
    ]
    replayed = [[{"slot": s.slot, "value": s.value} for s in state] for state in replay(changes)]
    assert replayed == [turn["state"] for turn in after["turns"]]
    assert after["summary"]["state"] == [
        {"slot": "area", "value": "south", "turn": 0},
        {"slot": "name", "value": "acorn", "turn": 2},
    ]


@pytest.mark.parametrize(
    ("task", "said", "found"),
    [
        ("entities", {"entities": [{"start": 0, "end": 99, "label": "place"}]}, r"\[0, 99\)"),
        (
            "entities",
            {"entities": [{"start": 0, "end": 4, "label": "place", "text": "area!"}]},
            r"'area!' for case .* expected 'area'",
        ),
        ("entities", {"entities": [{"label": "place", "text": "nowhere"}]}, "'nowhere'"),
        (
            "entities",
            {"entities": [{"start": 0, "end": 4, "label": "colour"}]},
            "'colour' .*expected one of number, place",
        ),
        (
            "entities",
            {
                "entities": [
                    {"start": 0, "end": 4, "label": "place"},
                    {"start": 2, "end": 6, "label": "place"},
                ]
            },
            "do not overlap",
        ),
        ("states", {"state": [{"slot": "mood", "value": "x"}]}, "slot 'mood'"),
        (
            "states",
            {"state": [{"slot": "area", "value": "west"}]},
            "'west' of slot 'area' .* expected one of north, south",
        ),
        ("states", {"state": [{"slot": "name", "value": "a"}] * 2}, "twice"),
        ("states", {"sentiment": {"label": "neutral"}}, "expected state, or verdict right"),
        ("sentiment", {"verdict": "handled"}, "expected sentiment, or verdict right"),
    ],
)
def test_what_does_not_fit_is_refused_by_line(task: str, said: dict[str, Any], found: str) -> None:
    record = record_of(*CHAT)

    with pytest.raises(InputError, match=rf"answers\.jsonl:3: found .*{found}"):
        merged(record, answer_to(record, task, **said))


def test_an_answer_for_another_conversation_is_refused() -> None:
    record = record_of(*CHAT)
    form = {**answer_to(record, "sentiment", verdict="right"), "conversation": "c-2"}

    with pytest.raises(InputError, match=r"conversation 'c-2' .*expected 'c-1'"):
        merged(record, form)


def test_of_two_answers_to_a_case_the_first_is_kept(tmp_path: Path) -> None:
    record = record_of(*CHAT)
    first = answer_to(record, "sentiment", sentiment={"label": "negative"})
    second = answer_to(record, "sentiment", by="ben", sentiment={"label": "positive"})
    counts, told, after = brought(tmp_path, record, first, second)

    assert after["turns"][0]["sentiment"]["label"] == "negative"
    assert (counts.answers, counts.second, counts.refused) == (1, 1, 0)
    assert "answers.jsonl:2: found a second answer" in told[0]
    assert "the first, of line 1, is kept" in told[0]

    # Once more, and the other one again, on what was written.
    counts, told, after = brought(tmp_path, record, first)
    assert (counts.answers, counts.repeated, told) == (0, 1, [])
    counts, told, after = brought(tmp_path, record, second)
    assert (counts.answers, counts.second) == (0, 1)
    assert "the first, of ana, is kept" in told[0]
    assert len(after["answers"]) == 1


def test_half_a_file_of_answers_loses_and_doubles_nothing(tmp_path: Path) -> None:
    record = record_of(*CHAT)
    forms = [
        answer_to(record, "sentiment", sentiment={"label": "negative"}),
        answer_to(record, "states", verdict="right"),
    ]
    whole = b"".join(orjson.dumps(form) + b"\n" for form in forms)
    source = written(tmp_path / "records.jsonl", record)
    told: list[str] = []
    answers = Answers(lambda error: told.append(str(error)))
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(whole[:-30])
    for answer in read_answers(cut, answers.refuse):
        answers.add(answer)
    counts = merge_files(source, answers, source)

    assert (counts.answers, counts.refused, counts.open) == (1, 1, 2)
    assert "cut.jsonl:2: found" in told[0]
    assert "the file is cut off" in told[0]

    counts, told, after = brought(tmp_path, record, *forms)
    assert (counts.answers, counts.repeated, counts.refused, counts.open) == (1, 1, 0, 1)
    assert [one["task"] for one in after["answers"]] == ["sentiment", "states"]


def test_an_answer_to_a_case_that_no_record_has_is_refused(tmp_path: Path) -> None:
    record = record_of(*CHAT)
    form = {"case": "0123456789abcdef", "answer": {"verdict": "right"}}
    counts, told, after = brought(tmp_path, record, form)

    assert counts.refused == 1
    assert "which no record has" in told[0]
    assert after["answers"] == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"[]", r"'\[\]'"),
        (b"{}", "an object of"),
        (b'{"case": "x", "answer": {"mood": 1}}', "answer.mood: Extra inputs"),
        (b'{"case": "x", "answer": {"verdict": "perhaps"}}', "'perhaps'"),
        (b'{"case": "", "answer": {}}', "case: String should have at least 1"),
        (b'{"case": "x", "answer": {}, "kind": "god"}', "kind: .*'god'"),
        (b'{"case": "x", "answer": "perhaps"}', "answer 'perhaps', expected accept"),
        (b"\xff\xfe", "cut off"),
        (b'{"data": {}, "annotations": [{"result": 3}]}', "an annotation with its result"),
        (b'{"fields": {}, "responses": {"q": [3]}}', "expected an object"),
    ],
)
def test_a_line_that_is_no_answer_is_refused_alone(tmp_path: Path, line: bytes, found: str) -> None:
    path = tmp_path / "answers.jsonl"
    good = b'{"case": "good", "answer": {"verdict": "right"}}\n'
    path.write_bytes(good + line)
    refused: list[InputError] = []

    answers = list(read_answers(path, refused.append))

    assert [answer.case for answer in answers] == ["good"]
    [error] = refused
    assert str(error).startswith(f"{path}:2: found ")
    assert re.search(found, str(error)), str(error)
    assert "\n" not in str(error)


def test_answers_are_training_data_and_nothing_else_is(tmp_path: Path) -> None:
    record = record_of(*CHAT)
    forms = [
        answer_to(record, "entities", entities=[{"start": 5, "end": 10, "label": "place"}]),
        answer_to(record, "states", verdict="right"),
    ]
    brought(tmp_path, record, *forms)
    path = tmp_path / "training.jsonl"
    write_labelled(training_conversations(read_records(tmp_path / "records.jsonl")), path)
    [labelled] = read_labelled(path)

    first, *others = labelled.labels
    assert first.entities is not None
    assert [(span.start, span.end, span.label) for span in first.entities] == [(5, 10, "place")]
    assert [held.value for held in first.state or ()] == ["north"]
    assert first.sentiment is None
    assert all(labels.entities is None and labels.state is None for labels in others)


def test_a_late_answer_to_a_live_turn() -> None:
    record = record_of(*CHAT)
    live = {
        **{name: record[name] for name in ("record", "id", "source", "models", "notes")},
        "turns": [record["turns"][2]],
        "routing": [
            {**next(c for c in record["routing"] if c["task"] == "states"), "turn": 2},
        ],
    }
    case = live["routing"][0]["case"]
    said = {"state": [{"slot": "area", "value": "south"}, {"slot": "name", "value": "acorn"}]}
    after = merge_live(live, {"conversation": "c-1", "case": case, "answer": said}, WORDS)

    assert after["turns"][0]["state"] == said["state"]
    assert [(c["operation"], c["slot"], c["value"]) for c in after["turns"][0]["changes"]] == [
        ("set", "name", "acorn"),
        ("replace", "area", "south"),
    ]
    with pytest.raises(InputError, match="found slot 'mood'"):
        merge_live(
            live,
            {"case": case, "answer": {"state": [{"slot": "mood", "value": "x"}]}},
            WORDS,
        )


def test_an_answer_line_reads_back() -> None:
    record = record_of(*CHAT)
    answer = parse_answer(answer_to(record, "states", verdict="right"), "x")
    line = orjson.loads(answer.to_line())

    assert line["format"] == "nlp-lstm-answer/1"
    assert Answer.model_validate(line).answer == answer.answer
