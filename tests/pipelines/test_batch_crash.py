"""Whatever moment a batch is killed at, resuming it writes what an uninterrupted run writes."""

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from corpora.errors import InputError
from pipelines.batch import BatchReport, Output, annotate_inputs
from pipelines.chunks import Work
from pipelines.inputs import Reading, find_inputs
from pipelines.queues import JsonLinesQueue
from pipelines.routing import Policy
from tests.pipelines.breaking_disk import Disk, Fate, KilledError
from tests.pipelines.fakes import fake_pipeline

FORMS: dict[str, dict[str, Any]] = {
    "one file": {},
    "shards": {"shard": 2},
    "parquet": {"form": "parquet", "shard": 3},
}


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    folder = tmp_path / "chats"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.txt").write_text("A: area=n1 for 4\nB: bye\n")
    (folder / "1.txt").write_bytes(b"\0\1\2" * 50)
    (folder / "3.txt").write_text("A: boom\n")
    (folder / "4.txt").write_text("A: " + "word " * 60)
    return folder


def run(
    chats: Path, out: Path, *, disk: Disk | None = None, pace: float = 0, **output: Any
) -> BatchReport:
    """A batch on a disk that may break."""
    with (disk or Disk(out)).broken():
        return batch(chats, out, pace, **output)


def batch(chats: Path, out: Path, pace: float, **output: Any) -> BatchReport:
    return annotate_inputs(
        find_inputs([chats], out),
        Reading(format="plain"),
        Output(out, queue=JsonLinesQueue(out.with_suffix(".queue")), **output),
        work=Work(fake_pipeline, Policy()),
        progress=lambda _: time.sleep(pace),
        chunk_turns=3,
    )


def written(out: Path) -> dict[str, bytes]:
    """What a batch wrote, but for its lock and its journal, which tells of its runs."""
    found = {path.name: path.read_bytes() for path in out.iterdir()}
    del found[".lock"], found["journal.jsonl"]
    return {**found, "queue": out.with_suffix(".queue").read_bytes()}


@pytest.mark.parametrize(
    ("form", "fate"),
    [
        ("one file", "kill"),
        ("parquet", "kill"),
        ("shards", "kill"),
        ("shards", "power"),
        ("shards", "full"),
    ],
)
def test_faults_44_and_46_a_batch_that_breaks_at_any_operation_is_resumed(
    chats: Path, tmp_path: Path, form: str, fate: Fate
) -> None:
    whole = tmp_path / "whole"
    disk = Disk(whole)
    run(chats, whole, disk=disk, **FORMS[form])
    assert disk.done > 30

    for at in range(1, disk.done + 1):
        out = tmp_path / f"out-{at}"
        with pytest.raises((KilledError, InputError, OSError)) as told:
            run(chats, out, disk=Disk(out, at, fate), **FORMS[form])
        if fate == "full":
            assert "No space left" in str(told.value)
            assert str(out) in str(told.value)
        report = run(chats, out, resume=True, **FORMS[form])
        assert report.counts.conversations == 3
        assert report.counts.failed == 2
        assert written(out) == written(whole), f"broken at operation {at} of {disk.done}"


def test_fault_44_a_batch_that_breaks_while_it_resumes_is_resumed_again(
    chats: Path, tmp_path: Path
) -> None:
    run(chats, tmp_path / "whole", shard=2)
    out, chance, kills = tmp_path / "out", random.Random(44), 0
    for _ in range(60):
        at = chance.randint(10, 40)
        try:
            disk = Disk(out, at, chance.choice(["kill", "power"]))
            run(chats, out, disk=disk, shard=2, resume=True)
            break
        except KilledError:
            kills += 1
    assert kills > 1
    assert written(out) == written(tmp_path / "whole")


def test_fault_44_starting_over_that_breaks_never_passes_for_finished(
    chats: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(chats, out, shard=2)
    before = written(out)
    (chats / "9.txt").write_text("A: one more\n")
    disk = Disk(out)
    run(chats, out, disk=disk, shard=2, force=True)
    after = written(out)
    for at in range(1, disk.done + 1):
        (chats / "9.txt").unlink()
        run(chats, out, shard=2, force=True)
        assert written(out) == before
        (chats / "9.txt").write_text("A: one more\n")
        with pytest.raises(KilledError):
            run(chats, out, disk=Disk(out, at), shard=2, force=True)
        if (out / "summary.json").exists():
            assert {**written(out), "queue": b""} in (
                {**before, "queue": b""},
                {**after, "queue": b""},
            )
        run(chats, out, shard=2, force=True)
        assert written(out) == after


NURSERY = """
import os, random, signal, sys, time
from pathlib import Path
from tests.pipelines import test_batch_crash as crash

chats, out, chance = Path(sys.argv[1]), Path(sys.argv[2]), random.Random(int(sys.argv[3]))
kills = 0
while True:
    child = os.fork()
    if not child:
        crash.batch(chats, out, 0.003, shard=2, resume=True)
        os._exit(0)
    time.sleep(chance.uniform(0.001, 0.01 + 0.005 * kills))
    os.kill(child, signal.SIGKILL)
    if os.waitpid(child, 0)[1] == 0:
        break
    kills += 1
print(kills)
"""


def test_fault_44_kill_9_at_random_moments(chats: Path, tmp_path: Path) -> None:
    """Children of one process that has done the imports are killed until one gets to the end."""
    for number in range(10, 25):
        (chats / f"{number}.txt").write_text("A: area=n1 for 4\nB: bye\n")
    run(chats, tmp_path / "whole", shard=2)

    script = tmp_path / "nursery.py"
    script.write_text(NURSERY)
    done = subprocess.run(
        [sys.executable, script, chats, tmp_path / "out", "44"],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(done.stdout) > 2, done.stderr
    assert written(tmp_path / "out") == written(tmp_path / "whole")
