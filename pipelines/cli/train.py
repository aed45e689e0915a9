"""`nlp-lstm train`: a model from a recipe and a folder of labelled conversations."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nlp_lstm.training.recipe import Recipe
    from pipelines.cli.console import Counter


def train(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A shipped recipe, or a TOML file.")
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Directory of the model to be written.")
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="The corpora, or your labelled chats: a folder or one file.",
        ),
    ] = None,
    schema: Annotated[
        Path | None,
        typer.Option(
            "--schema",
            metavar="FILE",
            help="For `states`: the TOML file of your slots; without --data nothing is learnt.",
        ),
    ] = None,
    vectors: Annotated[
        Path | None,
        typer.Option(
            "--vectors", metavar="FILE", help="WordPiece vectors, for recipes that start from them."
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Instead of the recipe's.")
    ] = None,
    teachers: Annotated[
        list[str] | None,
        typer.Option(
            "--teacher",
            metavar="MODEL",
            help="Instead of the recipe's teachers; may be given several times.",
        ),
    ] = None,
    folds: Annotated[
        bool,
        typer.Option(
            "--folds",
            help="Train five models, each judged on sessions it never saw; pool their figures.",
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a model that stands in --out.")
    ] = False,
) -> None:
    """Train a model; started again with the same --out, an interrupted training goes on."""
    from pipelines.cli.console import progress, result_console
    from pipelines.cli.models import calm_threads

    if (out / "config.json").exists() and not force:
        raise typer.BadParameter(
            f"{out} already holds a model; choose another, or add --force", param_hint="--out"
        )
    calm_threads()
    from nlp_lstm.training.recipe import read_recipe
    from nlp_lstm.training.run import VECTORS, train_recipe
    from pipelines.cli.evaluate import evaluation_lines

    plan = read_recipe(recipe)
    if seed is not None:
        plan = plan.model_copy(update={"seed": seed})
    if teachers:
        plan = plan.model_copy(update={"teachers": teachers})
    if schema is not None:
        plan = plan.model_copy(update={"schema_file": str(_tracked(plan, schema))})
    if data is None:
        _save_untrained(plan, out)
        return
    if folds:
        _cross_validate(plan, data, out, vectors or VECTORS)
        return
    with progress(f"training {plan.name}") as counter:
        evaluations = train_recipe(
            plan, data, out, watcher=Narrator(counter), vectors=vectors or VECTORS
        )
    console = result_console()
    for evaluation in evaluations:
        for line in evaluation_lines(evaluation, details=False):
            console.print(line, soft_wrap=True)
    console.print(f"{out}: the model, with its card in card.md", soft_wrap=True)


def _cross_validate(plan: "Recipe", data: Path, out: Path, vectors: Path) -> None:
    from nlp_lstm.scoring.evaluation import Evaluation
    from nlp_lstm.training.folds import FOLDS, cross_validate
    from pipelines.cli.console import progress, result_console
    from pipelines.cli.evaluate import evaluation_lines

    with progress(f"training {plan.name}, {FOLDS} folds") as counter:
        scores = cross_validate(plan, data, out, watcher=Narrator(counter), vectors=vectors)
    console = result_console()
    for part, figures in scores.items():
        pooled = Evaluation(
            plan.name, f"{plan.corpora[0].name}, {part}", "pooled folds", figures, 0
        )
        for line in [*evaluation_lines(pooled, details=True), ""]:
            console.print(line, soft_wrap=True)


def _tracked(plan: "Recipe", schema: Path) -> Path:
    if plan.tracker != "described":
        raise typer.BadParameter(
            f"recipe {plan.name} reads no schema; `nlp-lstm train states` does",
            param_hint="--schema",
        )
    from nlp_lstm.states.described.schema import read_schema

    read_schema(schema)  # what is wrong with it is told before anything is read or written
    return schema


def _save_untrained(plan: "Recipe", out: Path) -> None:
    """Write the model that a recipe starts from, over the slots of a schema."""
    if plan.schema_file is None or plan.start is None:
        raise typer.BadParameter("it is needed", param_hint="--data")
    from nlp_lstm.states.described.saving import save_for_schema
    from pipelines.cli.console import result_console

    save_for_schema(plan.start, Path(plan.schema_file), out)
    result_console().print(f"{out}: {plan.start} over {plan.schema_file}", soft_wrap=True)


class Narrator:
    """Tells how a training goes: steps on a terminal, a line an epoch everywhere."""

    def __init__(self, counter: "Counter") -> None:
        self._counter = counter

    def noticed(self, what: str) -> None:
        """Tell it at once."""
        from pipelines.cli.console import say

        say(what)

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None:
        """Show where the epoch is."""
        self._counter.now(f"epoch {epoch}  step {step}/{steps}  loss {loss:.4f}")

    def validated(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None:
        """Tell the epoch's dev figures."""
        from pipelines.cli.console import say

        told = "  ".join(f"{name} {value:.4f}" for name, value in figures.items())
        say(f"epoch {epoch}  {told}  {seconds:.0f} s")
