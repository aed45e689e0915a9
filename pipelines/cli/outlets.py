"""Where an analysed conversation can go: a view, stdout, files, a queue."""

from pathlib import Path

from rich.text import Text

from pipelines.cli.analysis import Outlet, Result
from pipelines.cli.console import Counter, Layout, look_of, result_console, write_record
from pipelines.cli.marks import LEGEND
from pipelines.cli.results import RecordFiles
from pipelines.cli.view import view
from pipelines.queues import JsonLinesQueue, queue_entry
from pipelines.records import record_line


def as_view(layout: Layout) -> Outlet:
    """Shows conversations for people; the first one is preceded by what the marks mean."""
    console = result_console()
    look = look_of(console, layout)
    is_first = True

    def show(result: Result) -> None:
        nonlocal is_first
        if not is_first:
            console.print()
        elif look.layout == "table":
            console.print(Text(LEGEND, "dim"))
        is_first = False
        for line in view(result.annotated, result.cases, look, console):
            console.print(line)

    return show


def to_stdout() -> Outlet:
    """Writes records to stdout."""
    return lambda result: write_record(record_line(result.record))


def into_files(files: RecordFiles) -> Outlet:
    """Writes records to files."""
    return lambda result: files.write(record_line(result.record), result.origin)


def into_queue(path: Path) -> Outlet:
    """Appends cases to a queue that others read."""
    queue = JsonLinesQueue(path)

    def append(result: Result) -> None:
        queue.append(
            (case.case, record_line(queue_entry(case, result.record))) for case in result.cases
        )

    return append


def counted(counter: Counter) -> Outlet:
    """Shows how many conversations are done."""
    done = 0

    def count(_: Result) -> None:
        nonlocal done
        done += 1
        counter.now(f"{done:,} conversations")

    return count
