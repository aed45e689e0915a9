"""`convert` and `inspect` at the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from corpora.transcripts import read_transcript
from pipelines.cli.app import app

SAMPLES = Path(__file__).parents[2] / "samples" / "transcripts"
CALL = SAMPLES / "call-analytics.json"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def said(place: Path) -> list[list[tuple[str, str]]]:
    return [[(turn.speaker, turn.text) for turn in talk.turns] for talk in read_transcript(place)]


@pytest.mark.parametrize("form", ["jsonl", "csv", "openai", "convokit"])
def test_a_call_is_converted_and_reads_back(form: str, tmp_path: Path) -> None:
    place = tmp_path / (
        "corpus" if form == "convokit" else f"talk.{form.replace('openai', 'json')}"
    )

    result = run("convert", CALL, "--to", form, "--out", place)

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"1 conversations: {place}\n"
    assert said(place) == said(CALL)
    assert [left.name for left in tmp_path.iterdir()] == [place.name]


def test_parquet_is_an_input_too(tmp_path: Path) -> None:
    table = tmp_path / "talks.parquet"

    assert run("convert", CALL, "--to", "parquet", "--out", table).exit_code == 0
    result = run("convert", table, "--to", "jsonl")

    assert json.loads(result.stdout)["turns"][0]["meta"]["words"][2] == [14, 18, 0.55]
    assert "parquet, because its name ends in .parquet" in run("inspect", table).stdout


def test_bare_messages_hold_nothing_else() -> None:
    result = run("convert", SAMPLES / "whisper.json", "--to", "openai", "--bare")

    assert json.loads(result.stdout) == {
        "messages": [
            {"role": "user", "content": "Hello, Tern Bank."},
            {"role": "user", "content": "My card is gone."},
        ]
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--to", "parquet"], "parquet cannot go to stdout"),
        (["--to", "csv", "--bare"], "only openai can be bare"),
        (["--to", "csv", "--out", str(CALL)], "is an input"),
        (["--to", "csv", "--format", "docx"], "'docx' is none of"),
    ],
)
def test_wrong_usage_writes_nothing(arguments: list[str], told: str) -> None:
    before = CALL.read_bytes()

    result = run("convert", CALL, *arguments)

    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split()).replace("│ ", "")
    assert CALL.read_bytes() == before


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    result = run("convert", CALL, "--to", "convokit", "--out", tmp_path)

    assert result.exit_code == 2
    assert "found a folder, expected a place where nothing stands yet" in result.stderr


def test_what_cannot_be_read_is_told_and_the_rest_written(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"jobName": "j", "results": {"items": 5}}')

    result = run("convert", broken, CALL, "--to", "jsonl")

    assert result.exit_code == 1
    assert result.stderr.startswith(f"{broken}:1: found int '5' at /results/items")
    assert json.loads(result.stdout)["id"] == "job-7"


@pytest.mark.parametrize("command", [["convert", "--to", "jsonl"], ["inspect"]])
@pytest.mark.parametrize("content", ["", "\n \r\n\t\n"], ids=["empty", "blank"])
def test_a_file_of_nothing_is_no_error_unless_one_asks_for_it(
    command: list[str], content: str, tmp_path: Path
) -> None:
    nothing = tmp_path / "nothing.txt"
    nothing.write_text(content)

    kind, strict = run(*command, nothing), run(*command, nothing, "--strict")

    assert (kind.exit_code, strict.exit_code) == (0, 2)
    assert str(nothing) in (kind.stderr or kind.stdout)


def test_two_files_of_one_id_are_told_apart(tmp_path: Path) -> None:
    twin = tmp_path / "twin.json"
    twin.write_bytes(CALL.read_bytes())

    result = run("convert", CALL, twin, "--to", "jsonl")

    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["job-7", "job-7~2"]
    assert f"{twin}: 'job-7' is called 'job-7~2'" in result.stderr


def test_inspect_says_what_a_file_is() -> None:
    result = run("inspect", CALL)

    assert result.exit_code == 0
    told = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert told == [
        str(CALL),
        "format contact-lens, because its JSON has a `Transcript` whose rows have"
        " `ParticipantRole`",
        "encoding ASCII",
        "conversations 1",
        "turns 2",
        "speakers AGENT: agent, 1 turn",
        "CUSTOMER: customer, 1 turn",
        "time 5.1 s of recording",
        "first turns AGENT: Good morning, Tern Bank.",
        "CUSTOMER: My card [PII] was charged twice.",
        "skipped nothing",
    ]


def test_inspect_shows_no_escapes_and_names_guesses_and_what_is_skipped(tmp_path: Path) -> None:
    file = tmp_path / "talk.jsonl"
    file.write_bytes(
        b'{"conversation":"a","speaker":"Ana\\u001b[2J","text":"my order never came",'
        b'"time":"2024-03-14T09:00"}\n'
        b'{"conversation":"a","speaker":"Ben","text":"thank you for calling"}\nno json\n'
    )

    result = run("inspect", file)

    assert result.exit_code == 1
    assert "\x1b" not in result.stdout
    assert r"Ana\x1b[2J: customer (guessed), 1 turn" in result.stdout
    assert "2024-03-14 09:00:00 to 2024-03-14 09:00:00, no zone named" in result.stdout
    assert f"{file}:3: found 'no json'" in result.stdout


def test_inspect_for_programs() -> None:
    result = run("inspect", SAMPLES / "zoom.vtt", "--json", "--turns", "1")

    told = json.loads(result.stdout)
    assert told["format"] == "webvtt"
    assert (told["conversations"], told["turns"], told["seconds"]) == (1, 7, 19.0)
    assert told["first_turns"] == [
        {"speaker": "Mo", "text": "Noted: the 10:30 slot.", "meta": {"start": 5.79, "end": 8.0}}
    ]
    assert told["speakers"][0] == {
        "name": "Mo", "role": None, "role_guessed": False, "turns": 2,
    }  # fmt: skip


def test_inspect_of_what_is_no_transcript_says_what_would_be(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.txt"
    recipe.write_text("Flour: 200 g\nSugar: 100 g\nEggs: 2\n")

    result = run("inspect", recipe)

    assert result.exit_code == 1
    assert "none: it cannot be read" in result.stdout
    assert "expected a chat or a call" in result.stdout
