"""Fit the policies of the shipped models anew: whenever a model or its calibration is another.

    python -m scripts.fit_policies --data DATA [MODEL...]

An entity model that does not know yet how sure it is of whole turns learns that first, on half of
the conversations of its corpus; everything else in its calibration stays.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from nlp_lstm.artefact import Artefact, find_artefact
from nlp_lstm.loading import checked_artefact, component_of
from nlp_lstm.recalibration import recalibrate
from pipelines.calm import calm_torch
from pipelines.cli.evaluate import labelled_for
from pipelines.cli.policy import fit_lines
from pipelines.routing.fitting import fit_task, policy_of
from pipelines.routing.policy_file import policy_toml
from pipelines.routing.shipped import POLICIES

# `states-schema` has none: its thresholds belong to a schema, not to the model.
# Corpus whose dev split the thresholds are fitted to, and the risk that is promised: what the
# model's errors and the number of conversations can support.
SHIPPED = {
    "entities-chat": ("multidogo", 0.05),
    "entities-support": ("multidogo", 0.05),
    "sentiment-chat": ("goemotions", 0.1),
    "states-multiwoz": ("multiwoz21", 0.2),
    "states-support": ("multidogo-support", 0.1),
    "states-woz2": ("woz2", 0.2),
}
CONFIDENCE = 0.9


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit the policies of the shipped models anew.")
    parser.add_argument("models", nargs="*", default=list(SHIPPED))
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    calm_torch()
    POLICIES.mkdir(exist_ok=True)
    for model in options.models:
        corpus, risk = SHIPPED[model]
        artefact = checked_artefact(model)
        component, gold = labelled_for(component_of(artefact), corpus, options.data, "dev")
        if artefact.task == "entities" and not artefact.calibration.get("turn"):
            found = recalibrate(artefact, corpus, "dev", gold)
            artefact = _with_turn(artefact, found.calibration["turn"])
            component = component_of(artefact)
        fitted = fit_task(
            artefact, component, corpus, "dev", gold, risk=risk, confidence=CONFIDENCE
        )
        policy = policy_of([(artefact.task, fitted)])
        (POLICIES / f"{model}.toml").write_text(policy_toml(policy), encoding="utf-8")
        print("\n".join(fit_lines(artefact.task, fitted)), flush=True)


def _with_turn(artefact: Artefact, turn: dict[str, float]) -> Artefact:
    """The model with its calibration written anew, knowing how sure it is of whole turns."""
    calibration = {**artefact.calibration, "turn": turn}
    path = find_artefact(artefact.name) / "calibration.json"
    path.write_text(json.dumps(calibration, indent=1) + "\n", encoding="utf-8")
    return replace(artefact, calibration=calibration)


if __name__ == "__main__":
    main()
