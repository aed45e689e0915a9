"""`nlp-lstm calibrate`: confidences fitted to conversations of one's own, before and after."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.evaluate import aligned, labelled_for
from pipelines.cli.options import DataFolder

if TYPE_CHECKING:
    from nlp_lstm.recalibration import Recalibration


def calibrate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A shipped model, or a path.")],
    corpus: Annotated[
        str,
        typer.Option(
            "--corpus", metavar="NAME", help="A published corpus, or your own: `labelled` chats."
        ),
    ],
    data: DataFolder,
    split: Annotated[
        str, typer.Option("--split", metavar="NAME", help="Conversations it did not learn from.")
    ] = "dev",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to write the model, calibrated."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Reliability, drawn: a PNG, SVG or PDF."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object instead of tables.")
    ] = False,
) -> None:
    """Fit confidences on half of a corpus; the other half judges, before and after."""
    from pipelines.cli.console import progress, result_console, write_record
    from pipelines.cli.models import calm_threads, quick_start

    if out is not None and (out / "config.json").exists():
        raise typer.BadParameter(f"{out} already holds a model; choose another", param_hint="--out")
    if plot is not None:
        from pipelines.plots import check_drawable

        check_drawable(plot)
    with progress(f"calibrating {model} on {corpus} {split}"):
        with quick_start():
            from nlp_lstm.artefact import load_artefact, save_calibration
            from nlp_lstm.loading import component_of
            from nlp_lstm.recalibration import recalibrate

            calm_threads()
            artefact = load_artefact(model)
            component = component_of(artefact)
        _, gold = labelled_for(component, corpus, data, split)
        found = recalibrate(artefact, corpus, split, gold)
        if out is not None:
            save_calibration(model, out, found.calibration, told=_told(corpus, split, found))
    if plot is not None:
        from pipelines.plots import draw_reliability

        draw_reliability(found.before, found.after, plot, title=f"{model}, {corpus} {split}")
    if as_json:
        import orjson

        told = {"model": model, "corpus": corpus, "split": split, **_as_object(found)}
        write_record(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
        return
    console = result_console()
    for line in calibration_lines(found):
        console.print(line, soft_wrap=True)
    if out is not None:
        console.print(f"{out}: the model, calibrated", soft_wrap=True)


def _told(corpus: str, split: str, found: "Recalibration") -> str:
    return (
        f"Confidences were fitted to {found.fitted:,} conversations of {corpus} {split} and judged "
        f"on {found.judged:,} others:\n\n```\n" + "\n".join(calibration_lines(found)) + "\n```"
    )


def calibration_lines(found: "Recalibration") -> list[str]:
    """Both measurements, side by side for each part of the answers."""
    from nlp_lstm.scoring.scores import Table
    from nlp_lstm.scoring.trust import trust_tables

    lines = [f"fitted on {found.fitted:,} conversations, judged on {found.judged:,} others"]
    for old, new in zip(trust_tables(found.before), trust_tables(found.after), strict=True):
        rows = tuple(
            (part if when == "before" else "", when, *figures)
            for (part, *before), (_, *after) in zip(old.rows, new.rows, strict=True)
            for when, figures in (("before", before), ("after", after))
        )
        columns = (old.columns[0], "", *old.columns[1:])
        lines += ["", old.title, *aligned(Table(old.title, columns, rows))]
    return lines


def _as_object(found: "Recalibration") -> dict[str, object]:
    from nlp_lstm.scoring.trust import trust_tables

    return {
        "fitted": found.fitted,
        "judged": found.judged,
        **{
            when: [
                {"title": table.title, "columns": table.columns, "rows": table.rows}
                for table in trust_tables(answers)
            ]
            for when, answers in (("before", found.before), ("after", found.after))
        },
        "calibration": found.calibration,
    }
