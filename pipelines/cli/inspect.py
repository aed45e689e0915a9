"""`nlp-lstm inspect`: what a file is taken for, and what is in it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.options import Columns, Format, Roles, Strict, pairs

if TYPE_CHECKING:
    from corpora.conversation import Turn
    from corpora.transcripts.inspection import Inspection

MOST_SPEAKERS = 20  # that are shown
MOST_SKIPPED = 10


def inspect(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE", help="Files, folders, archives or Parquet files; - is stdin."
        ),
    ],
    format: Format = "auto",
    columns: Columns = None,
    roles: Roles = None,
    turns: Annotated[int, typer.Option("--turns", min=0, help="How many turns to show.")] = 3,
    as_json: Annotated[
        bool, typer.Option("--json", help="An object a document on stdout instead of the view.")
    ] = False,
    strict: Strict = False,
) -> None:
    """Say what a file is and why: encoding, talks, speakers, times, and what cannot be read."""
    from corpora.transcripts.turn_form import json_line
    from pipelines.cli.console import result_console, write_record
    from pipelines.cli.inert import inert

    console = result_console()
    failed = empty = False
    for file in files:
        for found in _look(file, turns, format, pairs(columns, "--map"), pairs(roles, "--role")):
            failed = failed or bool(found.skipped)
            empty = empty or not (found.conversations or found.skipped)
            if as_json:
                write_record(json_line(_value(file, found)))
                continue
            for line in _shown(file, found):
                console.print(inert(line), soft_wrap=True)
    raise typer.Exit(2 if strict and empty else 1 if failed else 0)


def _look(
    file: str, turns: int, format: str, columns: dict[str, str], roles: dict[str, str]
) -> Iterator["Inspection"]:
    from corpora.errors import InputError
    from corpora.transcripts.inspection import inspect_documents, inspect_transcript
    from corpora.transcripts.read import Opened
    from pipelines.tables import is_table, read_tables

    if file != "-" and is_table(Path(file)):
        errors: list[InputError] = []
        tables = read_tables(Path(file), errors.append, columns=columns, roles=roles)
        why = "it is a saved dataset" if Path(file).is_dir() else "its name ends in .parquet"
        yield from inspect_documents(
            tables, [], errors, turns, lambda: Opened(file, "parquet", why, "")
        )
        return
    source: Any = sys.stdin.buffer if file == "-" else file
    try:
        yield from inspect_transcript(
            source, turns=turns, format=format, columns=columns, roles=roles
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _shown(file: str, found: "Inspection") -> Iterator[str]:
    opened = found.opened
    yield opened.source if opened else file
    if opened is None:
        yield "  format         none: it cannot be read"
    elif opened.format is None:
        yield f"  format         none: {opened.why}"
    else:
        yield f"  format         {opened.format}, because {opened.why or 'its content is such'}"
    if opened and opened.encoding:
        yield f"  encoding       {opened.encoding}"
    yield f"  conversations  {found.conversations:,}"
    yield f"  turns          {found.turns:,}"
    for title, told in (("speakers", _speakers(found)), ("time", _times(found))):
        for index, line in enumerate(told):
            yield f"  {title if not index else '':<13}  {line}"
    for index, turn in enumerate(found.opening):
        yield f"  {'first turns' if not index else '':<13}  {_turn(turn)}"
    for index, note in enumerate(dict.fromkeys(found.notes)):
        yield f"  {'notes' if not index else '':<13}  {note}"
    yield f"  skipped        {len(found.skipped) or 'nothing'}"
    for error in found.skipped[:MOST_SKIPPED]:
        yield f"    {error}"
    if len(found.skipped) > MOST_SKIPPED:
        yield f"    and {len(found.skipped) - MOST_SKIPPED:,} more"


def _speakers(found: "Inspection") -> Iterator[str]:
    for speaker, count in found.speakers.most_common(MOST_SPEAKERS):
        role = speaker.role or "role unknown"
        guess = " (guessed)" if speaker.role_guessed else ""
        turns = "1 turn" if count == 1 else f"{count:,} turns"
        yield f"{speaker.name or '(no name)'}: {role}{guess}, {turns}"
    if len(found.speakers) > MOST_SPEAKERS:
        yield f"and {len(found.speakers) - MOST_SPEAKERS:,} more"


def _times(found: "Inspection") -> Iterator[str]:
    for has_zone, zone in ((True, ""), (False, ", no zone named")):
        if has_zone in found.first:
            yield f"{found.first[has_zone]} to {found.last[has_zone]}{zone}"
    if found.seconds is not None:
        yield f"{found.seconds:,.1f} s of recording"
    if not found.first and found.seconds is None and found.turns:
        yield "none told"


def _turn(turn: "Turn") -> str:
    text = turn.text if len(turn.text) <= 100 else turn.text[:99] + "…"
    return f"{turn.speaker or turn.role or '(no name)'}: {text}"


def _value(file: str, found: "Inspection") -> dict[str, Any]:
    from corpora.transcripts.turn_form import turn_value

    opened = found.opened
    return {
        "source": opened.source if opened else file,
        "format": opened.format if opened else None,
        "why": opened.why if opened else None,
        "encoding": (opened.encoding or None) if opened else None,
        "conversations": found.conversations,
        "turns": found.turns,
        "speakers": [
            {
                "name": speaker.name,
                "role": speaker.role,
                "role_guessed": speaker.role_guessed,
                "turns": count,
            }
            for speaker, count in found.speakers.most_common()
        ],
        "times": [
            {"first": found.first[has_zone].isoformat(), "last": found.last[has_zone].isoformat()}
            for has_zone in found.first
        ],
        "seconds": found.seconds,
        "first_turns": [turn_value(turn) for turn in found.opening],
        "notes": list(dict.fromkeys(found.notes)),
        "skipped": [str(error) for error in found.skipped],
    }
