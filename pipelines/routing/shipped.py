"""Policies that came with the models, and whether a policy belongs to the models it is used with.

One file a model, `policies/<model>.toml`; `python -m scripts.fit_policies` writes them anew.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpora.errors import InputError
from nlp_lstm.artefact import calibration_hash
from nlp_lstm.component import Task
from nlp_lstm.loading import model_directory
from pipelines.routing.policy import Policy

POLICIES = Path(__file__).parent / "policies"


def shipped_policy(models: Mapping[Task, str]) -> Policy:
    """The policies that came with some models, as one.

    Raises:
        InputError: None came with a model, or the model is another by now.
    """
    parts: dict[str, Any] = {}
    provenance: dict[str, Any] = {}
    for task, model in models.items():
        path = POLICIES / f"{Path(model).name}.toml"
        if not path.is_file():
            raise InputError(
                "policy",
                found=f"none that came with {model}",
                expected=f"a model with one: {', '.join(policies_shipped())}",
                remedy=f"fit one with `nlp-lstm policy fit {model}`, or leave --policy out",
            )
        one = Policy.load(path)
        check_fits(one, str(path), {task: model})
        parts[task] = getattr(one, task)
        provenance[task] = one.fit_of(task)
        provenance["release"] = one.provenance.release if one.provenance else ""
    return Policy.model_validate({**parts, "provenance": provenance})


def policies_shipped() -> list[str]:
    """Names of the models that came with a policy."""
    return sorted(path.stem for path in POLICIES.glob("*.toml"))


def check_fits(policy: Policy, place: str, models: Mapping[Task, str]) -> None:
    """Refuse a policy whose thresholds were fitted to other models or other confidences.

    Args:
        policy: The policy.
        place: Its file.
        models: By task, name or path.

    Raises:
        InputError: Says which.
    """
    for task, model in models.items():
        fit = policy.fit_of(task)
        if fit is None:
            continue
        directory = model_directory(model)
        fingerprint = _read(directory / "config.json").get("fingerprint")
        # Whether a schema that was brought is the one now is known once both are loaded.
        if not fit.schema_name and fit.fingerprint != fingerprint:
            raise InputError(
                place,
                found=f"thresholds fitted to {fit.model} ({fit.fingerprint})",
                expected=f"ones of {model} ({fingerprint})",
                remedy=f"fit one with `nlp-lstm policy fit {model}`",
            )
        calibration = calibration_hash(_read(directory / "calibration.json"))
        if fit.calibration != calibration:
            raise InputError(
                place,
                found=f"thresholds fitted to other confidences of {fit.model} ({fit.calibration})",
                expected=f"ones of its calibration as it is ({calibration})",
                remedy=f"fit one with `nlp-lstm policy fit {model}`",
            )


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
