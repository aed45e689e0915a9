import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pipelines.cli.app import app
from pipelines.records import Record

pytestmark = pytest.mark.usefixtures("fake_models")
GERMAN = "Ana: größer 5 für\nBen: ok\nAna: gut\nBen: ja\n"
GOOD = (
    "Ana: my order 4711 never came, area=north\nBen: I am sorry, Ana\nAna: well\nBen: let me look\n"
)


def analyze(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["analyze", *map(str, arguments)], input=stdin)


def records(output: str) -> list[dict[str, Any]]:
    read = [json.loads(line) for line in output.split("\n") if line]
    for record in read:
        Record.model_validate_json(json.dumps(record))
    return read


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.txt"
    path.write_text(GOOD)
    return path


def test_the_view(good: Path) -> None:
    result = analyze(good, "--role", "Ana=customer", "--role", "Ben=agent")

    assert result.exit_code == 0
    lines = result.stdout.split("\n")
    assert lines[0] == f"{good}  4 turns"
    assert lines[1] == (
        "1  Ana, customer  :|  my order [4711](number) never came, area=north  + area = north"
    ).replace("1  ", "1   ", 1)
    assert lines[5] == "wants   area = north  (turn 1)"
    assert result.stderr == ""


def test_what_was_mended_is_told_once_and_recorded_once(tmp_path: Path) -> None:
    path = tmp_path / "german.txt"
    path.write_bytes(GERMAN.encode("cp1252"))

    result = analyze(path, "--json")

    (record,) = records(result.stdout)
    note = f"{path}: a line was not UTF-8 and was read as Windows-1252 (1)"
    assert record["notes"] == [note]
    assert result.stderr == note + "\n"


def test_json_is_one_record_a_line(good: Path) -> None:
    result = analyze(good, "--json")

    (record,) = records(result.stdout)
    assert record["id"] == "good"
    assert [turn["text"] for turn in record["turns"]] == [
        "my order 4711 never came, area=north",
        "I am sorry, Ana",
        "well",
        "let me look",
    ]
    assert [model["task"] for model in record["models"]] == ["states", "entities", "sentiment"]


def test_stdin(good: Path) -> None:
    from_stdin, from_file = analyze("-", "--json", stdin=GOOD), analyze(good, "--json")

    assert from_stdin.exit_code == 0
    assert records(from_stdin.stdout)[0]["turns"] == records(from_file.stdout)[0]["turns"]


def test_without_leaves_a_task_out(good: Path) -> None:
    result = analyze(good, "--json", "--without", "states", "--without", "sentiment")

    (record,) = records(result.stdout)
    assert [model["task"] for model in record["models"]] == ["entities"]
    assert record["turns"][0]["state"] is None


def test_columns_by_their_own_names(tmp_path: Path) -> None:
    path = tmp_path / "chats.csv"
    path.write_text("Gespräch,Wer,Nachricht\n1,Ana,wo ist 4711?\n1,Ben,Moment\n")

    result = analyze(
        path, "--json", "--map", "conversation=Gespräch", "--map", "speaker=Wer",
        "--map", "text=Nachricht",
    )  # fmt: skip

    assert result.exit_code == 0
    assert [t["speaker"] for t in records(result.stdout)[0]["turns"]] == ["Ana", "Ben"]


