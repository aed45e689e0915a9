"""`nlp-lstm compare`: the same recipe made of other cells."""

from pathlib import Path
from typing import Annotated

import typer


def compare(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A shipped recipe, or a TOML file.")
    ],
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", help="The folder of the recipe's corpora.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="DIR", help="Results and models; given again, what is done is kept."
        ),
    ],
    cells: Annotated[
        str, typer.Option("--cells", metavar="CELLS", help="Some of lstm, gru, rnn, transformer.")
    ] = "lstm,gru,rnn,transformer",
    seeds: Annotated[
        str, typer.Option("--seeds", metavar="SEEDS", help="Each cell is trained with each.")
    ] = "1,2,3",
    epochs: Annotated[
        int | None, typer.Option("--epochs", metavar="N", min=1, help="Instead of the recipe's.")
    ] = None,
    conversations: Annotated[
        int | None,
        typer.Option(
            "--conversations", metavar="N", min=1, help="At most so many of each corpus teach."
        ),
    ] = None,
    judged: Annotated[
        int | None,
        typer.Option("--judged", metavar="N", min=1, help="At most so many of each dev judge."),
    ] = None,
    vectors: Annotated[
        Path | None,
        typer.Option("--vectors", metavar="FILE", help="WordPiece vectors that all start from."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object instead of tables.")
    ] = False,
) -> None:
    """Train a recipe with its cell exchanged: same data, tokens, size, budget and metric.

    All cells start from vectors of words alone and keep the recipe's settings, which were chosen
    for LSTMs; widths are searched until the parameters beside vectors of words are within 5 %.
    """
    from pipelines.cli.console import progress, result_console, write_record
    from pipelines.cli.evaluate import aligned
    from pipelines.cli.models import calm_threads
    from pipelines.cli.train import Narrator

    numbers = _seeds(seeds)
    calm_threads()
    from nlp_lstm.comparing.plan import comparison
    from nlp_lstm.comparing.report import as_object, comparison_tables
    from nlp_lstm.comparing.run import compare as run
    from nlp_lstm.training.recipe import read_recipe
    from nlp_lstm.training.run import VECTORS

    plan = comparison(
        read_recipe(recipe),
        [cell.strip() for cell in cells.split(",")],
        numbers,
        epochs=epochs,
        conversations=conversations,
        judged=judged,
    )
    with progress(f"comparing cells of {plan.recipe.name}") as counter:
        compared = run(plan, data, out, watcher=Narrator(counter), vectors=vectors or VECTORS)
    if as_json:
        import orjson

        told = as_object(plan.recipe.name, compared)
        write_record(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
        return
    console = result_console()
    for number, table in enumerate(comparison_tables(compared)):
        for line in [*([""] if number else []), table.title, *aligned(table)]:
            console.print(line, soft_wrap=True)


def _seeds(asked: str) -> list[int]:
    named = [name.strip() for name in asked.split(",")]
    wrong = [name for name in named if not (name.isascii() and name.isdigit())]
    if wrong:
        raise typer.BadParameter(f"{wrong[0]!r} is no whole number", param_hint="--seeds")
    return [int(name) for name in named]
