"""Which backend a command takes where it is told none."""

from pathlib import Path

import pytest

from nlp_lstm.loading import Backend
from pipelines.cli.models import MUCH, suited_backend


@pytest.mark.parametrize(
    ("told", "size", "taken"),
    [
        pytest.param("auto", 100, "auto", id="a chat"),
        pytest.param("auto", MUCH + 1, "torch", id="a corpus"),
        pytest.param("onnx", MUCH + 1, "onnx", id="a corpus, and told so"),
        pytest.param("torch", 100, "torch", id="a chat, and told so"),
    ],
)
def test_much_text_is_read_in_batches(
    told: Backend, size: int, taken: Backend, tmp_path: Path
) -> None:
    half = tmp_path / "half.txt"
    half.write_bytes(b"x" * (size // 2))
    rest = tmp_path / "rest.txt"
    rest.write_bytes(b"x" * (size - size // 2))

    assert suited_backend(told, [str(half), "-", str(rest), str(tmp_path / "none")]) == taken


def test_a_folder_may_hold_much(tmp_path: Path) -> None:
    assert suited_backend("auto", [str(tmp_path)]) == "torch"
