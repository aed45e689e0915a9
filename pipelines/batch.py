"""Many conversations: files and folders in, a folder of results out, resumed after any end.

    report = annotate_files(["chats/"], out="results", models=["states-multiwoz"])

Records stand in the order of the inputs, whatever the engine and the number of workers.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pipelines.annotation import reason_of
from pipelines.arrow_batches import annotate_arrow, arrow_schema
from pipelines.chunks import CHUNK_TURNS, Chunk, ChunkResult, Engine, Feed, Work
from pipelines.inputs import Reading, find_inputs, state_of
from pipelines.pipeline import ConversationPipeline
from pipelines.queues import JsonLinesQueue, TakesCases
from pipelines.records import model_parts, record_line
from pipelines.redaction import MappingFile, Redaction
from pipelines.redaction.discreet import discreet, discretion
from pipelines.results import Counts, Form, Results
from pipelines.routing import Policy
from pipelines.workers import Here, Processes, available_cores

__all__ = [
    "BatchReport",
    "Counts",
    "Output",
    "annotate_arrow",
    "annotate_files",
    "annotate_inputs",
    "arrow_schema",
]

BATCH = "nlp-lstm-batch/2"


@dataclass(frozen=True, slots=True)
class BatchReport:
    """How a batch ended.

    Attributes:
        counts: What was done, earlier runs of a resumed batch included.
        seconds: How long this run took.
        files: What was written; empty while the batch is unfinished.
        is_interrupted: Whether somebody stopped it; it can be resumed.
    """

    counts: Counts
    seconds: float
    files: tuple[Path, ...]
    is_interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """0: all done; 1: some documents failed, each named in errors.jsonl; 130: interrupted."""
        if self.is_interrupted:
            return 130
        return 1 if self.counts.failed else 0


@dataclass(frozen=True, slots=True)
class LoadPipeline:
    """How a worker comes by its pipeline: loaded from the models' names or directories."""

    models: tuple[str, ...]

    def __call__(self) -> ConversationPipeline:
        """Load them."""
        return ConversationPipeline.load(self.models)


@dataclass(frozen=True, slots=True)
class Output:
    """What is written, and where.

    Attributes:
        folder: Of the results.
        form: Of the records.
        shard: Conversations a file of records; None for one file.
        resume: Go on where an earlier run of the same batch was stopped.
        force: Start over whatever lies there; with `resume`, go on although inputs have changed.
        queue: Where cases go.
        mapping: Where it goes what was redacted; nowhere without redaction.
    """

    folder: Path
    form: Form = "jsonl"
    shard: int | None = None
    resume: bool = False
    force: bool = False
    queue: TakesCases | None = None
    mapping: Path | None = None


def annotate_files(
    inputs: Sequence[str | Path],
    *,
    out: str | Path,
    models: Sequence[str | Path],
    workers: int | None = None,
    engine: Literal["local", "ray"] = "local",
    ray_address: str | None = None,
    policy: Policy | None = None,
    queue: str | Path | TakesCases | None = None,
    redaction: Redaction | None = None,
    mapping: str | Path | None = None,
    resume: bool = False,
    force: bool = False,
    form: Form = "jsonl",
    shard: int | None = None,
    format: str = "auto",
    columns: Mapping[str, str] | None = None,
    roles: Mapping[str, str] | None = None,
    progress: Callable[[Counts], None] | None = None,
) -> BatchReport:
    """Annotate files and folders of conversations into a folder of results.

    What cannot be read or annotated is named in `errors.jsonl`; the rest is done. A script that
    uses workers needs the usual `if __name__ == "__main__":` around this.

    Args:
        inputs: Files, folders, archives, globs, Parquet files, saved datasets.
        out: Folder of results: `records.jsonl` or `records.parquet`, `errors.jsonl`,
            `summary.json`.
        models: Names of shipped models, or directories.
        workers: Processes; 0 uses this one, None as many as there are cores to run on.
        engine: Processes of this machine, or Ray Data.
        ray_address: Of a Ray cluster that runs already; None for one of this machine, which ends
            with the batch.
        policy: Which answers are trusted; None for the default.
        queue: File to which cases are appended, each once, however often a batch is run; or
            routes, as `pipelines.routes.open_routes` opens them.
        redaction: What is replaced by placeholders before anything is written; None for nothing.
        mapping: File, for its owner alone, that says what was redacted; None: nothing does.
        resume: Go on where an earlier run of the same batch was stopped.
        force: Start over whatever lies in `out`; with `resume`, go on although the inputs have
            changed since.
        form: Of the records.
        shard: Conversations a file of records, which then are `records-00000.jsonl` and so on;
            None for one file.
        format: Of the transcripts, as `read_transcript` takes it.
        columns: Likewise.
        roles: Likewise.
        progress: Called with what is done so far after each piece of work.

    Raises:
        InputError: Inputs or results are not usable as named; nothing was written then.
        ArtefactError: A model cannot be used.
        ValueError: The format, a column or a role is unknown, or the engine and its settings
            do not go together.
    """
    found = find_inputs(inputs, Path(out))
    reading = Reading(format, columns or {}, roles or {})
    return annotate_inputs(
        found,
        reading,
        Output(
            Path(out),
            form=form,
            shard=shard,
            resume=resume,
            force=force,
            queue=JsonLinesQueue(queue) if isinstance(queue, str | Path) else queue,
            mapping=None if mapping is None else Path(mapping),
        ),
        work=Work(LoadPipeline(tuple(map(str, models))), policy or Policy(), redaction),
        engine=_engine(engine, workers, ray_address),
        progress=progress,
    )


