"""One training loop for all three components.

A component says what its batches, loss and dev figures are (`Trainee`); the loop steps, averages,
validates, stops early and can go on after an interruption with the result it would have had.
"""

import hashlib
import math
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from nlp_lstm.artefact import Artefact
from nlp_lstm.scoring.context import MeasuredContext
from nlp_lstm.training.checkpoint import Progress, load_checkpoint, save_checkpoint
from nlp_lstm.training.recipe import LoopSettings

# The rate starts and ends at this share of its highest.
LOWEST_RATE = 0.02


@dataclass(frozen=True, slots=True)
class ParameterGroup:
    """Parameters that learn alike.

    Attributes:
        parameters: Which.
        rate_scale: Their share of the learning rate.
        weight_decay: Theirs; None takes the recipe's.
    """

    parameters: Sequence[nn.Parameter]
    rate_scale: float = 1.0
    weight_decay: float | None = None


@dataclass(frozen=True, slots=True)
class ArtefactParts:
    """What a trained component adds to its weights.

    Attributes:
        config: Its own part of config.json.
        tokenizer: `tokenizer.json` as text.
        context: How long a context it was found to bear; None leaves that to the corpora.
    """

    config: Mapping[str, Any]
    tokenizer: str
    context: MeasuredContext | None = None


class Trainee(Protocol):
    """A component's network in training, and what the loop needs to know of it."""

    @property
    def network(self) -> nn.Module:
        """What learns."""

    @property
    def metric(self) -> str:
        """Which of `validate`'s figures chooses the epoch; the higher, the better."""

    def batch_count(self) -> int:
        """Steps in an epoch."""

    def batches(self, epoch: int, rng: random.Random) -> Iterable[Any]:
        """The batches of an epoch, counted from 0, shuffled by `rng` alone."""

    def loss(self, batch: Any, epoch: int) -> Tensor:
        """What a step makes smaller: a scalar."""

    def validate(self) -> dict[str, float]:
        """Dev figures of the network as it is, in evaluation mode; `metric` is one of them."""

    def parameter_groups(self) -> Sequence[ParameterGroup]:
        """Every parameter that learns, once."""

    def describe(self, *, measured: bool = True) -> ArtefactParts:
        """What goes into the artefact beside the weights.

        Args:
            measured: Whether to find out how long a context it bears, where it can: that annotates
                dev many times over.
        """

    def calibrate(self) -> dict[str, Any]:
        """Numbers fitted on dev that make confidences probabilities."""


@runtime_checkable
class Pupil(Protocol):
    """A trainee that can learn from trained models beside the labels."""

    def learn_from(self, teachers: Sequence[Artefact], cache: Path) -> None:
        """Ask the teachers about the training data, or read in `cache` what they said."""


