"""Options that several commands share, as `Annotated` aliases, and what reads their values."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

Format = Annotated[
    str,
    typer.Option("--format", metavar="NAME", help="Transcript format; auto tells it by content."),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="OURS=THEIRS", help="A column or key by its own name: text=Nachricht."
    ),
]
Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        metavar="SPEAKER=ROLE",
        help="What a speaker is: 'Ana=agent'. Roles are customer, agent, system, tool.",
    ),
]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="An input that holds no conversation is an error: exit code 2."),
]
States = Annotated[
    str | None,
    typer.Option(
        "--states",
        metavar="MODEL",
        help="Belief-state model, name or path; a schema's TOML file is tracked as it is.",
    ),
]
Entities = Annotated[
    str | None, typer.Option("--entities", metavar="MODEL", help="Entity model, name or path.")
]
Sentiment = Annotated[
    str | None, typer.Option("--sentiment", metavar="MODEL", help="Sentiment model, name or path.")
]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="TASK", help="Leave out states, entities or sentiment."),
]
Computing = Annotated[
    Literal["auto", "torch", "native", "onnx"],
    typer.Option(
        "--backend",
        help="What computes: torch, in batches; native, compiled, or onnx, turn by turn and started"
        " in under a second; auto is the first of native, onnx and torch that can read the model.",
    ),
]
PolicyFile = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        metavar="FILE",
        help="TOML file that says which answers are routed onward; `shipped` for the thresholds"
        " that came with the models.",
    ),
]
QueueFile = Annotated[
    Path | None,
    typer.Option("--queue", metavar="FILE", help="JSON Lines file that routed answers go to."),
]
AnswersFile = Annotated[
    Path | None,
    typer.Option(
        "--answers",
        metavar="FILE",
        help="JSON Lines file that keeps what the policy's routes answer; cases that it has"
        " answers to are not asked again.",
    ),
]
Redact = Annotated[
    bool,
    typer.Option(
        "--redact",
        help="Replace names, addresses, numbers of cards and accounts and the like by placeholders"
        " before anything is written or routed. What is not recognised is not replaced.",
    ),
]
RedactMap = Annotated[
    Path | None,
    typer.Option(
        "--redact-map",
        metavar="FILE",
        help="Redact, and write what stands for what to this file, which only you can read.",
    ),
]
RedactLabels = Annotated[
    list[str] | None,
    typer.Option(
        "--redact-labels",
        metavar="LABELS",
        help="Redact just these: the model's labels, or kinds as person, email, phone, card;"
        " separated by commas; `personal` stands for all that are redacted when left out.",
    ),
]
RedactFrom = Annotated[
    float,
    typer.Option(
        "--redact-from",
        metavar="P",
        min=0,
        max=1,
        help="Leave entities that are less sure than this; 0 redacts all that are found.",
    ),
]
Remember = Annotated[
    int,
    typer.Option(
        "--remember",
        metavar="N",
        min=1,
        help="Conversations kept in memory; beyond that the longest silent one is forgotten, and"
        " its next turn is read as a first one, unless --state-dir has it.",
    ),
]
StateFolder = Annotated[
    Path | None,
    typer.Option(
        "--state-dir",
        metavar="DIR",
        help="Keep conversations in this folder as well, so that a restart goes on where they"
        " were. It holds what was said, for its owner alone.",
    ),
]
Keep = Annotated[
    int,
    typer.Option(
        "--keep",
        metavar="N",
        min=1,
        help="Conversations kept in --state-dir; beyond that the longest silent one is deleted.",
    ),
]
DataFolder = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="DIR",
        help="The corpus as its publisher lays it out, or the folder above it.",
    ),
]


def pairs(values: Sequence[str] | None, option: str) -> dict[str, str]:
    """Read `name=value` options.

    Raises:
        typer.BadParameter: One has no name or no value.
    """
    read: dict[str, str] = {}
    for value in values or ():
        name, equals, other = value.partition("=")
        if not (name.strip() and equals and other.strip()):
            raise typer.BadParameter(f"{value!r} is not NAME=VALUE", param_hint=option)
        read[name.strip()] = other.strip()
    return read
