"""The engine that is Ray Data: a Ray of this machine, or a cluster that runs already.

One task reads, on the machine of whoever started the batch, and streams chunks; actors annotate
them wherever the cluster has room. An actor leaves the models to a process of its own, so that a
deadly conversation is treated as it is without Ray. The driver writes the results, in order, so
that resuming and everything else about them is the same as without Ray too.
"""

import logging
import os
import pickle
import re
import socket
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpora.errors import InputError, quoted
from pipelines.chunks import Done, Feed, Work
from pipelines.workers import Crew

# Chunks wait in shared memory; it must not fill up with them, or Ray writes them to a disk.
OBJECT_STORE = 256 * 1024 * 1024
PATIENCE = 10.0  # seconds that a cluster may take to accept a connection
RAISED = re.compile(r"(\w+\.)*\w*(Error|Exception): ")
INSTALL = "pip install 'nlp-lstm[ray]'"


@dataclass(frozen=True, slots=True)
class OverRay:
    """The engine that is Ray Data.

    Attributes:
        workers: Actors; None for one a core of the cluster.
        address: Of a cluster, as `ray.init` takes it; None for a Ray that ends with the batch.

    Raises:
        InputError: On construction: Ray is not installed, or nobody listens at the address.
    """

    workers: int | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        try:
            import ray.data  # noqa: F401 - before anything is read or loaded
        except ImportError as error:
            raise InputError(
                "--engine ray",
                found=f"no Ray Data ({error})",
                expected="the extra ray",
                remedy=INSTALL,
            ) from error
        if self.address is not None:
            _check_listens(self.address)

    def __call__(self, feed: Feed, work: Work) -> Generator[Done, None, None]:
        """Annotate with actors.

        Raises:
            InputError: Ray cannot be reached or started, or gave up.
        """
        with _running(self.address), _told():
            waiting: dict[int, Done] = {}
            following = 0
            for number, done in _annotated(feed, work, self.workers):
                waiting[number] = done
                while following in waiting:
                    yield waiting.pop(following)
                    following += 1


def _annotated(feed: Feed, work: Work, workers: int | None) -> Iterator[tuple[int, Done]]:
    import pyarrow as pa
    import ray
    from ray.data import DataContext, Datasource, ReadTask
    from ray.data.block import BlockMetadata

    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    context.execution_options.verbose_progress = False
    context.target_max_block_size = 1  # a chunk a block, or they would be gathered to 128 MiB
    folder = Path.cwd()

    class Chunks(Datasource):
        """The chunks of the feed, numbered, in one task."""

        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]  # Ray's own has no types

        def estimate_inmemory_data_size(self) -> int | None:
            return None

        def get_read_tasks(self, parallelism: int, *_: Any, **__: Any) -> list[ReadTask]:
            del parallelism
            metadata = BlockMetadata(
                num_rows=None, size_bytes=None, input_files=None, exec_stats=None
            )
            return [ReadTask(lambda: _tables(feed, folder), metadata)]

    here = ray.get_runtime_context().get_node_id()
    count = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
    chunks = ray.data.read_datasource(
        Chunks(),
        override_num_blocks=1,
        # Reading takes no core from the actors, and with other needs than theirs it is not put
        # into one task with them.
        num_cpus=0,
        label_selector={"ray.io/node-id": here},
    )
    annotated = chunks.map_batches(
        Annotator,
        fn_constructor_args=(pickle.dumps(work),),
        batch_size=1,
        batch_format="pyarrow",
        zero_copy_batch=True,
        num_cpus=1,
        compute=ray.data.ActorPoolStrategy(size=count),
    )
    for batch in annotated.iter_batches(
        batch_size=None, batch_format="pyarrow", prefetch_batches=1
    ):
        assert isinstance(batch, pa.Table)
        for row in batch.to_pylist():
            # Both ends of this are ours: whoever may write to the cluster's memory may run
            # anything on it anyway.
            yield row["number"], pickle.loads(row["done"])


def _tables(feed: Feed, folder: Path) -> Iterable[Any]:
    import pyarrow as pa

    os.chdir(folder)  # paths are told as they were named
    for number, chunk in enumerate(feed):
        yield pa.table(
            {"number": [number], "chunk": pa.array([pickle.dumps(chunk)], pa.large_binary())}
        )


class Annotator:
    """What an actor does: it hands each chunk to a process of its own."""

    def __init__(self, work: bytes) -> None:
        self._crew = Crew(pickle.loads(work), workers=1)

    def __call__(self, batch: Any) -> Any:
        """The results of a batch of chunks."""
        import pyarrow as pa

        chunks = [pickle.loads(chunk) for chunk in batch.column("chunk").to_pylist()]
        done = [
            pickle.dumps((replace(chunk, conversations=[]), result))
            for chunk, result in self._crew.annotate(chunks)
        ]
        return pa.table(
            {"number": batch.column("number"), "done": pa.array(done, pa.large_binary())}
        )


@contextmanager
def _running(address: str | None) -> Iterator[None]:
    """A Ray to work with: the one that this process uses already, a cluster, or a new one."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves the machine
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what matters is raised as well
    import ray

    logging.getLogger("ray.data").setLevel(logging.CRITICAL)

    if ray.is_initialized():
        yield
        return
    settings: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address is None:
        settings |= {"include_dashboard": False, "object_store_memory": OBJECT_STORE}
    try:
        ray.init(address=address or "local", **settings)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise _failed(error, "a Ray that can be started" if address is None else address) from error
    try:
        yield
    finally:
        ray.shutdown()


def _check_listens(address: str) -> None:
    """Refuse a cluster at which nobody listens, where Ray itself would try for minutes."""
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    if not colon or not port.isdecimal():  # "auto", which Ray finds by itself
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise InputError(
            f"--ray-address {address}",
            found=f"nobody who answers there ({error})",
            expected="the host and port of a running cluster's head",
            remedy="start one with `ray start --head`, or leave the address out",
        ) from error


@contextmanager
def _told() -> Iterator[None]:
    """One line for what Ray raises."""
    from ray.exceptions import RayError

    try:
        yield
    except RayError as error:
        raise _failed(error, "every chunk annotated") from error


def _failed(error: BaseException, expected: str) -> InputError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # The first error told is what happened; those behind it say that it came through Ray.
    raised = [line for line in lines if RAISED.match(line)]
    return InputError(
        "--engine ray",
        found=quoted((raised or lines or [type(error).__name__])[0]),
        expected=expected,
        remedy="mend that and resume, or take --engine local",
    )
