"""A batch ends with everything done, whatever is bad, dies or is killed on the way."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset
from pyarrow import parquet

from corpora.errors import InputError
from nlp_lstm.artefact import ArtefactError
from nlp_lstm.component import Task
from pipelines.batch import BatchReport, Output, annotate_files, annotate_inputs
from pipelines.chunks import Engine, Work
from pipelines.inputs import Reading, find_inputs
from pipelines.pipeline import ConversationPipeline
from pipelines.queues import JsonLinesQueue
from pipelines.records import read_records
from pipelines.redaction import Redaction
from pipelines.results import Counts
from pipelines.routing import Policy
from pipelines.workers import Processes
from tests.pipelines.fakes import fake_pipeline

PLAIN, DEFAULT = Reading(format="plain"), Policy()


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    folder = tmp_path / "chats"
    folder.mkdir()
    for number in range(12):
        turns = "\n".join(f"{'AB'[i % 2]}: area=n{i} for {i}" for i in range(1 + number % 5))
        (folder / f"{number:02}.txt").write_text(f"{turns}\nA: bye\n")
    return folder


def run(
    inputs: Path | list[Path | str],
    out: Path,
    *,
    workers: int = 0,
    engine: Engine | None = None,
    make: Callable[[], ConversationPipeline] = fake_pipeline,
    policy: Policy = DEFAULT,
    redaction: Redaction | None = None,
    progress: Callable[[Counts], None] | None = None,
    reading: Reading = PLAIN,
    **output: Any,
) -> BatchReport:
    return annotate_inputs(
        find_inputs(inputs if isinstance(inputs, list) else [inputs], out),
        reading,
        Output(out, **output),
        work=Work(make, policy, redaction),
        engine=engine or (Processes(workers) if workers else None),
        progress=progress,
        chunk_turns=7,
    )


def errors(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "errors.jsonl").read_text().splitlines()]


def ids(out: Path) -> list[str]:
    return [record.id for record in read_records(out / "records.jsonl")]


def test_records_stand_in_the_order_of_the_inputs(chats: Path, tmp_path: Path) -> None:
    report = run(chats, tmp_path / "out")

    assert report.exit_code == 0
    assert report.counts == Counts(conversations=12, turns=45, failed=0, cases=0)
    assert [record.source for record in read_records(tmp_path / "out/records.jsonl")] == [
        str(chats / f"{number:02}.txt") for number in range(12)
    ]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        ".lock", "journal.jsonl", "records.jsonl", "errors.jsonl", "summary.json",
    }  # fmt: skip


def test_two_workers_write_the_same_bytes_as_none(chats: Path, tmp_path: Path) -> None:
    run(chats, tmp_path / "none")
    report = run(chats, tmp_path / "two", workers=2)

    assert report.exit_code == 0
    one, two = (tmp_path / name / "records.jsonl" for name in ("none", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_a_worker_that_dies_takes_one_conversation_along(chats: Path, tmp_path: Path) -> None:
    (chats / "05.txt").write_text("A: die\n")
    (chats / "07.txt").write_text("A: boom\n")

    report = run(chats, tmp_path / "out", workers=2)

    assert report.exit_code == 1
    assert len(ids(tmp_path / "out")) == 10
    assert [
        (Path(e["source"]).name, e["line"], e["reason"][:22]) for e in errors(tmp_path / "out")
    ] == [
        ("05.txt", 1, "the process that annot"),
        ("07.txt", 1, "RuntimeError: the mode"),
    ]


def test_what_cannot_be_read_is_named_and_the_rest_is_done(chats: Path, tmp_path: Path) -> None:
    (chats / "03.txt").write_bytes(b"\x00\x01\x02\x03" * 50)

    report = run([chats / "03.txt", chats], tmp_path / "out")

    assert report.exit_code == 1
    assert [Path(error["source"]).name for error in errors(tmp_path / "out")] == ["03.txt"] * 2
    assert len(ids(tmp_path / "out")) == 11


def test_a_run_stopped_anywhere_resumes_to_the_same_bytes(chats: Path, tmp_path: Path) -> None:
    run(chats, tmp_path / "whole")
    out = tmp_path / "out"
    steps = 0

    def stop(counts: Counts) -> None:
        nonlocal steps
        steps += 1
        raise KeyboardInterrupt

    while (report := run(chats, out, resume=True, progress=stop)).is_interrupted:
        assert report.exit_code == 130
        assert not (out / "records.jsonl").exists()
        for name in ("records.jsonl.part", "errors.jsonl.part", "journal.jsonl"):
            with (out / name).open("ab") as file:
                file.write(b'{"half a li')  # what a crash may leave

    assert steps == 5
    assert (out / "records.jsonl").read_bytes() == (tmp_path / "whole/records.jsonl").read_bytes()
    assert report.counts.conversations == 12
    assert json.loads((out / "summary.json").read_text())["conversations"] == 12


def test_resuming_a_finished_batch_does_nothing(chats: Path, tmp_path: Path) -> None:
    first = run(chats, tmp_path / "out")
    before = (tmp_path / "out/records.jsonl").stat().st_mtime_ns
    again = run(chats, tmp_path / "out", resume=True)

    assert again.counts == first.counts
    assert (tmp_path / "out/records.jsonl").stat().st_mtime_ns == before


@pytest.mark.parametrize("change", ["inputs", "policy"])
def test_a_batch_that_has_changed_is_not_resumed(chats: Path, tmp_path: Path, change: str) -> None:
    run(chats, tmp_path / "out")
    policy = Policy()
    if change == "inputs":
        (chats / "99.txt").write_text("A: late\n")
    else:
        policy = Policy(route="elsewhere")

    with pytest.raises(InputError, match=f"a run with other {change}"):
        run(chats, tmp_path / "out", resume=True, policy=policy)
    with pytest.raises(InputError, match="a batch of 12 conversations, expected a folder without"):
        run(chats, tmp_path / "out", policy=policy)
    assert run(chats, tmp_path / "out", policy=policy, force=True).exit_code == 0


def test_a_second_run_into_one_folder_is_refused(chats: Path, tmp_path: Path) -> None:
    def second(counts: Counts) -> None:
        run(chats, tmp_path / "out")

    with pytest.raises(InputError, match="another run that is writing there"):
        run(chats, tmp_path / "out", progress=second)


def test_a_queue_is_filled_once_however_often_a_batch_runs(chats: Path, tmp_path: Path) -> None:
    (chats / "00.txt").write_text("A: " + "word " * 60)
    queue = tmp_path / "queue.jsonl"

    first = run(chats, tmp_path / "out", queue=JsonLinesQueue(queue))
    again = run(chats, tmp_path / "out", queue=JsonLinesQueue(queue), force=True)

    assert first.counts.cases == again.counts.cases == 3
    entries = [json.loads(line) for line in queue.read_text().splitlines()]
    assert [entry["task"] for entry in entries] == ["states", "entities", "sentiment"]
    [routed] = [r for r in read_records(tmp_path / "out/records.jsonl") if r.routing]
    assert [case.case for case in routed.routing] == [entry["case"] for entry in entries]


def test_parquet_goes_in_and_comes_out(chats: Path, tmp_path: Path) -> None:
    run(chats, tmp_path / "out", form="parquet")
    records = tmp_path / "out/records.parquet"
    Dataset.from_parquet(str(records), cache_dir=str(tmp_path)).save_to_disk(tmp_path / "saved")

    for place in (records, tmp_path / "saved"):
        assert run([place], tmp_path / f"again-{place.stem}").counts.conversations == 12
    again = tmp_path / "again-records/records.jsonl"
    texts = [
        [turn["text"] for turn in row["turns"]] for row in parquet.read_table(records).to_pylist()
    ]
    assert [[turn.text for turn in record.turns] for record in read_records(again)] == texts
    assert not list((tmp_path / "out").glob("records.jsonl*"))


def test_a_damaged_table_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1 but no more")

    assert run([tmp_path / "x.parquet"], tmp_path / "out").exit_code == 1
    assert "x.parquet" in errors(tmp_path / "out")[0]["reason"]


def test_globs_are_sorted_and_taken_once(chats: Path, tmp_path: Path) -> None:
    found = find_inputs(
        [str(chats / "*1.txt"), chats / "01.txt", str(chats / "0?.txt")], tmp_path / "out"
    )

    assert [Path(path).name for path in found[:3]] == ["01.txt", "11.txt", "00.txt"]
    assert len(found) == 11


@pytest.mark.parametrize("pattern", ["nothing.txt", "*.nothing"])
def test_inputs_that_are_not_there_are_refused(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(InputError, match="nothing there"):
        find_inputs([tmp_path / pattern], tmp_path / "out")


def test_results_among_the_inputs_are_refused(chats: Path) -> None:
    with pytest.raises(InputError, match="in or around an input"):
        find_inputs([chats], chats / "out")
    with pytest.raises(InputError, match="in or around an input"):
        find_inputs([chats / "01.txt"], chats)


def test_an_unknown_format_is_refused_before_anything_is_written(
    chats: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="morse"):
        annotate_files([chats], out=tmp_path / "out", models=[], format="morse")
    assert not (tmp_path / "out").exists()


SLOW = """
import signal, sys, time
from pathlib import Path
from tests.pipelines import fakes, test_batch

