"""What a person at a terminal sees, through a pseudo-terminal."""

import io
import os
import pty
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from pipelines.cli.app import app

pytestmark = pytest.mark.usefixtures("fake_models")

CHAT = "Ana: I want 2 tables, area=north\nBen: sure\nAna: ok\nBen: bye\n"


class Terminal:
    """A pseudo-terminal; `stream` writes to it, `seen` is what it was sent."""

    def __init__(self) -> None:
        self._outside, inside = pty.openpty()
        self.stream = open(inside, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - a descriptor
        self._chunks: list[bytes] = []
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def seen(self) -> str:
        """Everything sent, once the terminal is closed."""
        self.stream.close()
        self._reader.join(timeout=60)
        os.close(self._outside)
        return b"".join(self._chunks).decode()

    def _read(self) -> None:
        # Linux says that the other side is closed by an error.
        with suppress(OSError):
            while chunk := os.read(self._outside, 65536):
                self._chunks.append(chunk)


def analyze(
    chat: str, monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], *, terminal: str
) -> tuple[str, str]:
    """Analyse with stdout or stderr on a terminal; what that was sent, and what the other got."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", "COLUMNS": "100", **environment}.items():
        monkeypatch.setenv(name, value)
    screen, other = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", screen.stream if terminal == "stdout" else other)
    monkeypatch.setattr(sys, "stderr", screen.stream if terminal == "stderr" else other)
    with pytest.raises(SystemExit) as ended:
        app(["analyze", chat])
    monkeypatch.undo()
    assert ended.value.code == 0
    return screen.seen(), other.getvalue()


@pytest.fixture
def chat(tmp_path: Path) -> str:
    path = tmp_path / "chat.txt"
    path.write_text(CHAT)
    return str(path)


def test_converted_data_does_nothing_to_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, screen = tmp_path / "chat.txt", Terminal()
    path.write_text("A\x1b[31mna: hi\nBen: yes\nA\x1b[31mna: bye\n")
    monkeypatch.setattr(sys, "stdout", screen.stream)
    with pytest.raises(SystemExit):
        app(["convert", str(path), "--to", "csv"])
    monkeypatch.undo()

    seen = screen.seen()
    assert "A\\u001b[31mna" in seen
    assert "\x1b" not in seen


def test_a_wide_terminal_gets_a_coloured_table(chat: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, told = analyze(chat, monkeypatch, {}, terminal="stdout")

    assert "speaker" in seen
    assert "\x1b[" in seen
    assert told == ""


@pytest.mark.parametrize(
    ("environment", "is_table"),
    [
        pytest.param({"NO_COLOR": "1"}, True, id="NO_COLOR"),
        pytest.param({"TERM": "dumb"}, False, id="a dumb terminal"),
        pytest.param({"NO_COLOR": "1", "COLUMNS": "24"}, False, id="a narrow one"),
    ],
)
def test_terminals_that_want_it_plain(
    environment: dict[str, str], is_table: bool, chat: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, _ = analyze(chat, monkeypatch, environment, terminal="stdout")

    assert "\x1b" not in seen
    assert "[2](number)" in seen
    assert ("speaker" in seen) is is_table


def test_progress_goes_to_the_terminal_and_results_into_the_pipe(
    chat: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, piped = analyze(chat, monkeypatch, {}, terminal="stderr")

    assert piped.split("\n")[0] == f"{chat}  4 turns"
    assert "\x1b" not in piped
    assert "loading models" in seen
    assert "4 turns" not in seen
