"""Trains and judges every cell with every seed; what is done already is read, not done again.

OUT/comparison.json             what is compared
OUT/lstm-1.json                 how good a cell is with a seed
OUT/costs.json                  what the cells cost; delete it to measure again
OUT/models/lstm-1/              the model itself, as any other
"""

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from nlp_lstm.artefact import ArtefactError, save_artefact
from nlp_lstm.comparing.measure import Case, Costs, cases, costs
from nlp_lstm.comparing.plan import Comparison, within_budget
from nlp_lstm.comparing.widths import OF_CELLS, matched, parameters
from nlp_lstm.layers.cells import CELLS, Cell
from nlp_lstm.loading import load_component
from nlp_lstm.native.precision import set_kernels
from nlp_lstm.scoring.observations import observations
from nlp_lstm.text.vectors import PretrainedPieces, load_pieces
from nlp_lstm.training.data import LoadedCorpus, load_corpus
from nlp_lstm.training.loop import Trainee, Watcher, train_network
from nlp_lstm.training.recipe import Recipe
from nlp_lstm.training.run import VECTORS, trainee_builder
from nlp_lstm.training.unjudged import Unjudged

PLAN = "comparison.json"
COSTS = "costs.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one cell and one seed.

    Attributes:
        cell: What the network was made of.
        seed: Of its training.
        parameters: Beside the vectors of words.
        widths: Of its cells.
        seconds: That training took, judging aside.
        cases: Quality.
    """

    cell: Cell
    seed: int
    parameters: int
    widths: dict[str, int]
    seconds: float
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Everything that was measured.

    Attributes:
        outcomes: Of every seed and cell.
        costs: Of each cell, with the first seed.
    """

    outcomes: tuple[Outcome, ...]
    costs: dict[Cell, Costs]


def compare(
    plan: Comparison, data: Path, out: Path, *, watcher: Watcher, vectors: Path = VECTORS
) -> Compared:
    """Train and judge what has not been yet, seed by seed, so that a part is comparable too.

    Args:
        plan: What is compared.
        data: The folder of the recipe's corpora.
        out: Where results and models are kept, and found again.
        watcher: Told of every training.
        vectors: The pretrained WordPiece vectors.

    Raises:
        InputError: A corpus cannot be read, or a cell cannot be made as large as the LSTM.
        ArtefactError: `out` holds another comparison, or the vectors cannot be read.
    """
    _claim(plan, out)
    runs = [(cell, seed) for seed in plan.seeds for cell in plan.cells]
    left = [run for run in runs if not _place(out, *run).is_file()]
    known = _known_costs(out)
    if left or known.keys() < set(plan.cells):
        corpora = [
            within_budget(load_corpus(use, data, out / "arrow"), plan)
            for use in plan.recipe.corpora
        ]
        if left:
            bench = _Bench(plan, corpora, load_pieces(vectors), out, watcher)
            for cell, seed in left:
                bench.run(cell, seed)
        known = _measured_costs(plan, corpora, out)
    outcomes = tuple(_read(_place(out, *run)) for run in runs)
    return Compared(outcomes, {cell: known[cell] for cell in plan.cells})


class _Bench:
    """Trains one cell after another on the same corpora."""

    def __init__(
        self,
        plan: Comparison,
        corpora: Sequence[LoadedCorpus],
        pieces: PretrainedPieces,
        out: Path,
        watcher: Watcher,
    ) -> None:
        self._plan = plan
        self._corpora = corpora
        self._pieces = pieces
        self._out = out
        self._watcher = watcher
        self._first = self._trainee(plan.recipe, plan.recipe.seed)

    def run(self, cell: Cell, seed: int) -> None:
        """Train, keep the model, judge it, write what was measured."""
        settings = matched(self._plan.recipe, cell, self._first)
        recipe = self._plan.recipe.model_copy(update={"network": settings, "seed": seed})
        trainee = self._trainee(recipe, seed)
        count = parameters(trainee.network)
        self._watcher.noticed(f"{cell}, seed {seed}: {count:,} parameters beside vectors of words")
        checkpoints = self._out / f"{cell}-{seed}.checkpoints"
        started = time.monotonic()
        train_network(
            Unjudged(trainee),
            recipe.loop,
            seed=seed,
            watcher=self._watcher,
            checkpoints=checkpoints,
            plan=f"{self._plan.key}-{cell}-{seed}",
        )
        seconds = time.monotonic() - started
        model = _model(self._out, cell, seed)
        self._save(trainee, recipe, model)
        # Only LSTMs have kernels: compared are cells, not what was built for one of them.
        set_kernels(False)
        try:
            component = load_component(model, backend="torch")
            judges = [corpus for corpus in self._corpora if _labelled(corpus, recipe)]
            found = [
                case for corpus in judges for case in cases(component, corpus.name, corpus.dev)
            ]
            outcome = Outcome(
                cell=cell,
                seed=seed,
                parameters=count,
                widths={name: settings[name] for name in OF_CELLS if name in settings},
                seconds=seconds,
                cases=tuple(found),
            )
        finally:
            set_kernels(True)
        _write(_place(self._out, cell, seed), asdict(outcome))
        shutil.rmtree(checkpoints)

    def _trainee(self, recipe: Recipe, seed: int) -> Trainee:
        torch.manual_seed(seed)
        return trainee_builder(recipe)(recipe, self._corpora, self._pieces, None, seed)

    def _save(self, trainee: Trainee, recipe: Recipe, directory: Path) -> None:
        described = trainee.describe(measured=False)
        save_artefact(
            directory,
            task=recipe.task,
            config={
                "name": directory.name,
                "validated_tokens": 0,
                **described.config,
                "training": {"seed": recipe.seed, "loop": recipe.loop.model_dump()},
            },
            tensors=trainee.network.state_dict(),
            tokenizer=described.tokenizer,
            calibration=trainee.calibrate(),
            metrics={},
            card=f"# {directory.name}\n\nTrained by `nlp-lstm compare`, in a small budget.\n",
        )