def test_records_go_to_a_folder_or_a_file(good: Path, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    other = tmp_path / "sub" / "good.txt"
    other.write_text(GOOD)

    folder = analyze(good, other, "--out", tmp_path / "out", "-q")
    file = analyze(good, other, "--out", tmp_path / "all.jsonl", "-q")

    assert (folder.exit_code, file.exit_code) == (0, 0)
    assert folder.stdout == file.stdout == ""
    assert f"records: {tmp_path / 'out' / 'good-2.jsonl'}" in folder.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["good-2.jsonl", "good.jsonl"]
    first = records((tmp_path / "out" / "good-2.jsonl").read_text())
    assert first[0]["source"] == str(other)
    assert len(records((tmp_path / "all.jsonl").read_text())) == 2


def test_results_never_go_over_an_input(tmp_path: Path) -> None:
    path = tmp_path / "good.jsonl"
    path.write_text('{"text": "hi", "speaker": "Ana"}\n')

    result = analyze(path, "--out", path)

    assert result.exit_code == 2
    assert path.read_text() == '{"text": "hi", "speaker": "Ana"}\n'


def test_an_interruption_leaves_nothing_half_written(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipelines.cli.outlets.view", interrupt)

    result = analyze(good, "--out", tmp_path / "out")

    assert result.exit_code == 130
    assert list((tmp_path / "out").iterdir()) == []


def test_a_policy_routes_into_a_queue_once(good: Path, tmp_path: Path) -> None:
    policy, queue = tmp_path / "policy.toml", tmp_path / "queue.jsonl"
    policy.write_text('route = "ana@example.org"\n[entities]\nleast_confidence = 0.999\n')

    first = analyze(good, "--policy", policy, "--queue", queue)
    analyze(good, "--policy", policy, "--queue", queue)

    assert "routed  entities at turn 1: low confidence" in first.stdout
    (case,) = [json.loads(line) for line in queue.read_text().split("\n") if line]
    assert case["route"] == "ana@example.org"
    assert case["payload"]["turns"][0]["speaker"] == "Ana"


def test_a_bad_policy_is_wrong_usage(good: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[entities]\nleast_confidense = 1\n")

    result = analyze(good, "--policy", policy)

    assert result.exit_code == 2
    assert "least_confidense" in result.stderr


# What is in a bad document, the words that its one line of error must hold, and how many errors.
BAD = [
    pytest.param("a.txt", b"\x00\x01\x02\xff" * 300, "binary content", id="binary"),
    pytest.param("a.txt", b"PK\x03\x04 not an archive", "", id="a broken archive"),
    pytest.param("a.png", b"\x89PNG\r\n\x1a\n" + bytes(200), "an image", id="an image"),
    pytest.param("a.jsonl", b'{"text": "hi", "speak', "a.jsonl:1", id="half an object"),
    pytest.param("a.txt", b"no speaker here at all\n" * 5, "a.txt", id="unknown format"),
    pytest.param("a.jsonl", b'{"speaker": "Ana"}\n', "text", id="no text"),
    pytest.param("a.json", b'[{"text": "hi"', "a.json", id="a cut-off array"),
    pytest.param("a.jsonl", b"[" * 100_000, "a.jsonl", id="nested without end"),
    pytest.param("a.csv", b"speaker;words\nAna;hi\n", "a.csv", id="no text column"),
]


@pytest.mark.parametrize(("name", "content", "told"), BAD)
def test_a_bad_document_is_named_in_one_line_and_stops_no_other(
    name: str, content: bytes, told: str, good: Path, tmp_path: Path
) -> None:
    bad = tmp_path / name
    bad.write_bytes(content)

    result = analyze(bad, good, "--json")

    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert str(bad) in line
    assert told in line
    assert "found" in line
    assert "expected" in line
    assert [record["id"] for record in records(result.stdout)] == ["good"]


@pytest.mark.parametrize("bad", ["missing.txt", "no/such/folder"])
def test_a_path_that_is_none(bad: str, good: Path) -> None:
    result = analyze(bad, good, "--json")

    assert result.exit_code == 1
    assert bad in result.stderr
    assert len(records(result.stdout)) == 1


@pytest.mark.parametrize("content", [b"", b"\n \n\n", b"\xef\xbb\xbf"])
def test_an_empty_document_is_told_and_no_failure(
    content: bytes, good: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_bytes(content)

    result = analyze(empty, good, "--json")

    assert result.exit_code == 0
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"{empty}: found no conversation")
    assert len(records(result.stdout)) == 1
    strict = analyze(empty, good, "--json", "--strict")
    assert (strict.exit_code, strict.stdout) == (2, result.stdout)


def test_a_line_beyond_the_limit(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpora.transcripts.text.LONGEST_LINE", 200_000)
    long = tmp_path / "long.txt"
    long.write_text(GOOD + "Ana: " + "x" * 1_000_000 + "\nBen: hello\n")

    result = analyze(long, good, "--json")

    assert result.exit_code == 1
    assert f"{long}:5: found a line longer than" in result.stderr
    assert records(result.stdout)[-1]["id"] == "good"


def test_a_bad_line_among_good_ones(tmp_path: Path) -> None:
    path = tmp_path / "chats.jsonl"
    lines = [json.dumps({"id": f"c-{i}", "turns": [{"text": "hi 1"}]}) for i in range(3)]
    other = lines[2].replace("hi 1", "hi 2")
    path.write_text("\n".join([lines[0], '{"id": "c-1", "turns": [', lines[2], other]) + "\n")

    result = analyze(path, "--json")

    assert result.exit_code == 1
    assert [record["id"] for record in records(result.stdout)] == ["c-0", "c-2"]
    broken, double = result.stderr.splitlines()
    assert f"{path}:2: found" in broken
    assert f"{path}:4: found" in double


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param(GERMAN, "cp1252", id="Windows-1252"),
        pytest.param(GERMAN, "utf-16", id="UTF-16"),
        pytest.param(GERMAN, "utf-8-sig", id="a byte order mark"),
    ],
)
def test_other_encodings_are_read_as_what_they_are(
    text: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))

    result = analyze(path, "--json")

    assert result.exit_code == 0
    assert records(result.stdout)[0]["turns"][0]["text"] == "größer 5 für"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("👍🏽 call 555 👩‍👩‍👧", id="emoji"),
        pytest.param("שלום 12 עולם", id="right to left"),
        pytest.param("a\u200bb 7 \u202eevil", id="zero width and overrides"),
        pytest.param("[/bold] <b>9</b> [red]", id="markup"),
        pytest.param("e\u0301 3", id="combining marks"),
        pytest.param("word " * 20_000 + "5", id="100,000 characters"),
        pytest.param("x" * 100_000, id="100,000 characters without a blank"),
    ],
)
def test_what_people_type_is_kept_and_spans_fit_it(said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"speaker": "Ana", "text": said}) + "\n")

    result = analyze(path, "--json")
    view = analyze(path)

    assert (result.exit_code, view.exit_code) == (0, 0)
    (turn,) = records(result.stdout)[0]["turns"]
    assert turn["text"] == said
    for entity in turn["entities"]:
        assert said[entity["start"] : entity["end"]] == entity["text"]
    assert "\u202e" not in view.stdout
    assert "\x1b" not in view.stdout


def test_missing_speakers_are_no_error(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "hi"}\n{"text": "hello"}\n')

    result = analyze(path)

    assert result.exit_code == 0
    assert "1   ?  " in result.stdout


def test_a_conversation_at_which_a_model_fails_is_named(tmp_path: Path, good: Path) -> None:
    path = tmp_path / "boom.txt"
    path.write_text("Ana: boom\nBen: what?\n" * 2)

    result = analyze(path, good, "--json", "--out", tmp_path / "out")

    assert result.exit_code == 1
    (line,) = [line for line in result.stderr.splitlines() if not line.startswith("records:")]
    assert str(path) in line
    assert "the model fell over" in line
    assert [record["id"] for record in records(result.stdout)] == ["good"]
    assert (tmp_path / "out" / "good.jsonl").exists()


def test_nothing_is_coloured_or_drawn_in_a_pipe(good: Path) -> None:
    result = analyze(good)

    assert "\x1b" not in result.stdout
    assert not set("─│┃━┏") & set(result.stdout)