def annotate_inputs(
    inputs: Sequence[str],
    reading: Reading,
    output: Output,
    *,
    work: Work,
    engine: Engine | None = None,
    progress: Callable[[Counts], None] | None = None,
    chunk_turns: int = CHUNK_TURNS,
) -> BatchReport:
    """`annotate_files` with every choice made and a pipeline of one's own.

    Args:
        inputs: Existing paths.
        reading: How transcripts are read.
        output: What is written, and where.
        work: Makes the pipeline, here and in each worker, and says what to do with its answers.
        engine: Who annotates; None for this process.
        progress: Called after each chunk.
        chunk_turns: Turns of a chunk.
    """
    began = time.monotonic()
    # Loaded here even where others do the work: a model that cannot be used is one clear error.
    pipeline = work.make()
    settings = {
        "form": BATCH,
        "models": model_parts(pipeline),
        "policy": work.policy.model_dump(mode="json"),
        "reading": asdict(reading),
        "inputs": state_of(inputs),
        "chunk_turns": chunk_turns,
        "redaction": None if work.redaction is None else asdict(work.redaction),
    }
    with ExitStack() as stack:
        results = stack.enter_context(
            Results(
                output.folder,
                settings,
                form=output.form,
                shard=output.shard,
                resume=output.resume,
                force=output.force,
            )
        )
        kept = None
        if work.redaction is not None:
            if output.mapping is not None:
                kept = stack.enter_context(MappingFile(output.mapping))
            stack.enter_context(discretion())
        if not results.is_finished:
            told = reason_of if work.redaction is None else discreet
            feed = Feed(inputs, reading, results.position, chunk_turns, told)
            done = (engine or Here(pipeline))(feed, work)
            try:
                with closing(done):
                    for chunk, result in done:
                        if kept is not None:
                            kept.write(result.mapping)
                        _commit(chunk, result, results, output.queue)
                        if progress is not None:
                            progress(results.counts)
            except KeyboardInterrupt:
                seconds = time.monotonic() - began
                return BatchReport(results.counts, seconds, (), is_interrupted=True)
        seconds = time.monotonic() - began
        summary = {**asdict(results.counts), "models": settings["models"]}
        return BatchReport(results.counts, seconds, tuple(results.finish(summary)))


def _engine(name: str, workers: int | None, address: str | None) -> Engine | None:
    """The engine that is meant; None for this process.

    Raises:
        ValueError: There is none of that name, or its settings make no sense.
        InputError: Ray is not installed.
    """
    if name == "ray":
        from pipelines.ray_engine import OverRay

        if workers == 0:
            raise ValueError("engine ray with 0 workers: give 1 or more, or none")
        return OverRay(workers, address)
    if name != "local":
        raise ValueError(f"engine {name!r} is none of local, ray")
    if address is not None:
        raise ValueError("a Ray address without the engine ray")
    if workers is None:
        workers = available_cores()
    return Processes(workers) if workers else None


def _commit(chunk: Chunk, result: ChunkResult, results: Results, queue: TakesCases | None) -> None:
    failures = chunk.failures + result.failures
    # The queue first: a run that dies in between appends the same cases again, which is nothing.
    if queue is not None:
        queue.append(result.cases)
    done = Counts(
        result.conversations, result.turns, len(failures), len(result.cases), dict(result.reasons)
    )
    errors = b"".join(record_line(asdict(failure)) for failure in failures)
    results.commit(result.records, errors, chunk.position, done)