class Watcher(Protocol):
    """Who is told how the training goes."""

    def noticed(self, what: str) -> None:
        """Something in the data that stops nothing and that its owner should know, in one line."""

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None:
        """A step is done: the `step`th of `steps` in this epoch, both counted from 1."""

    def validated(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None:
        """An epoch is done; its dev figures, and how long it took."""


def train_network(
    trainee: Trainee,
    settings: LoopSettings,
    *,
    seed: int,
    watcher: Watcher,
    checkpoints: Path | None = None,
    plan: str = "",
    device: torch.device | None = None,
) -> Progress:
    """Train, and leave the network with the weights of its best epoch.

    Args:
        trainee: What is trained.
        settings: The recipe's.
        seed: Decides every shuffle and every dropout mask.
        watcher: Told after every step and epoch.
        checkpoints: Where to save after every epoch, and to go on from; None does neither.
        plan: Hash of recipe and data, so that no other training's checkpoint is taken.
        device: Where to compute; mixed precision on a GPU.

    Returns:
        How it went.
    """
    network = trainee.network
    device = device or torch.device("cpu")
    network.to(device)
    optimiser = _optimiser(trainee.parameter_groups(), settings)
    steps = trainee.batch_count()
    average = _snapshot(network)
    best = _snapshot(network)
    progress = Progress(plan)
    restored = load_checkpoint(checkpoints, plan, optimiser) if checkpoints else None
    if restored is not None:
        progress, groups = restored
        _put(network, groups["weights"])
        average, best = groups["average"], groups["best"]

    def save() -> None:
        if checkpoints is not None:
            groups = {"weights": _snapshot(network), "average": average, "best": best}
            save_checkpoint(checkpoints, progress, groups, optimiser)

    started = time.monotonic()
    while True:
        # What was learnt is saved before it is judged: a fault in judging loses nothing.
        if len(progress.history) < progress.epoch:
            figures = _judged(trainee, average, device)
            progress.history.append(figures)
            # Of equals the later one, whose weights have settled more.
            if figures[trainee.metric] >= progress.best:
                progress.best, progress.best_epoch = figures[trainee.metric], progress.epoch
                best = {name: tensor.clone() for name, tensor in average.items()}
            save()
            watcher.validated(progress.epoch, figures, time.monotonic() - started)
        if progress.epoch >= settings.epochs or _out_of_patience(progress, settings):
            break
        started = time.monotonic()
        # Each epoch has a seed of its own, so one that starts from a checkpoint draws what it
        # would have drawn.
        torch.manual_seed(_epoch_seed(seed, progress.epoch))
        rng = random.Random(_epoch_seed(seed, progress.epoch))
        network.train()
        for number, batch in enumerate(trainee.batches(progress.epoch, rng), start=1):
            _set_rate(optimiser, settings, progress.step / (steps * settings.epochs))
            with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
                loss = trainee.loss(moved(batch, device), progress.epoch)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
            optimiser.step()
            progress.step += 1
            _move_average(average, network, settings.average, progress.step)
            watcher.stepped(progress.epoch + 1, number, steps, float(loss.detach()))
        progress.epoch += 1
        save()
    _put(network, best)
    network.to("cpu").eval()
    return progress


def _judged(
    trainee: Trainee, average: Mapping[str, Tensor], device: torch.device
) -> dict[str, float]:
    """The dev figures of the averaged weights."""
    network = trainee.network
    with _weights(network, average):
        # Components annotate on the CPU, wherever their networks were trained.
        network.to("cpu").eval()
        figures = trainee.validate()
        network.to(device)
    return figures


def moved(part: Any, device: torch.device) -> Any:
    """A batch on a device: a tensor, or dataclasses, lists and tuples that hold some."""
    if device.type == "cpu":
        return part
    if isinstance(part, Tensor):
        return part.to(device)
    if isinstance(part, (list, tuple)):
        return type(part)(moved(inner, device) for inner in part)
    if is_dataclass(part) and not isinstance(part, type):
        held = {field.name: getattr(part, field.name) for field in fields(part)}
        return replace(part, **{name: moved(inner, device) for name, inner in held.items()})
    return part


def _optimiser(groups: Sequence[ParameterGroup], settings: LoopSettings) -> torch.optim.AdamW:
    return torch.optim.AdamW(
        [
            {
                "params": list(group.parameters),
                "rate_scale": group.rate_scale,
                "weight_decay": settings.weight_decay
                if group.weight_decay is None
                else group.weight_decay,
            }
            for group in groups
        ],
        lr=settings.learning_rate,
        fused=True,
    )


def _set_rate(optimiser: torch.optim.Optimizer, settings: LoopSettings, done: float) -> None:
    if done < settings.warmup:
        share = max(LOWEST_RATE, done / settings.warmup)
    elif settings.schedule == "constant":
        share = 1.0
    else:
        falling = min(1.0, (done - settings.warmup) / (1 - settings.warmup))
        share = LOWEST_RATE + (1 - LOWEST_RATE) * (1 + math.cos(math.pi * falling)) / 2
    for group in optimiser.param_groups:
        group["lr"] = settings.learning_rate * share * group["rate_scale"]


def _out_of_patience(progress: Progress, settings: LoopSettings) -> bool:
    since_best = progress.epoch - progress.best_epoch
    return 0 < settings.patience <= since_best and progress.epoch > 0


def _epoch_seed(seed: int, epoch: int) -> int:
    digest = hashlib.sha256(f"{seed}/{epoch}".encode()).digest()
    return int.from_bytes(digest[:6], "little")


def _snapshot(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def _put(network: nn.Module, weights: Mapping[str, Tensor]) -> None:
    network.load_state_dict(dict(weights))


def _move_average(average: dict[str, Tensor], network: nn.Module, decay: float, step: int) -> None:
    # Early on a long average is mostly the random start; let it grow with the steps.
    decay = min(decay, (1 + step) / (10 + step))
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if tensor.is_floating_point():
                average[name].lerp_(tensor, 1 - decay)
            else:
                average[name].copy_(tensor)


@contextmanager
def _weights(network: nn.Module, weights: Mapping[str, Tensor]) -> Iterator[None]:
    present = _snapshot(network)
    _put(network, weights)
    try:
        yield
    finally:
        _put(network, present)
