import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from corpora.errors import InputError
from pipelines.cli.app import app
from tests.pipelines.cli.conftest import ROOT

COMMANDS = ["analyze", "stream", "serve", "batch", "train", "evaluate", "info"]


def test_help_imports_nothing_heavy() -> None:
    """`--help` is for people who wait for it."""
    program = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from pipelines.cli.app import app\n"
        f"for command in {[[], *([command] for command in COMMANDS)]!r}:\n"
        "    result = CliRunner().invoke(app, [*command, '--help'])\n"
        "    assert result.exit_code == 0, result.output\n"
        "heavy = {'torch', 'spacy', 'datasets', 'numpy', 'pyarrow'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=300)


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(app, ["--help"])

    assert all(command in result.output for command in COMMANDS)


def test_version() -> None:
    result = CliRunner().invoke(app, ["--version"])

    assert result.exit_code == 0
    assert result.output.startswith("nlp-lstm")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["analyze", "--wat"], "--wat", id="unknown option"),
        pytest.param(["analyse"], "analyse", id="unknown command"),
        pytest.param(["analyze"], "FILE", id="no file"),
        pytest.param(["analyze", "x", "--map", "text"], "NAME=VALUE", id="half a pair"),
        pytest.param(["analyze", "x", "--format", "docx"], "docx", id="unknown format"),
        pytest.param(["analyze", "x", "--map", "txt=a"], "txt", id="unknown column"),
        pytest.param(["analyze", "x", "--role", "Ana=boss"], "boss", id="unknown role"),
        pytest.param(["analyze", "x", "--without", "mood"], "mood", id="unknown task"),
        pytest.param(["analyze", "x", "--layout", "html"], "html", id="unknown layout"),
        pytest.param(
            ["analyze", "x", "--states", "a", "--without", "states"], "--states", id="both ways"
        ),
        pytest.param(["info", "no-such-model"], "no-such-model", id="unknown model"),
        pytest.param(
            ["train", "no-such-recipe", "--data", ".", "--out", "y"], "recipe", id="recipe"
        ),
    ],
)
def test_wrong_usage_is_2_and_names_what_is_wrong(arguments: list[str], told: str) -> None:
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        pytest.param(
            InputError("a.txt", 2, found="x", expected="y", remedy="z"),
            2,
            "nlp-lstm: a.txt:2: found x, expected y; z",
            id="ours",
        ),
        pytest.param(
            FileNotFoundError(2, "No such file", "a.txt"),
            2,
            "nlp-lstm: a.txt: No such file",
            id="a wrong path",
        ),
        pytest.param(OSError(28, "No space left"), 1, "nlp-lstm: No space left", id="disk full"),
        pytest.param(KeyboardInterrupt(), 130, "nlp-lstm: interrupted", id="interrupted"),
        pytest.param(BrokenPipeError(), 0, "", id="reader gone"),
        pytest.param(
            KeyError("a\nb\x1b[2J"),
            1,
            "nlp-lstm: a fault of nlp-lstm: KeyError: 'a\\nb\\x1b[2J'; run it again with --debug"
            " and report what that prints",
            id="a fault of ours",
        ),
    ],
)
def test_every_error_is_one_line_and_a_code(
    error: BaseException, code: int, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> list[str]:
        raise error

    monkeypatch.setattr("nlp_lstm.artefact.shipped_models", fail)

    result = CliRunner().invoke(app, ["info"])

    assert result.exit_code == code
    assert result.stderr == (f"{line}\n" if line else "")


@pytest.mark.parametrize("arguments", [["--debug", "info", "none"], ["info", "none", "--debug"]])
def test_debug_shows_the_traceback_wherever_it_stands(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 2
    assert "Traceback" in result.stderr


def extra_command(body: str) -> str:
    """A program: the command line with one more command, `extra`."""
    return (
        "import sys, time\n"
        "from pipelines.cli import app\n"
        "from pipelines.cli.console import result_console\n"
        "@app.app.command()\n"
        f"def extra() -> None:\n    {body}\n"
        "sys.argv = ['nlp-lstm', 'extra']\n"
        "app.main()\n"
    )


@pytest.mark.parametrize(
    "line", ["result_console().print('a line')", "print('a line')", "print('a line', flush=True)"]
)
def test_a_reader_that_goes_away_ends_the_command_quietly(line: str) -> None:
    """`nlp-lstm … | head -1`."""
    done = subprocess.run(
        ["bash", "-c", f'{sys.executable} -c "$PROGRAM" | head -1; echo ${{PIPESTATUS[0]}}'],
        cwd=ROOT,
        env={"PROGRAM": extra_command(f"for _ in range(20000): {line}"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )

    assert done.stdout == "a line\n0\n"
    assert done.stderr == ""


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals(sent: signal.Signals, code: int) -> None:
    # Whoever runs the tests in the background of a shell has them ignore an interrupt.
    listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    waiting = extra_command("print('ready', flush=True); time.sleep(300)")
    with subprocess.Popen(
        [sys.executable, "-c", listening + waiting],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        running.send_signal(sent)
        _, told = running.communicate(timeout=300)

    assert running.returncode == code
    assert "Traceback" not in told


def test_a_locale_that_lacks_a_character_shows_an_escape() -> None:
    done = subprocess.run(
        [sys.executable, "-c", extra_command("print('gr\\u00f6\\u00dfer')")],
        cwd=ROOT,
        env={"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )

    assert done.stdout == "gr\\xf6\\xdfer\n"
