"""`nlp-lstm policy`: thresholds that keep a promise, fitted and judged."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.evaluate import aligned, labelled_for
from pipelines.cli.options import DataFolder

if TYPE_CHECKING:
    from pipelines.routing.fitting import Fitted
    from pipelines.routing.reporting import TaskReport

policy = typer.Typer(
    help="Which answers are accepted: thresholds with a promise about their error.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Corpora = Annotated[
    list[str],
    typer.Option(
        "--corpus",
        metavar="NAME",
        help="A published corpus, or your own: `labelled` chats. For all models, or once a model.",
    ),
]
Split = Annotated[
    str, typer.Option("--split", metavar="NAME", help="Conversations it did not learn from.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")]


@policy.command()
def fit(
    models: Annotated[
        list[str],
        typer.Argument(metavar="MODEL...", help="Shipped models, or paths: one a task at most."),
    ],
    corpus: Corpora,
    data: DataFolder,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where the policy goes, TOML.")
    ],
    split: Split = "dev",
    risk: Annotated[
        float,
        typer.Option(
            "--risk", metavar="R", min=0.001, max=0.9, help="At most so many accepted are wrong."
        ),
    ] = 0.05,
    confidence: Annotated[
        float,
        typer.Option(
            "--confidence", metavar="P", min=0.5, max=0.999, help="With this probability."
        ),
    ] = 0.9,
) -> None:
    """Find thresholds under which the error among accepted answers stays below a risk."""
    from pipelines.cli.console import progress, result_console
    from pipelines.cli.models import calm_threads, quick_start

    corpora = _one_each(corpus, models)
    if out.exists():
        raise typer.BadParameter(f"{out} is there already; choose another", param_hint="--out")
    fitted: list[tuple[str, Fitted]] = []
    with progress(f"fitting thresholds of {', '.join(models)}"):
        with quick_start():
            from nlp_lstm.loading import checked_artefact, component_of, over_schema
            from pipelines.routing.fitting import fit_task, policy_of
            from pipelines.routing.policy_file import policy_toml

            calm_threads()
        for model, name in zip(models, corpora, strict=True):
            artefact = checked_artefact(model)
            if artefact.task in dict(fitted):
                raise typer.BadParameter(f"a second model of {artefact.task}", param_hint=model)
            own = over_schema(component_of(artefact), model)
            judged, gold = labelled_for(own, name, data, split)
            found = fit_task(artefact, judged, name, split, gold, risk=risk, confidence=confidence)
            fitted.append((artefact.task, found))
        out.write_text(policy_toml(policy_of(fitted)), encoding="utf-8")
    console = result_console()
    for task, one in fitted:
        for line in fit_lines(task, one):
            console.print(line, soft_wrap=True)
    console.print(f"{out}: the policy", soft_wrap=True)


@policy.command()
def report(
    path: Annotated[
        Path, typer.Argument(metavar="POLICY", help="What `policy fit` wrote.", show_default=False)
    ],
    corpus: Annotated[
        list[str] | None,
        typer.Option("--corpus", metavar="NAME", help="Other conversations than it was fitted to."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="The corpus as its publisher lays it out, or the folder above it.",
        ),
    ] = None,
    split: Annotated[
        str | None, typer.Option("--split", metavar="NAME", help="Which part of the corpus.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="MODEL", help="Where a model is that is not shipped."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Risk over coverage: a PNG, SVG or PDF."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge a policy by conversations that it was not fitted to."""
    from pipelines.cli.console import progress, result_console, write_record
    from pipelines.cli.models import calm_threads, quick_start

    if data is None:
        raise typer.BadParameter("the folder with the conversations", param_hint="--data")
    if plot is not None:
        from pipelines.plots import check_drawable

        check_drawable(plot)
    with progress(f"judging {path}"):
        with quick_start():
            from nlp_lstm.scoring.evaluation import compared
            from nlp_lstm.scoring.turn_answers import turn_answers
            from pipelines.cli.policies import fitted_models
            from pipelines.routing.policy import Policy
            from pipelines.routing.reporting import held_out, report_task

            calm_threads()
        rules = Policy.load(path)
        reports: list[TaskReport] = []
        loaded = fitted_models(rules, path, model or ())
        for (task, component), name in zip(
            loaded, _one_each(corpus, [c.name for _, c in loaded], rules), strict=True
        ):
            fitted = rules.fit_of(task)
            assert fitted is not None
            part = split or fitted.split
            judged, gold = labelled_for(component, name, data, part)
            limits = rules.limits(judged)
            others = held_out(fitted, name, part, gold)
            answers = turn_answers(task, *compared(judged, name, others))
            reports.append(report_task(task, fitted, limits, answers))
    if plot is not None:
        from pipelines.plots import draw_coverage

        draw_coverage(reports, plot, title=f"{path.name}, held-out conversations")
    if as_json:
        import orjson

        told = {"policy": str(path), "tasks": [_as_object(one) for one in reports]}
        write_record(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
        return
    console = result_console()
    for one in reports:
        for line in report_lines(one):
            console.print(line, soft_wrap=True)


def fit_lines(task: str, fitted: "Fitted") -> list[str]:
    """What was found for one task."""
    from math import isinf

    found = fitted.fit
    lines = [
        f"{task}: {found.model}, at most {found.risk:g} of accepted answers wrong with a confidence"
        f" of {found.confidence:g}; {found.choosing:,} conversations of {found.corpus}"
        f" {found.split} chose, {found.tested:,} were tested on"
    ]
    start = 1
    for band in fitted.policy.bands:
        words = f"{start}+" if band.up_to is None else f"{start}-{band.up_to}"
        least = band.least_confidence
        told = "none accepted" if isinf(least) else f"least confidence {least:.3f}"
        lines.append(f"  words {words:<9} {told}")
        start = 1 + (band.up_to or 0)
    return lines


def report_lines(one: "TaskReport") -> list[str]:
    """The tables of one task."""
    return [
        f"{one.task}: {one.fit.model}, {one.judged:,} conversations held out",
        "",
        one.accepted.title,
        *aligned(one.accepted),
        "",
        one.curve.title,
        *aligned(one.curve),
        "",
    ]


def _one_each(
    corpora: list[str] | None, models: list[str], rules: object | None = None
) -> list[str]:
    """A corpus for each model: one for all, one a model, or those that a policy was fitted to."""
    if not corpora:
        from pipelines.routing.policy import Policy

        assert isinstance(rules, Policy)
        from nlp_lstm.component import TASKS

        return [fit.corpus for task in TASKS if (fit := rules.fit_of(task)) is not None]
    if len(corpora) not in (1, len(models)):
        raise typer.BadParameter(
            f"{len(corpora)} for {len(models)} models: name one for all, or one for each",
            param_hint="--corpus",
        )
    return corpora if len(corpora) == len(models) else corpora * len(models)


def _as_object(one: "TaskReport") -> dict[str, object]:
    return {
        "task": one.task,
        "model": one.fit.model,
        "risk": one.fit.risk,
        "confidence": one.fit.confidence,
        "conversations": one.judged,
        "answers": one.answers,
        "tables": [
            {"title": table.title, "columns": table.columns, "rows": table.rows}
            for table in (one.accepted, one.curve)
        ],
    }
