"""A batch over Ray writes what a batch without Ray writes, whatever is bad or deadly in it."""

import os
import socket
import sys
from pathlib import Path

import pytest

from corpora.errors import InputError
from pipelines.batch import annotate_files
from pipelines.ray_engine import OverRay
from tests.pipelines.test_batch import run


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    folder = tmp_path / "chats"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}.txt").write_text(f"A: area=n{number} for 4\nB: yes\nA: bye\n")
    (folder / "2.txt").write_text("A: die\n")
    (folder / "4.txt").write_text("A: boom\n")
    (folder / "5.txt").write_bytes(b"\0\1\2" * 50)
    return folder


@pytest.mark.filterwarnings("ignore")  # Ray's own, of files that it leaves open
def test_ray_writes_the_same_bytes(
    chats: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its workers are nice to all others, and on a busy machine would never have their turn.
    monkeypatch.setenv("RAY_worker_niceness", "0")
    monkeypatch.setitem(os.environ, "PYTHONPATH", str(Path(__file__).parents[2]))

    report = run(chats, tmp_path / "ray", engine=OverRay(workers=1), shard=3)

    assert (report.counts.conversations, report.counts.failed) == (5, 3)
    run(chats, tmp_path / "local", workers=1, shard=3)
    names = ["errors.jsonl", "records-00000.jsonl", "records-00001.jsonl", "summary.json"]
    for name in names:
        assert (tmp_path / "ray" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setitem(sys.modules, "ray.data", None)

    with pytest.raises(InputError, match=r"pip install 'nlp-lstm\[ray\]'"):
        annotate_files([tmp_path], out=tmp_path.with_name("out"), models=[], engine="ray")
    assert not tmp_path.with_name("out").exists()


def test_settings_that_make_no_sense_together(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for settings, message in (
        ({"engine": "ray", "workers": 0}, "0 workers"),
        ({"ray_address": "auto"}, "without the engine ray"),
        ({"engine": "spark"}, "none of local, ray"),
    ):
        with pytest.raises(ValueError, match=message):
            annotate_files([tmp_path / "in"], out=tmp_path / "out", models=[], **settings)


def test_a_cluster_at_which_nobody_listens_is_named_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and never listening
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for one in (address, f"ray://{address}", "127.0.0.1:99999"):
            with pytest.raises(InputError, match="nobody who answers there"):
                OverRay(address=one)
