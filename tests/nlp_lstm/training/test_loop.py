"""The training loop: it learns, keeps its best, stops early, and resumes to the same result."""

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nlp_lstm.artefact import ArtefactError
from nlp_lstm.training.loop import ArtefactParts, ParameterGroup, train_network
from nlp_lstm.training.recipe import LoopSettings

SETTINGS = LoopSettings(epochs=6, learning_rate=0.05, average=0.8)


class Line:
    """Learns y = 2x - 1 with a dropout that draws random numbers; judged by its dev loss."""

    metric = "closeness"

    def __init__(self, scores: Sequence[float] | None = None) -> None:
        torch.manual_seed(7)
        self.network: nn.Module = nn.Sequential(
            nn.Linear(1, 16), nn.Tanh(), nn.Dropout(0.1), nn.Linear(16, 1)
        )
        self.scores = iter(scores) if scores is not None else None

    def batch_count(self) -> int:
        return 8

    def batches(self, epoch: int, rng: random.Random) -> Iterator[list[float]]:
        for _ in range(self.batch_count()):
            yield [rng.uniform(-1, 1) for _ in range(8)]

    def loss(self, batch: list[float], epoch: int) -> Tensor:
        x = torch.tensor(batch)[:, None]
        missed: Tensor = self.network(x) - (2 * x - 1)
        return (missed**2).mean()

    def validate(self) -> dict[str, float]:
        assert not self.network.training
        if self.scores is not None:
            return {"closeness": next(self.scores)}
        with torch.no_grad():
            return {"closeness": -float(self.loss([-0.5, 0.0, 0.5], 0))}

    def parameter_groups(self) -> list[ParameterGroup]:
        return [ParameterGroup(list(self.network.parameters()))]

    def describe(self, *, measured: bool = True) -> ArtefactParts:
        del measured
        return ArtefactParts({}, "{}")

    def calibrate(self) -> dict[str, Any]:
        return {}


class Silent:
    """A watcher that can pull the plug after some epochs."""

    def __init__(self, unplug_after: int | None = None) -> None:
        self.unplug_after = unplug_after
        self.steps = 0

    def noticed(self, what: str) -> None: ...

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None:
        self.steps += 1

    def validated(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None:
        if epoch == self.unplug_after:
            raise KeyboardInterrupt


def weights(line: Line) -> dict[str, Tensor]:
    return line.network.state_dict()


def test_it_learns() -> None:
    line = Line()
    progress = train_network(line, SETTINGS, seed=1, watcher=Silent())

    assert progress.best == max(figures["closeness"] for figures in progress.history)
    assert progress.best > -0.05
    assert line.validate()["closeness"] == pytest.approx(progress.best)


def test_the_same_seed_gives_the_same_weights_and_another_does_not() -> None:
    trained = [Line(), Line(), Line()]
    for line, seed in zip(trained, (1, 1, 2), strict=True):
        train_network(line, SETTINGS, seed=seed, watcher=Silent())
    first, same, other = (weights(line)["0.weight"] for line in trained)

    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_an_interrupted_training_resumes_to_the_same_result(tmp_path: Path) -> None:
    whole, cut, resumed = Line(), Line(), Line()
    expected = train_network(whole, SETTINGS, seed=1, watcher=Silent())
    with pytest.raises(KeyboardInterrupt):
        train_network(cut, SETTINGS, seed=1, watcher=Silent(2), checkpoints=tmp_path, plan="p")
    watcher = Silent()

    found = train_network(
        resumed, SETTINGS, seed=1, watcher=watcher, checkpoints=tmp_path, plan="p"
    )

    assert watcher.steps == 4 * resumed.batch_count()
    assert found.history == expected.history
    for name, tensor in weights(whole).items():
        assert torch.equal(tensor, weights(resumed)[name]), name


class Unjudgeable(Line):
    """A line whose judge fails at its second epoch."""

    judged = 0

    def validate(self) -> dict[str, float]:
        self.judged += 1
        if self.judged == 2:
            raise RuntimeError("a fault in judging")
        return super().validate()


def test_an_epoch_that_could_not_be_judged_is_not_learnt_again(tmp_path: Path) -> None:
    whole, resumed = Line(), Line()
    expected = train_network(whole, SETTINGS, seed=1, watcher=Silent())
    with pytest.raises(RuntimeError, match="a fault in judging"):
        train_network(
            Unjudgeable(), SETTINGS, seed=1, watcher=Silent(), checkpoints=tmp_path, plan="p"
        )
    watcher = Silent()

    found = train_network(
        resumed, SETTINGS, seed=1, watcher=watcher, checkpoints=tmp_path, plan="p"
    )

    assert watcher.steps == 4 * resumed.batch_count()
    assert found.history == expected.history


def test_another_trainings_checkpoint_is_refused(tmp_path: Path) -> None:
    train_network(Line(), SETTINGS, seed=1, watcher=Silent(), checkpoints=tmp_path, plan="p")

    with pytest.raises(
        ArtefactError, match="a checkpoint of training p, expected one of training q"
    ):
        train_network(Line(), SETTINGS, seed=1, watcher=Silent(), checkpoints=tmp_path, plan="q")


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.safetensors").write_bytes(b"half")

    with pytest.raises(ArtefactError, match="delete it to start over"):
        train_network(Line(), SETTINGS, seed=1, watcher=Silent(), checkpoints=tmp_path, plan="p")


@pytest.mark.parametrize(
    ("scores", "patience", "epochs", "best"),
    [
        pytest.param([0.1, 0.5, 0.4, 0.3, 0.2, 0.1], 2, 4, 2, id="two epochs without gain: stop"),
        pytest.param([0.1, 0.5, 0.4, 0.6, 0.2, 0.1], 2, 6, 4, id="a late gain: go on"),
        pytest.param([0.5, 0.4, 0.3, 0.2, 0.1, 0.0], 0, 6, 1, id="no patience set: never stop"),
        pytest.param([0.1, 0.5, 0.2, 0.5, 0.4, 0.3], 0, 6, 4, id="of equals the later one"),
    ],
)
def test_when_it_stops(scores: list[float], patience: int, epochs: int, best: int) -> None:
    settings = SETTINGS.model_copy(update={"patience": patience})

    progress = train_network(Line(scores), settings, seed=1, watcher=Silent())

    assert (progress.epoch, progress.best_epoch) == (epochs, best)
