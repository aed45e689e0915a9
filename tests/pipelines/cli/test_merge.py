"""`nlp-lstm merge` from the command line: counts, exit codes, and what it leaves alone."""

from pathlib import Path

from typer.testing import CliRunner, Result

from pipelines.cli.app import app
from pipelines.record_forms import read_records
from tests.pipelines.routes.cases import record_of, written

CHAT = ("area=north for 4", "noted", "bye")


def merge(*arguments: Path | str) -> Result:
    return CliRunner().invoke(app, ["merge", *map(str, arguments)])


def test_answers_go_in_and_what_does_not_fit_is_named(tmp_path: Path) -> None:
    record = record_of(*CHAT)
    by_task = {case["task"]: case["case"] for case in record["routing"]}
    source = written(tmp_path / "records.jsonl", record)
    answers = written(
        tmp_path / "answers.jsonl",
        {"case": by_task["sentiment"], "by": "ana", "answer": {"sentiment": {"label": "positive"}}},
        {"case": by_task["entities"], "answer": {"entities": [{"label": "x", "text": "\x1b[2J"}]}},
    )
    out, training = tmp_path / "merged.jsonl", tmp_path / "training.jsonl"
    result = merge(source, answers, "--out", out, "--training", training)

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [str(out), str(training)]
    assert "answers.jsonl:2: found entity text" in result.stderr
    assert "\x1b" not in result.stderr
    assert "1 answers brought into 1 records; 1 refused" in result.stderr
    [merged] = read_records(out)
    assert merged.turns[0].sentiment is not None
    assert merged.turns[0].sentiment.label == "positive"
    assert len(training.read_text().splitlines()) == 1


def test_wrong_usage_is_one_line_and_writes_nothing(tmp_path: Path) -> None:
    source = written(tmp_path / "records.jsonl", record_of(*CHAT))
    answers = written(tmp_path / "answers.jsonl")
    out = tmp_path / "merged.jsonl"
    (tmp_path / "broken.jsonl").write_text('{"record": "nlp-lstm/1"}\n')
    for arguments in (
        (tmp_path / "nowhere", answers),
        (source, tmp_path / "nowhere"),
        (tmp_path / "broken.jsonl", answers),
    ):
        result = merge(*arguments, "--out", out)
        assert result.exit_code == 2
        assert len(result.stderr.strip().splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "answers.jsonl",
        "broken.jsonl",
        "records.jsonl",
    ]


def test_answers_fit_a_schema_of_ones_own_where_it_is_named(tmp_path: Path, orders: Path) -> None:
    chat = tmp_path / "chat.txt"
    chat.write_text("Agent: hello\nCustomer: my order is LH-40719\n", encoding="utf-8")
    policy = tmp_path / "policy.toml"
    policy.write_text("[states]\nleast_confidence = 1.0\n", encoding="utf-8")
    records = tmp_path / "records.jsonl"
    given = (chat, "--states", orders, "--policy", policy, "--out", records)
    told = CliRunner().invoke(app, ["analyze", *map(str, given)])
    assert told.exit_code == 0, told.stderr
    [record] = read_records(records)
    [case] = [one.case for one in record.routing if one.task == "states"]
    answers = written(
        tmp_path / "answers.jsonl",
        {"case": case, "answer": {"state": [{"slot": "Hotels_1-stars", "value": "3"}]}},
    )

    result = merge(records, answers, "--out", tmp_path / "out.jsonl", "--model", orders)
    assert result.exit_code == 1
    assert "'Hotels_1-stars'" in result.stderr
    assert "order number" in result.stderr

    result = merge(records, answers, "--out", tmp_path / "out.jsonl", "--model", "entities-support")
    assert result.exit_code == 2
    assert "found no record of entities-support" in result.stderr
