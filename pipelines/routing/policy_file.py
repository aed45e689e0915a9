"""A fitted policy as a TOML file: what routing reads first, what it was fitted to below."""

from collections.abc import Iterable, Iterator
from math import isinf
from typing import Any

from nlp_lstm.component import TASKS
from pipelines.routing.policy import Policy
from pipelines.routing.promise import Curve, Fit

HEAD = "# Written by `nlp-lstm policy fit`. Routes may be added; see docs/policy.md.\n"


def policy_toml(policy: Policy) -> str:
    """The text of a policy that was fitted.

    Raises:
        ValueError: It was not.
    """
    provenance = policy.provenance
    if provenance is None:
        raise ValueError("a policy that was fitted, got one without provenance")
    lines = [HEAD]
    for task in TASKS:
        for band in getattr(policy, task).bands:
            lines += [f"[[{task}.bands]]"]
            lines += [] if band.up_to is None else [f"up_to = {band.up_to}"]
            lines += [f"least_confidence = {_number(band.least_confidence)}", ""]
    lines += ["[provenance]", f'form = "{provenance.form}"']
    lines += [f"release = {_quoted(provenance.release)}"]
    for task in TASKS:
        fit = policy.fit_of(task)
        if fit is not None:
            lines += ["", *_fit_lines(task, fit)]
    return "\n".join(lines) + "\n"


def _fit_lines(task: str, fit: Fit) -> Iterator[str]:
    yield f"[provenance.{task}]"
    for name, value in fit.model_dump(exclude={"curves"}, exclude_defaults=True).items():
        yield f"{name} = {_value(value)}"
    for curve in fit.curves:
        yield ""
        yield f"[[provenance.{task}.curves]]"
        yield from _curve_lines(curve)


def _curve_lines(curve: Curve) -> Iterator[str]:
    yield f"answers = {curve.answers}"
    for name in ("least_confidence", "coverage", "error", "p"):
        yield f"{name} = [{_numbers(getattr(curve, name))}]"


def _numbers(values: Iterable[float]) -> str:
    return ", ".join(map(_number, values))


def _value(value: Any) -> str:
    return _quoted(value) if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    if isinf(value):
        return "inf"
    return repr(float(value))


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=True)
