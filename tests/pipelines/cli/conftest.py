import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nlp_lstm.component import Component, Task
from tests.pipelines.fakes import FakeComponent

ROOT = Path(__file__).parents[3]


@pytest.fixture
def fake_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands load components whose answers can be worked out by hand."""

    def load(name: str | Path, *, task: Task) -> Component:
        return FakeComponent(task, name=f"fake-{task}")

    monkeypatch.setattr("nlp_lstm.loading.load_component", load)


@pytest.fixture
def nlp_lstm() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line in a process of its own."""

    def run(
        *arguments: str, stdin: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM")
        }
        return subprocess.run(
            [sys.executable, "-c", "from pipelines.cli.app import main; main()", *arguments],
            cwd=ROOT,
            env={**kept, "OMP_NUM_THREADS": "1", **environment},
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run
