"""`nlp-lstm convert`: conversations of any format written in another, to be read back unchanged."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from pipelines.cli.options import Columns, Format, Roles, Strict, pairs

FormName = Literal["jsonl", "csv", "openai", "convokit", "parquet"]


def convert(
    files: Annotated[
        list[str],
        typer.Argument(metavar="IN", help="Files, folders, archives or Parquet files; - is stdin."),
    ],
    to: Annotated[FormName, typer.Option("--to", help="The form to write.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="PLACE",
            help="Where to; stdout when left out, but convokit is a folder and parquet a file.",
        ),
    ] = None,
    bare: Annotated[
        bool,
        typer.Option(
            "--bare",
            help="With openai: messages and nothing beside them, for services that refuse more."
            " Times, guesses and names that are no identifiers are lost.",
        ),
    ] = False,
    format: Format = "auto",
    columns: Columns = None,
    roles: Roles = None,
    strict: Strict = False,
) -> None:
    """Write conversations in our form or another; what is read back is what was written."""
    from corpora.written import FORMS, distinct
    from corpora.written.openai import bare_openai_lines
    from pipelines.cli.console import say
    from pipelines.cli.conversions import write_file, write_made, write_stdout
    from pipelines.cli.documents import Documents

    if bare and to != "openai":
        raise typer.BadParameter("only openai can be bare", param_hint="--bare")
    form = FORMS[to]
    lines = bare_openai_lines if bare else form.lines
    if out is None and lines is None:
        raise typer.BadParameter(f"{to} cannot go to stdout: name a place", param_hint="--out")
    if out is not None:
        _refuse_inputs(out, files)
    documents = Documents(
        files,
        format=format,
        columns=pairs(columns, "--map"),
        roles=pairs(roles, "--role"),
    )
    talks = documents.told(distinct(documents.conversations()))
    if out is None:
        assert lines is not None
        write_stdout(lines(talks))
    elif lines is not None:
        write_file(lines(talks), out)
    else:
        assert form.write is not None
        write_made(form.write, talks, out, is_folder=form.is_folder)
    if out is not None:
        say(f"{documents.read:,} conversations: {out}")
    raise typer.Exit(documents.exit_code(strict=strict))


def _refuse_inputs(out: Path, files: list[str]) -> None:
    place = out.resolve()
    for file in map(Path, files):
        source = file.resolve()
        if place == source or (source.is_dir() and place.is_relative_to(source)):
            raise typer.BadParameter(f"{out} is an input, or lies in one", param_hint="--out")
