"""From a chat on the command line to its alarm, with the shipped model."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pipelines.cli.app import app
from pipelines.record_forms import read_records
from pipelines.record_models import Record

ANGRY = (
    ("customer", "Hi, where is my order 4523?"),
    ("agent", "I'm sorry, it is still on its way. I apologize for the delay."),
    ("customer", "I am so angry and disappointed. This is disgusting, what an awful company!"),
    ("agent", "I'm terribly sorry."),
    ("customer", "This is ridiculous. I hate this terrible, horrible service!"),
    ("agent", "I have refunded you."),
    ("customer", "ok"),
    ("agent", "Anything else?"),
    ("customer", "No, thank you."),
)
CALM = (
    ("customer", "Hi, I need a train to Cambridge on Sunday."),
    ("agent", "I'm sorry, I'm so sorry, there is none on Sunday. On which other day?"),
    ("customer", "Monday would be fine too."),
    ("agent", "I apologize, that one is full. Would 10:00 do?"),
    ("customer", "Yes, please."),
    ("agent", "Sorry, I made a terrible mistake: it leaves at 10:15."),
    ("customer", "That is fine. Thank you very much!"),
)
ALONE = ("--without", "states", "--without", "entities")
# What the alarm costs must not hide among answers that are merely unsure.
POLICY = (
    "route = 'review'\n[sentiment]\nleast_confidence = 0\n[frustration]\nroute = 'supervisor'\n"
)


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [*arguments], input=stdin)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY)
    return path


def written(folder: Path, name: str, said: tuple[tuple[str, str], ...]) -> Path:
    path = folder / f"{name}.jsonl"
    lines = [{"conversation": name, "role": role, "text": text} for role, text in said]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def analysed(folder: Path, policy: Path, said: tuple[tuple[str, str], ...]) -> Record:
    out = folder / "records.jsonl"
    result = run(
        *("analyze", str(written(folder, "chat", said)), *ALONE),
        *("--policy", str(policy), "--out", str(out)),
    )
    assert result.exit_code == 0, result.output
    [record] = read_records(out)
    return record


def test_an_angry_chat_is_a_case_exactly_once_and_says_why(tmp_path: Path, policy: Path) -> None:
    record = analysed(tmp_path, policy, ANGRY)

    [case] = record.routing
    assert (case.reason, case.route) == ("frustration", "supervisor")
    assert case.turn in (2, 4)
    assert case.since == 2
    assert case.confidence is not None
    assert case.confidence >= case.threshold
    assert all(record.turns[turn].role == "customer" for turn in case.evidence)
    customer = record.summary.sentiment[0]
    assert customer.smoothed is not None
    assert customer.lowest_turn in (2, 4)


def test_a_calm_chat_never_does_however_often_the_agent_apologises(
    tmp_path: Path, policy: Path
) -> None:
    record = analysed(tmp_path, policy, CALM)

    assert record.routing == ()
    agents = [turn.sentiment for turn in record.turns if turn.role == "agent"]
    assert all(sentiment and sentiment.frustration is None for sentiment in agents)


def test_streaming_says_at_the_turn_itself_what_the_whole_says(
    tmp_path: Path, policy: Path
) -> None:
    record = analysed(tmp_path, policy, ANGRY)
    queue = tmp_path / "queue.jsonl"
    lines = [
        json.dumps({"conversation": "chat", "role": role, "text": text}) + "\n"
        for role, text in ANGRY
    ]

    result = run(
        *("stream", *ALONE, "--policy", str(policy), "--queue", str(queue)), stdin="".join(lines)
    )

    answers: list[dict[str, Any]] = [json.loads(line) for line in result.stdout.splitlines()]
    [case] = record.routing
    told = [found for answer in answers for found in answer["routing"]]
    assert [(found["turn"], found["since"], found["evidence"]) for found in told] == [
        (case.turn, case.since, list(case.evidence))
    ]
    assert answers[case.turn]["routing"] == told
    for answer, turn in zip(answers, record.turns, strict=True):
        assert turn.mood is not None
        assert answer["mood"] == {
            "smoothed": pytest.approx(turn.mood.smoothed, abs=2e-4),
            "slope": pytest.approx(turn.mood.slope, abs=2e-4),
        }
    assert len(queue.read_text().splitlines()) == 1


def test_batch_routes_it_too(tmp_path: Path, policy: Path) -> None:
    inputs, out, queue = tmp_path / "in", tmp_path / "out", tmp_path / "queue.jsonl"
    inputs.mkdir()
    written(inputs, "angry", ANGRY)
    written(inputs, "calm", CALM)

    result = run(
        *("batch", str(inputs), "--out", str(out), *ALONE),
        *("--policy", str(policy), "--queue", str(queue)),
    )

    assert result.exit_code == 0, result.output
    [entry] = [json.loads(line) for line in queue.read_text().splitlines()]
    assert entry["reason"] == "frustration"


def test_the_view_shows_the_alarm_and_where_the_mood_is_heading(
    tmp_path: Path, policy: Path
) -> None:
    path = written(tmp_path, "chat", ANGRY[:6])

    shown = run("analyze", str(path), *ALONE, "--policy", str(policy)).stdout

    [alarm] = [line for line in shown.splitlines() if line.startswith("alarm")]
    assert "frustration at turn" in alarm
    assert alarm.endswith("supervisor")
    [mood, _] = [line for line in shown.splitlines() if line.startswith("mood")]
    assert "falling" in mood
    calm = run("analyze", str(written(tmp_path, "calm", CALM)), *ALONE).stdout
    assert not [line for line in calm.splitlines() if line.startswith("alarm")]
