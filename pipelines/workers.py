"""Who annotates a batch: this process, or several that may die without taking the rest along.

An engine is a function from chunks to their results, in the order of the chunks.
"""

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from multiprocessing.context import BaseContext
from threading import Thread

from corpora.conversation import Conversation
from pipelines.calm import calm_torch
from pipelines.inputs import Position
from pipelines.pipeline import (
    AnnotatedConversation,
    ConversationPipeline,
    Failure,
    failure_of,
)
from pipelines.queues import queue_entry
from pipelines.records import conversation_record, model_parts, record_line
from pipelines.redaction import Redaction, Redactor, redacted_with_line
from pipelines.routing import Policy, Router


@dataclass(frozen=True, slots=True)
class Chunk:
    """Neighbouring conversations that are annotated together.

    Attributes:
        conversations: In the order of the inputs.
        failures: What could not be read among them.
        position: How far the inputs are done when the chunk is.
    """

    conversations: list[Conversation]
    failures: list[Failure]
    position: Position


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What became of a chunk's conversations.

    Attributes:
        records: Lines of records, in the order of the conversations.
        turns: How many turns they hold.
        conversations: How many records there are.
        failures: Of the conversations without a record.
        cases: Ids and queue lines.
        mapping: Lines that say what was redacted.
    """

    records: bytes
    turns: int
    conversations: int
    failures: list[Failure]
    cases: list[tuple[str, bytes]]
    mapping: bytes = b""

    def __add__(self, other: "ChunkResult") -> "ChunkResult":
        return ChunkResult(
            self.records + other.records,
            self.turns + other.turns,
            self.conversations + other.conversations,
            self.failures + other.failures,
            self.cases + other.cases,
            self.mapping + other.mapping,
        )


# Imported by the server from which workers are forked, so that none of them pays for it.
COMPONENTS = [f"nlp_lstm.{task}.component" for task in ("states", "entities", "sentiment")]
NOTHING = ChunkResult(b"", 0, 0, [], [])
MakePipeline = Callable[[], ConversationPipeline]


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker is told once: how to make its pipeline, and what to do with the answers."""

    make: MakePipeline
    policy: Policy
    redaction: Redaction | None = None


class Analyst:
    """A pipeline, a policy, and records and cases out of both, redacted if that is wanted."""

    def __init__(
        self, pipeline: ConversationPipeline, policy: Policy, redaction: Redaction | None = None
    ) -> None:
        self._pipeline = pipeline
        self._models = model_parts(pipeline)
        self._router = Router(policy, pipeline.components.values())
        self._redactor = None if redaction is None else Redactor.of(redaction, pipeline)

    def __call__(self, conversations: list[Conversation]) -> ChunkResult:
        """Annotate conversations that are gathered already."""
        lines: list[bytes] = []
        failures: list[Failure] = []
        cases: list[tuple[str, bytes]] = []
        mapping: list[bytes] = []
        turns = 0
        for annotated in self._read(conversations, mapping):
            if annotated.failure is not None:
                failures.append(annotated.failure)
                continue
            found = self._router.cases(annotated)
            record = conversation_record(annotated, self._models, cases=found)
            lines.append(record_line(record))
            cases += [(case.case, record_line(queue_entry(case, record))) for case in found]
            turns += len(annotated.turns)
        return ChunkResult(b"".join(lines), turns, len(lines), failures, cases, b"".join(mapping))

    def _read(
        self, conversations: list[Conversation], mapping: list[bytes]
    ) -> Iterator[AnnotatedConversation]:
        for annotated in self._pipeline.annotate(conversations):
            if self._redactor is None:
                yield annotated
                continue
            redacted, line = redacted_with_line(self._redactor, annotated)
            mapping.append(line)
            yield redacted


def annotate_here(
    chunks: Iterable[Chunk],
    pipeline: ConversationPipeline,
    policy: Policy,
    redaction: Redaction | None = None,
) -> Iterator[tuple[Chunk, ChunkResult]]:
    """The engine that is this process."""
    analyst = Analyst(pipeline, policy, redaction)
    for chunk in chunks:
        yield chunk, analyst(chunk.conversations)


