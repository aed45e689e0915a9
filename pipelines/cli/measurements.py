"""What `nlp-lstm evaluate` measures beyond a corpus as it is: perturbed and stretched dialogues."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from corpora.labels import LabelledConversation
    from nlp_lstm.component import Task
    from nlp_lstm.scoring.perturb import Perturbation

DEFAULT_TALK = "irc"
LONGEST_STRETCH = 2_000

Perturb = Annotated[
    str | None,
    typer.Option(
        "--perturb",
        metavar="KINDS",
        help="Also on turns with typos, casing, fillers, corrections: some of them, or all.",
    ),
]
Stretch = Annotated[
    str | None,
    typer.Option(
        "--stretch",
        metavar="TURNS",
        help="Also with so many unrelated turns within each dialogue: 0,50,200.",
    ),
]
FillerCorpus = Annotated[
    str | None,
    typer.Option(
        "--filler-corpus",
        metavar="NAME",
        help="Where unrelated turns come from: irc if it is in --data, else quiet turns.",
    ),
]


def perturbations(asked: str | None, task: "Task") -> "tuple[Perturbation, ...]":
    """The kinds that `--perturb` names, in the order named; `all` is every kind that a task has.

    Raises:
        typer.BadParameter: Something is no kind of the task's.
    """
    from nlp_lstm.scoring.robustness import KINDS_OF

    if asked is None:
        return ()
    names = [name.strip() for name in asked.split(",")]
    known = {str(kind): kind for kind in KINDS_OF[task]}
    if names == ["all"]:
        return KINDS_OF[task]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise typer.BadParameter(
            f"{unknown[0]!r} is none of {', '.join(known)} or all, which {task} are judged by",
            param_hint="--perturb",
        )
    return tuple(dict.fromkeys(known[name] for name in names))


def lengths(asked: str | None) -> tuple[int, ...]:
    """The numbers of turns that `--stretch` names, ascending.

    Raises:
        typer.BadParameter: Something is no number of turns.
    """
    if asked is None:
        return ()
    named = [name.strip() for name in asked.split(",")]
    wrong = [n for n in named if not (n.isascii() and n.isdigit() and int(n) <= LONGEST_STRETCH)]
    if wrong:
        raise typer.BadParameter(
            f"{wrong[0]!r} is no number of turns from 0 to {LONGEST_STRETCH}",
            param_hint="--stretch",
        )
    return tuple(sorted(set(map(int, named))))


def unrelated_talk(
    asked: str | None, data: Path, gold: "Sequence[LabelledConversation]"
) -> tuple[str, list[str]]:
    """What unrelated turns say, and the name of where they come from.

    Raises:
        InputError: The corpus cannot be read, or nothing is said in it.
    """
    from corpora.errors import InputError
    from corpora.published import CORPORA
    from nlp_lstm.scoring.stretch import quiet_turns, spoken_turns
    from nlp_lstm.training.data import read_split

    present = (data / CORPORA[DEFAULT_TALK].folder).is_dir()
    name = asked or (DEFAULT_TALK if present else None)
    talk = quiet_turns(gold) if name is None else spoken_turns(read_split(name, data, "dev"))
    if not talk:
        raise InputError(
            str(data),
            found="no turn of unrelated talk",
            expected="a corpus with talk that sets no slot",
            remedy="name one with --filler-corpus",
        )
    return name or "turns that set no slot", talk
