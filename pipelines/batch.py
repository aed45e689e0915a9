"""Many conversations: files and folders in, a folder of results out, resumed after any end.

    report = annotate_files(["chats/"], out="results", models=["states-multiwoz"])

Records stand in the order of the inputs, whatever the number of workers.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from corpora.conversation import Conversation
from pipelines.inputs import Item, Position, Reading, find_inputs, read_items, state_of
from pipelines.pipeline import ConversationPipeline, Failure, reason_of
from pipelines.queues import JsonLinesQueue
from pipelines.records import model_parts, record_line
from pipelines.redaction import MappingFile, Redaction
from pipelines.redaction.discreet import discreet, discretion
from pipelines.results import Counts, Form, Results
from pipelines.routing import Policy
from pipelines.workers import (
    Chunk,
    ChunkResult,
    MakePipeline,
    annotate_here,
    annotate_in_processes,
)

BATCH = "nlp-lstm-batch/1"
# Turns annotated, sent to a worker and made safe on the disk together; see BUFFER_TURNS.
CHUNK_TURNS = 2000
# Failures and empty conversations have no turns, and must not gather without end.
CHUNK_ITEMS = 2000


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


def annotate_files(
    inputs: Sequence[str | Path],
    *,
    out: str | Path,
    models: Sequence[str | Path],
    workers: int | None = None,
    policy: Policy | None = None,
    queue: str | Path | None = None,
    redaction: Redaction | None = None,
    mapping: str | Path | None = None,
    resume: bool = False,
    form: Form = "jsonl",
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
        policy: Which answers are trusted; None for the default.
        queue: File to which cases are appended, each once, however often a batch is run.
        redaction: What is replaced by placeholders before anything is written; None for nothing.
        mapping: File, for its owner alone, that says what was redacted; None: nothing does.
        resume: Go on where an earlier run of the same batch was stopped.
        form: Of the records.
        format: Of the transcripts, as `read_transcript` takes it.
        columns: Likewise.
        roles: Likewise.
        progress: Called with what is done so far after each piece of work.

    Raises:
        InputError: Inputs or results are not usable as named; nothing was written then.
        ArtefactError: A model cannot be used.
        ValueError: The format, a column or a role is unknown.
    """
    return annotate_inputs(
        find_inputs(inputs, Path(out)),
        Reading(format, columns or {}, roles or {}),
        out=Path(out),
        make=LoadPipeline(tuple(map(str, models))),
        workers=available_cores() if workers is None else workers,
        policy=policy or Policy(),
        queue=None if queue is None else JsonLinesQueue(queue),
        redaction=redaction,
        mapping=mapping,
        resume=resume,
        form=form,
        progress=progress,
    )


def annotate_inputs(
    inputs: Sequence[Path],
    reading: Reading,
    *,
    out: Path,
    make: MakePipeline,
    workers: int,
    policy: Policy,
    queue: JsonLinesQueue | None = None,
    redaction: Redaction | None = None,
    mapping: str | Path | None = None,
    resume: bool = False,
    form: Form = "jsonl",
    progress: Callable[[Counts], None] | None = None,
    chunk_turns: int = CHUNK_TURNS,
) -> BatchReport:
    """`annotate_files` with every choice made and a pipeline of one's own.

    Args:
        inputs: Existing paths.
        reading: How transcripts are read.
        out: Folder of results.
        make: Makes the pipeline, here and in each worker.
        workers: Processes; 0 uses this one.
        policy: Which answers are trusted.
        queue: Where cases go.
        redaction: What is redacted.
        mapping: Where the mapping goes; nowhere without `redaction`.
        resume: Go on where an earlier run was stopped.
        form: Of the records.
        progress: Called after each chunk.
        chunk_turns: Turns of a chunk.
    """
    began = time.monotonic()
    # Loaded here even where workers do the work: a model that cannot be used is one clear error.
    pipeline = make()
    settings = {
        "form": BATCH,
        "models": model_parts(pipeline),
        "policy": policy.model_dump(),
        "reading": asdict(reading),
        "inputs": state_of(inputs),
        "chunk_turns": chunk_turns,
        "redaction": None if redaction is None else asdict(redaction),
    }
    with ExitStack() as stack:
        results = stack.enter_context(Results(out, settings, form=form, resume=resume))
        kept = None
        if redaction is not None and mapping is not None:
            kept = stack.enter_context(MappingFile(mapping))
        if redaction is not None:
            stack.enter_context(discretion())
        if not results.is_finished:
            told = reason_of if redaction is None else discreet
            items = read_items(inputs, reading, results.position, told=told)
            chunks = _chunks(items, chunk_turns)
            done = (
                annotate_in_processes(chunks, make, policy, workers, redaction)
                if workers
                else annotate_here(chunks, pipeline, policy, redaction)
            )
            try:
                for chunk, result in done:
                    if kept is not None:
                        kept.write(result.mapping)
                    _commit(chunk, result, results, queue)
                    if progress is not None:
                        progress(results.counts)
            except KeyboardInterrupt:
                seconds = time.monotonic() - began
                return BatchReport(results.counts, seconds, (), is_interrupted=True)
        seconds = time.monotonic() - began
        summary = {**asdict(results.counts), "models": settings["models"]}
        return BatchReport(results.counts, seconds, tuple(results.finish(summary)))


def available_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _chunks(items: Iterator[Item], most_turns: int) -> Iterator[Chunk]:
    conversations: list[Conversation] = []
    failures: list[Failure] = []
    turns = 0
    position = Position()
    for item in items:
        position = item.position
        if isinstance(item.found, Failure):
            failures.append(item.found)
        else:
            conversations.append(item.found)
            turns += len(item.found.turns)
        if turns >= most_turns or len(conversations) + len(failures) >= CHUNK_ITEMS:
            yield Chunk(conversations, failures, position)
            conversations, failures, turns = [], [], 0
    if conversations or failures:
        yield Chunk(conversations, failures, position)


def _commit(
    chunk: Chunk, result: ChunkResult, results: Results, queue: JsonLinesQueue | None
) -> None:
    failures = chunk.failures + result.failures
    # The queue first: a run that dies in between appends the same cases again, which is nothing.
    if queue is not None:
        queue.append(result.cases)
    done = Counts(result.conversations, result.turns, len(failures), len(result.cases))
    errors = b"".join(record_line(asdict(failure)) for failure in failures)
    results.commit(result.records, errors, chunk.position, done)
