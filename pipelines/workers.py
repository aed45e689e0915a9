"""Who annotates a batch on this machine: this process, or several that may die on the way."""

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from multiprocessing.context import BaseContext
from threading import Thread

from corpora.conversation import Conversation
from nlp_lstm.artefact import ArtefactError
from pipelines.analyst import Analyst
from pipelines.annotation import AnnotatedConversation, failure_of
from pipelines.chunks import NOTHING, Chunk, ChunkResult, Done, Feed, Work
from pipelines.pipeline import ConversationPipeline
from pipelines.redaction import Redactor

# Imported by the server from which workers are forked, so that none of them pays for it.
COMPONENTS = [f"nlp_lstm.{task}.component" for task in ("states", "entities", "sentiment")]


def available_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Here:
    """The engine that is this process, with a pipeline that is loaded already."""

    pipeline: ConversationPipeline

    def __call__(self, feed: Feed, work: Work) -> Generator[Done, None, None]:
        """Annotate chunk by chunk."""
        analyst = Analyst(self.pipeline, work.policy, work.redaction)
        for chunk in feed:
            yield chunk, analyst(chunk.conversations)


@dataclass(frozen=True, slots=True)
class Processes:
    """The engine that is some processes on this machine."""

    workers: int

    def __call__(self, feed: Feed, work: Work) -> Generator[Done, None, None]:
        """Annotate with a crew."""
        crew = Crew(work, self.workers)
        try:
            yield from crew.annotate(feed)
        finally:
            crew.close()


class Crew:
    """Worker processes, each with models of its own and one torch thread, replaced when they die.

    Then what was under way is done again, one chunk at a time; of a chunk that is deadly once
    more, one conversation at a time, and the one at which a process dies is a failure.

    Args:
        work: What each is told; its `make` is picklable, and equal to its copies.
        workers: How many, at least 1.
    """

    def __init__(self, work: Work, workers: int) -> None:
        self._work = work
        self._workers = workers
        self._pool = _Pool(work, workers)
        self._under_way: deque[tuple[Chunk, Future[ChunkResult]]] = deque()

    def annotate(self, chunks: Iterable[Chunk]) -> Iterator[Done]:
        """The results of chunks, in their order.

        Args:
            chunks: Read a little ahead of the results: two for each worker.

        Raises:
            ArtefactError: A process cannot load the models.
        """
        for chunk in chunks:
            self._under_way.append((chunk, self._pool.submit(chunk.conversations)))
            if len(self._under_way) > 2 * self._workers:
                yield self._next_result()
        while self._under_way:
            yield self._next_result()

    def close(self) -> None:
        """End the processes; what they are at is finished, and nobody waits for it."""
        self._pool.stop()

    def _next_result(self) -> Done:
        if _has_died(self._under_way[0][1]):
            self._replace()
        chunk, future = self._under_way.popleft()
        return chunk, future.result()

    def _replace(self) -> None:
        self._pool.stop()
        alone = _Alone(self._work)
        try:
            for place, (chunk, future) in enumerate(self._under_way):
                if _has_died(future):
                    self._under_way[place] = chunk, alone.annotate(chunk.conversations)
        finally:
            alone.stop()
        self._pool = _Pool(self._work, self._workers)


class _Alone:
    """One process for what was under way when another died, and a new one each time it dies."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._pool = _Pool(work, workers=1)
        self._ready()

    def annotate(self, conversations: list[Conversation]) -> Future[ChunkResult]:
        """Together and, if that is deadly, one by one."""
        future = self._submit(conversations)
        if not _has_died(future):
            return future
        answer: Future[ChunkResult] = Future()
        try:
            answer.set_result(reduce(ChunkResult.__add__, map(self._one, conversations)))
        except Exception as error:  # what a single process raises, the whole batch is told
            answer.set_exception(error)
        return answer

    def stop(self) -> None:
        self._pool.stop()

    def _one(self, conversation: Conversation) -> ChunkResult:
        future = self._submit([conversation])
        if not _has_died(future):
            return future.result()
        reason = "the process that annotated it died (out of memory?), and once more alone"
        failure = failure_of(conversation, reason)
        redaction = self._work.redaction
        if redaction is not None:
            failed = AnnotatedConversation(conversation, (), failure)
            failure = Redactor(redaction).conversation(failed).annotated.failure or failure
        return replace(NOTHING, failures=[failure])

    def _submit(self, conversations: list[Conversation]) -> Future[ChunkResult]:
        future = self._pool.submit(conversations)
        if _has_died(future):
            self._pool.stop()
            self._pool = _Pool(self._work, workers=1)
            self._ready()
        return future

    def _ready(self) -> None:
        """Load the models, so that a process that dies of that is not put down to a conversation.

        Raises:
            ArtefactError: It does.
        """
        if _has_died(self._pool.submit([])):
            raise ArtefactError(
                "the models",
                found="a process that died while it loaded them",
                expected="memory for one copy a process",
                remedy="take fewer --workers, and resume",
            )


def _has_died(future: Future[ChunkResult]) -> bool:
    return isinstance(future.exception(), BrokenProcessPool)


class _Pool:
    """Worker processes that are started when there is work for them."""

    def __init__(self, work: Work, workers: int) -> None:
        self._executor = ProcessPoolExecutor(
            workers, mp_context=_context(), initializer=_begin, initargs=(work,)
        )

    def submit(self, conversations: list[Conversation]) -> Future[ChunkResult]:
        try:
            return self._executor.submit(_annotate_in_worker, conversations)
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


# What this process was told when it began, if it is a worker.
_TOLD: list[Work] = []


def _begin(work: Work) -> None:
    """Leave an interrupt to the parent, which tells when to stop, and end when it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_the_parent, daemon=True).start()
    _TOLD.append(work)


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # nobody is left to send a result to, or to wait for


def _annotate_in_worker(conversations: list[Conversation]) -> ChunkResult:
    return _analyst()(conversations)


@lru_cache(maxsize=1)
def _analyst() -> Analyst:
    from pipelines.calm import calm_torch  # it brings torch, which who only submits does not need

    calm_torch()
    work = _TOLD[-1]
    analyst = Analyst(work.make(), work.policy, work.redaction)
    # What is loaded stays: without this a full collection now and then walks all of torch.
    gc.collect()
    gc.freeze()
    return analyst