def annotate_in_processes(
    chunks: Iterable[Chunk],
    make: MakePipeline,
    policy: Policy,
    workers: int,
    redaction: Redaction | None = None,
) -> Iterator[tuple[Chunk, ChunkResult]]:
    """The engine that is `workers` processes, each with models of its own and one torch thread.

    When a process dies, what was under way is done again, one chunk at a time; a chunk that is
    deadly once more is halved until the conversation is found that is to blame, which is a
    failure.

    Args:
        chunks: Read a little ahead of the results: two for each worker.
        make: Makes a worker's pipeline; picklable, and equal to its copies.
        policy: Which answers are trusted.
        workers: At least 1.
        redaction: What is redacted; None for nothing.
    """
    work = Work(make, policy, redaction)
    pool = _Pool(work, workers)
    under_way: deque[tuple[Chunk, Future[ChunkResult]]] = deque()

    def next_result() -> tuple[Chunk, ChunkResult]:
        nonlocal pool
        if _has_died(under_way[0][1]):
            pool.stop()
            for place, (chunk, future) in enumerate(under_way):
                if _has_died(future):
                    under_way[place] = chunk, _annotate_alone(chunk.conversations, work)
            pool = _Pool(work, workers)
        chunk, future = under_way.popleft()
        return chunk, future.result()

    try:
        for chunk in chunks:
            under_way.append((chunk, pool.submit(chunk.conversations)))
            if len(under_way) > 2 * workers:
                yield next_result()
        while under_way:
            yield next_result()
    finally:
        pool.stop()


def _has_died(future: Future[ChunkResult]) -> bool:
    return isinstance(future.exception(), BrokenProcessPool)


def _annotate_alone(conversations: list[Conversation], work: Work) -> Future[ChunkResult]:
    """Annotate in one process; when it dies, each half in one of its own, and so on."""
    pool = _Pool(work, workers=1)
    future = pool.submit(conversations)
    has_died = _has_died(future)
    pool.stop()
    if not has_died:
        return future
    answer: Future[ChunkResult] = Future()
    if len(conversations) == 1:
        [deadly] = conversations
        reason = "the process that annotated it died (out of memory?), and once more alone"
        failure = failure_of(deadly, reason)
        if work.redaction is not None:
            failed = AnnotatedConversation(deadly, (), failure)
            failure = Redactor(work.redaction).conversation(failed).annotated.failure or failure
        answer.set_result(replace(NOTHING, failures=[failure]))
        return answer
    middle = len(conversations) // 2
    halves = conversations[:middle], conversations[middle:]
    first, second = (_annotate_alone(half, work).result() for half in halves)
    answer.set_result(first + second)
    return answer


class _Pool:
    """Worker processes that are started when there is work for them."""

    def __init__(self, work: Work, workers: int) -> None:
        self._work = partial(_annotate_in_worker, work)
        self._executor = ProcessPoolExecutor(
            workers, mp_context=_context(), initializer=_follow_the_parent
        )

    def submit(self, conversations: list[Conversation]) -> Future[ChunkResult]:
        try:
            return self._executor.submit(self._work, conversations)
        except BrokenProcessPool as error:
            broken: Future[ChunkResult] = Future()
            broken.set_exception(error)
            return broken

    def stop(self) -> None:
        self._executor.shutdown(cancel_futures=True)


def _context() -> BaseContext:
    """Processes forked from a clean server that has the heavy imports done already."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *COMPONENTS])
    return context


def _follow_the_parent() -> None:
    """Leave an interrupt to the parent, which tells when to stop, and end when it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # nobody is left to send a result to, or to wait for


def _annotate_in_worker(work: Work, conversations: list[Conversation]) -> ChunkResult:
    return _analyst(work)(conversations)


@lru_cache(maxsize=1)
def _analyst(work: Work) -> Analyst:
    calm_torch()
    analyst = Analyst(work.make(), work.policy, work.redaction)
    # What is loaded stays: without this a full collection now and then walks all of torch.
    gc.collect()
    gc.freeze()
    return analyst