def pace(counts):
    print(counts.conversations, flush=True)
    time.sleep(60)  # until it is ended, however busy the machine

if __name__ == "__main__":
    # Who tests in the background ignores it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    report = test_batch.run(Path(sys.argv[1]), Path(sys.argv[2]), workers=int(sys.argv[3]),
                            resume=True, progress=pace)
    sys.exit(report.exit_code)
"""


def test_models_by_name_in_workers_write_what_they_write_here(
    chats: Path, tmp_path: Path, tiny_models: dict[Task, Path]
) -> None:
    models = list(tiny_models.values())
    for workers in (0, 1):
        out = tmp_path / str(workers)
        report = annotate_files([chats], out=out, models=models, workers=workers, format="plain")
        assert report.exit_code == 0

    here, there = (tmp_path / name / "records.jsonl" for name in "01")
    assert here.read_bytes() == there.read_bytes()
    assert [model.name for model in next(read_records(here)).models] == [
        "tiny-states", "tiny-entities", "tiny-sentiment",
    ]  # fmt: skip


def test_a_model_that_cannot_be_used_stops_a_batch_before_it_starts(
    chats: Path, tmp_path: Path
) -> None:
    with pytest.raises(ArtefactError, match="no model directory"):
        annotate_files([chats], out=tmp_path / "out", models=[tmp_path / "gone"], workers=1)
    assert not (tmp_path / "out").exists()


@pytest.fixture
def slow_run(chats: Path, tmp_path: Path) -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    """Start a batch in a process group of its own, and return after its first piece of work."""
    started: list[subprocess.Popen[bytes]] = []

    def start(workers: int) -> subprocess.Popen[bytes]:
        script = tmp_path / "slow.py"
        script.write_text(SLOW)
        process = subprocess.Popen(
            [sys.executable, str(script), str(chats), str(tmp_path / "out"), str(workers)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            start_new_session=True,
        )
        started.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize(
    ("ending", "workers", "code"),
    [(signal.SIGKILL, 0, -signal.SIGKILL), (signal.SIGINT, 2, 130)],
)
def test_a_killed_batch_goes_on(
    chats: Path,
    tmp_path: Path,
    slow_run: Callable[[int], subprocess.Popen[bytes]],
    ending: int,
    workers: int,
    code: int,
) -> None:
    process = slow_run(workers)
    os.killpg(process.pid, ending)
    _, said = process.communicate(timeout=60)

    assert process.returncode == code
    assert b"Traceback" not in said
    run(chats, tmp_path / "whole")
    assert run(chats, tmp_path / "out", resume=True).exit_code == 0
    resumed, whole = (tmp_path / name / "records.jsonl" for name in ("out", "whole"))
    assert resumed.read_bytes() == whole.read_bytes()


def test_workers_end_with_their_parent(slow_run: Callable[[int], subprocess.Popen[bytes]]) -> None:
    process = slow_run(2)
    process.kill()
    process.wait()

    for _ in range(200):  # 20 s
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("a worker outlived its parent")
