"""The policy that a command was told to keep, checked against its models."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.cli.models import Task

if TYPE_CHECKING:
    from nlp_lstm.component import Component
    from nlp_lstm.component import Task as ComponentTask
    from pipelines.routing.policy import Policy

# Stands for the policies that came with the models.
SHIPPED = "shipped"


def load_policy(path: Path | None, models: Mapping[Task, str]) -> "Policy":
    """The policy of a command.

    Args:
        path: A file; `shipped` for what came with the models; None for what asks of every answer
            that it be likelier right than wrong.
        models: By task, name or path.

    Raises:
        InputError: It cannot be read, or was fitted to other models or other confidences.
    """
    from pipelines.routing.policy import Policy
    from pipelines.routing.shipped import check_fits, shipped_policy

    if path is None:
        return Policy()
    if str(path) == SHIPPED and not path.exists():
        return shipped_policy(models)
    rules = Policy.load(path)
    check_fits(rules, str(path), models)
    return rules


def fitted_models(
    rules: "Policy", path: Path, named: Sequence[str]
) -> "list[tuple[ComponentTask, Component]]":
    """The models that a policy was fitted to, by task.

    Args:
        rules: The policy.
        path: Of it.
        named: Where those are that are not shipped.

    Raises:
        InputError: It was fitted to none, or one is another by now.
    """
    from corpora.errors import InputError
    from nlp_lstm.component import TASKS
    from nlp_lstm.loading import checked_artefact, load_component
    from pipelines.routing.shipped import check_fits

    own = {checked_artefact(model).task: model for model in named}
    found = []
    for task in TASKS:
        fit = rules.fit_of(task)
        if fit is None:
            continue
        model = own.get(task, fit.model)
        check_fits(rules, str(path), {task: model})
        found.append((task, load_component(model, task=task)))
    if not found:
        raise InputError(
            str(path),
            found="a policy whose thresholds were set by hand",
            expected="one that `nlp-lstm policy fit` wrote",
            remedy="fit one",
        )
    return found