def _measured_costs(
    plan: Comparison, corpora: Sequence[LoadedCorpus], out: Path
) -> dict[Cell, Costs]:
    """What the cells cost, measured of all of them at once, on the longest conversations."""
    longest = max((one for one in corpora if _labelled(one, plan.recipe)), key=_turns_each)
    set_kernels(False)
    try:
        models = [_model(out, cell, plan.seeds[0]) for cell in plan.cells]
        found = costs([load_component(model, backend="torch") for model in models], longest.dev)
    finally:
        set_kernels(True)
    measured = dict(zip(plan.cells, found, strict=True))
    _write(out / COSTS, {cell: asdict(one) for cell, one in measured.items()})
    return measured


def _known_costs(out: Path) -> dict[Cell, Costs]:
    path = out / COSTS
    if not path.is_file():
        return {}
    held = _object(path)
    try:
        return {cell: _costs(held[cell]) for cell in CELLS if cell in held}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _damaged(path, error) from error


def _costs(held: dict[str, Any]) -> Costs:
    memory = {int(turns): int(size) for turns, size in held["memory"].items()}
    return Costs(**{**held, "memory": memory})


def _model(out: Path, cell: Cell, seed: int) -> Path:
    return out / "models" / f"{cell}-{seed}"


def _labelled(corpus: LoadedCorpus, recipe: Recipe) -> bool:
    """Whether its dev conversations carry labels of the task."""
    labels = [one.labels for one in corpus.dev]
    return bool(corpus.dev) and bool(observations(recipe.task, corpus.dev, labels))


def _turns_each(corpus: LoadedCorpus) -> float:
    return sum(len(one.labels) for one in corpus.dev) / len(corpus.dev)


def _claim(plan: Comparison, out: Path) -> None:
    """Make `out` this comparison's, or refuse to mix it with another's."""
    path = out / PLAN
    if not path.is_file():
        out.mkdir(parents=True, exist_ok=True)
        _write(path, {"recipe": plan.recipe.name, "key": plan.key})
        return
    held = _object(path)
    if held.get("key") != plan.key:
        raise ArtefactError(
            str(out),
            found=f"a comparison of {held.get('recipe')} under other conditions",
            expected=f"none yet, or that of {plan.recipe.name} with the same budget",
            remedy="choose another --out",
        )


def _place(out: Path, cell: Cell, seed: int) -> Path:
    return out / f"{cell}-{seed}.json"


def _read(path: Path) -> Outcome:
    held = _object(path)
    try:
        found = tuple(Case(**case) for case in held.pop("cases"))
        return Outcome(cases=found, **held)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _damaged(path, error) from error


def _object(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _damaged(path, error) from error
    if not isinstance(held, dict):
        raise _damaged(path, TypeError(type(held).__name__))
    return held


def _damaged(path: Path, error: Exception) -> ArtefactError:
    return ArtefactError(
        str(path),
        found=f"no outcome of a comparison ({error})",
        expected="what `nlp-lstm compare` wrote",
        remedy="delete it, and start the comparison again",
    )


def _write(path: Path, content: dict[str, Any]) -> None:
    temporary = path.with_suffix(".partial")
    temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    temporary.replace(path)
