"""`nlp-lstm corpora`: which published corpora can be read; `check`: whether one is all there."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.options import DataFolder

if TYPE_CHECKING:
    from corpora.checking import Check, Counts

corpora = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
AsJson = Annotated[
    bool, typer.Option("--json", help="An object a corpus on stdout instead of the table.")
]


@corpora.callback()
def list_corpora(context: typer.Context, as_json: AsJson = False) -> None:
    """List the published corpora that can be read, with task, licence and size; check one."""
    if context.invoked_subcommand is not None:
        return
    from corpora.published import CORPORA
    from corpora.published.sizes import size_of
    from corpora.transcripts.turn_form import json_line
    from pipelines.cli.console import result_console, write_record

    console = result_console()
    for name, corpus in CORPORA.items():
        size = size_of(name)
        if as_json:
            value = {
                "name": name,
                "task": corpus.task,
                "licence": corpus.licence,
                "folder": corpus.folder,
                "splits": list(corpus.splits),
                "conversations": {split: talks for split, (talks, _) in size.items()},
                "turns": {split: turns for split, (_, turns) in size.items()},
            }
            write_record(json_line(value))
            continue
        told = ", ".join(f"{split} {talks:,} / {turns:,}" for split, (talks, turns) in size.items())
        console.print(f"{name:<22} {corpus.licence:<34} {told}", soft_wrap=True)
        console.print(f"{'':<22} {corpus.task}", soft_wrap=True)
    if not as_json:
        console.print("Sizes are conversations / turns as they are read here; check counts yours.")


@corpora.command()
def check(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name that `corpora` lists.")],
    data: DataFolder,
    as_json: AsJson = False,
) -> None:
    """Count what a corpus holds, what could not be aligned, and what its splits share."""
    from corpora.checking import check_corpus
    from corpora.published.sizes import size_of
    from corpora.transcripts.turn_form import json_line
    from pipelines.cli.console import result_console, write_record
    from pipelines.cli.inert import inert

    try:
        found = check_corpus(name, data)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="NAME") from error
    if as_json:
        write_record(json_line(_value(name, found)))
    else:
        console = result_console()
        for line in _shown(name, found, size_of(name)):
            console.print(inert(line), soft_wrap=True)
    if any(counts.misplaced for counts in found.splits.values()):
        raise typer.Exit(1)


def _shown(name: str, found: "Check", known: Any) -> Iterator[str]:
    for split, counts in found.splits.items():
        yield f"{name} {split}"
        yield f"  conversations  {counts.conversations:,}{_against(known, split, counts)}"
        yield f"  turns          {counts.turns:,}{_roles(counts.by_role)}"
        yield f"  tokens         {counts.tokens:,}"
        for title, labels, roles in (
            ("entities", counts.entities, counts.spans_by_role),
            ("emotions", counts.emotions, Counter()),
            ("sentiments", counts.sentiments, Counter()),
        ):
            if labels:
                total = f"{sum(labels.values()):,}{_roles(roles)}"
                yield f"  {title:<13}  {total}: {_listed(labels)}"
        for title, count in (
            ("states", counts.states),
            ("requests", counts.requests),
            ("ratings", counts.ratings),
        ):
            if count:
                yield f"  {title:<13}  {count:,}"
        yield f"  not aligned    {_listed(counts.losses) if counts.losses else 'nothing'}"
        if counts.misplaced:
            yield f"  misplaced      {counts.misplaced:,} spans are blank or outside their turn"
        yield f"  repeated       {counts.repeated:,} conversations, case and punctuation aside"
    for split, error in found.missing.items():
        yield f"{name} {split}: not there ({error.place}: found {error.found})"
    for leak in found.leaks:
        yield (
            f"leakage        {leak.conversations:,} conversations of {leak.first} stand in"
            f" {leak.second} too ({leak.in_second:,} there)"
        )


def _against(known: Any, split: str, counts: "Counts") -> str:
    if split not in known:
        return ""
    talks, turns = known[split]
    if (counts.conversations, counts.turns) == (talks, turns):
        return ", as known"
    return f", known are {talks:,} with {turns:,} turns"


def _roles(by_role: "Counter[str]") -> str:
    named = Counter({role: count for role, count in by_role.items() if role})
    return f" ({_listed(named)})" if named else ""


def _listed(counts: "Counter[str]") -> str:
    most = counts.most_common(30)
    told = ", ".join(f"{label} {count:,}" for label, count in most)
    return told if len(most) == len(counts) else f"{told}, and {len(counts) - len(most)} more"


def _value(name: str, found: "Check") -> dict[str, Any]:
    return {
        "corpus": name,
        "splits": {
            split: {
                field: dict(held) if isinstance(held := getattr(counts, field), Counter) else held
                for field in counts.__slots__
            }
            for split, counts in found.splits.items()
        },
        "missing": {split: str(error) for split, error in found.missing.items()},
        "leakage": [
            {
                "first": leak.first,
                "second": leak.second,
                "conversations": leak.conversations,
                "in_second": leak.in_second,
            }
            for leak in found.leaks
        ],
    }
