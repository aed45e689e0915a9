"""Where a training stands: saved after every epoch, so that it can go on after an interruption.

A checkpoint is one safetensors file; like everything else here it is never pickled.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from nlp_lstm.artefact import ArtefactError

FILE = "checkpoint.safetensors"


@dataclass(slots=True)
class Progress:
    """How far a training has come.

    Attributes:
        plan: Hash of what is being trained; another training's checkpoint is refused.
        epoch: Epochs done.
        step: Steps done.
        best: The best dev figure so far.
        best_epoch: Epoch that reached it, counted from 1.
        history: The dev figures of every epoch.
    """

    plan: str
    epoch: int = 0
    step: int = 0
    best: float = float("-inf")
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


def save_checkpoint(
    directory: Path,
    progress: Progress,
    groups: Mapping[str, Mapping[str, Tensor]],
    optimiser: torch.optim.Optimizer,
) -> None:
    """Write a checkpoint in one piece or not at all.

    Args:
        directory: Made where it does not exist.
        progress: How far the training has come.
        groups: Named sets of weights: the present ones, their average, the best.
        optimiser: Its state goes along.
    """
    directory.mkdir(parents=True, exist_ok=True)
    tensors = {
        f"{group}/{name}": tensor.contiguous().clone()
        for group, weights in groups.items()
        for name, tensor in weights.items()
    }
    for index, state in optimiser.state_dict()["state"].items():
        for name, value in state.items():
            tensors[f"optimiser/{index}/{name}"] = torch.as_tensor(value).contiguous().clone()
    facts = asdict(progress)
    facts["best"] = None if progress.best == float("-inf") else progress.best
    temporary = directory / f"{FILE}.partial"
    save_file(tensors, temporary, metadata={"progress": json.dumps(facts)})
    os.replace(temporary, directory / FILE)  # noqa: PTH105 - atomic, and says so


def load_checkpoint(
    directory: Path, plan: str, optimiser: torch.optim.Optimizer
) -> tuple[Progress, dict[str, dict[str, Tensor]]] | None:
    """Read a checkpoint and put its state into the optimiser; None where there is none.

    Raises:
        ArtefactError: It is damaged, or another training's.
    """
    path = directory / FILE
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as stored:
            facts: dict[str, Any] = json.loads((stored.metadata() or {})["progress"])
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise ArtefactError(
            str(path),
            found=f"no checkpoint ({error})",
            expected="what an earlier run of the same training wrote",
            remedy="delete it to start over",
        ) from error
    if facts["plan"] != plan:
        raise ArtefactError(
            str(path),
            found=f"a checkpoint of training {facts['plan']}",
            expected=f"one of training {plan}: same recipe, same data",
            remedy="choose another --out, or delete it to start over",
        )
    groups: dict[str, dict[str, Tensor]] = {}
    moments: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        group, _, name = key.partition("/")
        if group == "optimiser":
            index, _, moment = name.partition("/")
            moments.setdefault(int(index), {})[moment] = tensor
        else:
            groups.setdefault(group, {})[name] = tensor
    optimiser.load_state_dict({**optimiser.state_dict(), "state": moments})
    best = facts.pop("best")
    return Progress(**facts, best=float("-inf") if best is None else best), groups
