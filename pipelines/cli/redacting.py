"""The options of redaction, read for the commands that have them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pipelines.pipeline import ConversationPipeline
    from pipelines.redaction import Redaction

# Stands for every label that is redacted when none is named.
PERSONAL = "personal"


def chosen_redaction(
    redact: bool, mapping: Path | None, labels: Sequence[str] | None, least: float
) -> "Redaction | None":
    """What is redacted, or None where nobody asked for it.

    Raises:
        typer.BadParameter: Labels are named without a name among them.
    """
    if not (redact or mapping is not None or labels or least > 0):
        return None
    from pipelines.redaction.labels import PERSONAL_LABELS, Redaction

    named = [name.strip() for each in labels or () for name in each.split(",")]
    if labels and not any(named):
        raise typer.BadParameter("it names no label", param_hint="--redact-labels")
    chosen = dict.fromkeys(name for name in named if name and name != PERSONAL)
    if PERSONAL in named:
        chosen.update(dict.fromkeys(PERSONAL_LABELS))
    return Redaction(tuple(chosen), least)


def check_labels(redaction: "Redaction", has: Sequence[str]) -> None:
    """Refuse a label that neither the entity model has nor anybody knows as personal.

    Args:
        redaction: What was chosen.
        has: Labels of the model.

    Raises:
        typer.BadParameter: Says which, and what could have been meant.
    """
    from pipelines.redaction.labels import is_known

    for label in redaction.labels:
        if not is_known(label) and label not in has:
            raise typer.BadParameter(
                f"{label!r} is neither a label of the model ({', '.join(has) or 'none loaded'})"
                " nor a kind that is recognised by its form",
                param_hint="--redact-labels",
            )


def labels_of(pipeline: "ConversationPipeline") -> tuple[str, ...]:
    """Labels of a pipeline's entity model; none where it has no such model."""
    config = getattr(pipeline.components.get("entities"), "config", None)
    return tuple(getattr(config, "labels", ()))
