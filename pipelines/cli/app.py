"""The command line: its commands, and the one place where an error becomes a line and a code.

0  all done
1  some documents failed, each named on stderr; all others are written
2  wrong usage, or a model or setting that cannot be used
130  interrupted
"""

import os
import signal
import sys
import traceback
from contextlib import suppress
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from corpora.errors import ToolkitError
from pipelines.cli.analyze import analyze
from pipelines.cli.batch import batch
from pipelines.cli.calibrate import calibrate
from pipelines.cli.compare import compare
from pipelines.cli.convert import convert
from pipelines.cli.corpora import corpora
from pipelines.cli.evaluate import evaluate
from pipelines.cli.inert import inert
from pipelines.cli.info import info
from pipelines.cli.inspect import inspect
from pipelines.cli.merge import merge
from pipelines.cli.pays import pays
from pipelines.cli.policy import policy
from pipelines.cli.retention import retention
from pipelines.cli.serve import serve
from pipelines.cli.stream import stream
from pipelines.cli.train import train

FAILED, UNUSABLE, INTERRUPTED, TERMINATED = 1, 2, 130, 143
# What the operating system says about a path that somebody named wrongly; anything else (a
# full disk, say) is a failure under way.
WRONG_PATHS = (FileNotFoundError, PermissionError, NotADirectoryError, IsADirectoryError)


class Commands(TyperGroup):
    """The commands, with every error told once and `--debug` allowed anywhere."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take `--debug` wherever it stands: people add it at the end of what just failed."""
        options = args[: args.index("--")] if "--" in args else args
        if "--debug" in options:
            args.remove("--debug")
            args.insert(0, "--debug")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; whatever it raises becomes one line on stderr and an exit code."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader has seen enough (`| head`): nothing is wrong, so nothing is said.
            _discard_stdout()
            raise typer.Exit(0) from None
        except KeyboardInterrupt:
            _tell("interrupted", debug=ctx.params.get("debug", False))
            raise typer.Exit(INTERRUPTED) from None
        except (ToolkitError, OSError, MemoryError) as error:
            _tell(_line(error), debug=ctx.params.get("debug", False))
            wrong = isinstance(error, (ToolkitError, *WRONG_PATHS))
            raise typer.Exit(UNUSABLE if wrong else FAILED) from None
        except Exception as error:
            if type(error).__module__.startswith(("typer", "click")):
                raise
            _tell(
                f"a fault of nlp-lstm: {type(error).__name__}: {error}; run it again with"
                " --debug and report what that prints",
                debug=ctx.params.get("debug", False),
            )
            raise typer.Exit(FAILED) from None
        return result


app = typer.Typer(
    name="nlp-lstm",
    cls=Commands,
    rich_markup_mode=None,  # plain help: it is quick, and reads well in pipes and 20 columns
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from pipelines.release import release

        number = release()
        typer.echo(f"nlp-lstm {number}" if number else "nlp-lstm, run without being installed")
        raise typer.Exit


@app.callback()
def nlp_lstm(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
) -> None:
    """What customers want, what was named and how people feel, for every turn of a chat."""


for command in (
    analyze,
    stream,
    serve,
    batch,
    train,
    evaluate,
    calibrate,
    retention,
    compare,
    pays,
    merge,
    convert,
    inspect,
    info,
):
    app.command()(command)


app.add_typer(policy, name="policy")
app.add_typer(corpora, name="corpora")


def main() -> None:
    """Entry point of the console script."""
    signal.signal(signal.SIGTERM, _terminate)
    for stream_ in (sys.stdout, sys.stderr):
        # A locale that lacks a character must not end the work: it is shown as an escape.
        reconfigure = getattr(stream_, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    try:
        app(prog_name="nlp-lstm")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    # An exception, so that half-written files are removed on the way out.
    raise SystemExit(TERMINATED)


def _line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}"
    return str(error) or type(error).__name__


def _tell(message: str, *, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    print(f"nlp-lstm: {inert(message)}", file=sys.stderr, flush=True)


def _discard_stdout() -> None:
    # Python flushes stdout once more when it ends, and would complain of the closed pipe.
    # A stdout that is no file (a test's buffer) has nothing to redirect.
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
