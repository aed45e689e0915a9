"""`nlp-lstm info`: which models are installed and what they reached; or one model's card."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nlp_lstm.artefact import Artefact

# The figures that tasks are known by.
HEADLINES = (
    "joint_goal_accuracy",
    "joint_goal_accuracy_seen",
    "joint_goal_accuracy_unseen",
    "average_goal_accuracy_unseen",
    "span_f1",
    "weighted_f1",
    "macro_f1",
)


def info(
    model: Annotated[
        str | None, typer.Argument(metavar="MODEL", help="Show this model's card.")
    ] = None,
) -> None:
    """List the shipped models with their figures, or show a model's card."""
    from corpora.errors import ToolkitError
    from nlp_lstm.artefact import find_artefact, load_artefact, shipped_models
    from nlp_lstm.training.recipe import RECIPES
    from pipelines.cli.console import result_console, say
    from pipelines.cli.inert import inert

    console = result_console()
    if model is not None:
        artefact = load_artefact(model)
        console.print(f"{artefact.name}  {artefact.task}  {artefact.fingerprint}")
        for line in validated_lines(artefact):
            console.print(inert(line), soft_wrap=True)
        for line in artefact.card.split("\n"):
            console.print(inert(line), soft_wrap=True)
        return
    broken = False
    for name in shipped_models():
        try:
            artefact = load_artefact(name)
        except ToolkitError as error:
            say(str(error))
            broken = True
            continue
        size = sum(file.stat().st_size for file in find_artefact(name).iterdir())
        console.print(
            f"{name:<20} {artefact.task:<10} {size / 2**20:6.1f} MiB  {artefact.fingerprint}"
        )
        for figure in figures(artefact):
            console.print(f"  {figure}", soft_wrap=True)
    recipes = sorted(path.stem for path in RECIPES.glob("*.toml"))
    console.print(f"recipes: {', '.join(recipes) or '(none)'}", soft_wrap=True)
    if broken:
        raise typer.Exit(2)


def validated_lines(artefact: "Artefact") -> list[str]:
    """Up to which context a model was validated, where that was measured after its training."""
    measured = artefact.config.get("validated")
    if measured is None:
        return []
    where = f"{measured.get('corpus', '?')} {measured.get('split', '?')}"
    return [
        f"validated context: {measured['tokens']:,} words, on {where}:"
        f" {measured.get('method', '')};"
        " answers beyond are routed as context_too_long",
        "",
    ]


def figures(artefact: "Artefact") -> list[str]:
    """One line a corpus that a model was judged on: its headline figures, and the protocol."""
    lines = []
    for evaluation in artefact.metrics.get("evaluations", ()):
        metrics = evaluation["metrics"]
        told = "  ".join(f"{name} {metrics[name]:.3f}" for name in HEADLINES if name in metrics)
        if told:
            where = f"{evaluation['corpus']} {evaluation['split']}"
            lines.append(f"{told}  {where}, {evaluation['protocol']}")
    return lines
