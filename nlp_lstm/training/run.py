"""From a recipe and a folder of corpora to an artefact: what `nlp-lstm train` does."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from corpora.errors import InputError
from nlp_lstm.artefact import load_artefact, save_artefact
from nlp_lstm.component import Component
from nlp_lstm.loading import load_component
from nlp_lstm.scoring.evaluation import Evaluation, evaluate
from nlp_lstm.states.described.published import suited
from nlp_lstm.stored_weights import as_stored
from nlp_lstm.tensors import as_arrays, as_tensors, mean_weights
from nlp_lstm.text.language import mostly_foreign
from nlp_lstm.text.vectors import PretrainedPieces, load_pieces
from nlp_lstm.training.card import MOST_KINDS, metrics_of, write_card
from nlp_lstm.training.data import LoadedCorpus, load_corpus, validated_tokens
from nlp_lstm.training.loop import ArtefactParts, Pupil, Trainee, Watcher, train_network
from nlp_lstm.training.recipe import Recipe

# Conversations of each corpus that tell in which language a model learnt.
LANGUAGE_SAMPLE = 200
VECTORS = Path("build/wordpieces-160.safetensors")

_TRAINEES: dict[str, str] = {
    "states": "nlp_lstm.states.trainee",
    "described": "nlp_lstm.states.described.building",
    "entities": "nlp_lstm.entities.trainee",
    "sentiment": "nlp_lstm.sentiment.building",
}


def train_recipe(
    recipe: Recipe,
    data: Path,
    out: Path,
    *,
    watcher: Watcher,
    vectors: Path = VECTORS,
    device: torch.device | None = None,
) -> list[Evaluation]:
    """Train a model and write its artefact, card and dev figures included.

    An interrupted training goes on where its last whole epoch ended when it is started again
    with the same recipe, data and `out`.

    Args:
        recipe: What to train.
        data: The folder of the recipe's corpora.
        out: The artefact's directory; checkpoints lie beside it, in `OUT.checkpoints`.
        watcher: Told after every step and epoch.
        vectors: The pretrained WordPiece vectors, for recipes that start from them.
        device: Where to compute; None takes a GPU where there is one.

    Returns:
        What the model reached on each dev split.

    Raises:
        InputError: A corpus cannot be read, or the recipe does not suit its component.
        ArtefactError: The starting point, a teacher or the vectors cannot be used.
    """
    checkpoints = out.with_name(f"{out.name}.checkpoints")
    corpora = [load_corpus(use, data, checkpoints / "arrow") for use in recipe.corpora]
    trainee = _trained(
        recipe,
        corpora,
        checkpoints,
        watcher=watcher,
        vectors=load_pieces(vectors) if recipe.vectors else None,
        device=device or torch.device("cuda" if torch.cuda.is_available() else "cpu"),
    )
    # What is calibrated is what is shipped.
    rounded = as_stored(as_arrays(trainee.network.state_dict()))
    trainee.network.load_state_dict(as_tensors(rounded))
    trainee.network.eval()  # so that nothing is kept of the weights before
    judges = [corpus for corpus in corpora if _judges(corpus, recipe.task)]
    described = trainee.describe()
    longest = (
        described.context.tokens
        if described.context is not None
        else validated_tokens([labelled for corpus in judges for labelled in corpus.dev])
    )
    parts: dict[str, Any] = {
        "task": recipe.task,
        "config": _config(recipe, described, corpora, longest),
        "tensors": trainee.network.state_dict(),
        "tokenizer": described.tokenizer,
        "calibration": trainee.calibrate(),
    }
    save_artefact(out, **parts, metrics={}, card="")
    component = load_component(out)
    evaluations = [_evaluation(component, corpus) for corpus in judges]
    card = write_card(
        recipe,
        evaluations,
        parameters=sum(parameter.numel() for parameter in trainee.network.parameters()),
        validated_tokens=longest,
        context=described.context,
        unaligned=sum((corpus.unaligned for corpus in corpora), Counter()),
    )
    save_artefact(out, **parts, metrics=metrics_of(evaluations), card=card)
    return evaluations


def _trained(
    recipe: Recipe,
    corpora: Sequence[LoadedCorpus],
    checkpoints: Path,
    *,
    watcher: Watcher,
    vectors: PretrainedPieces | None,
    device: torch.device,
) -> Trainee:
    """Train with every seed of a recipe; its network has the mean of their weights.

    The mean of trainings that share their start is often better than the best of them: Wortsman
    et al. 2022, "Model soups".
    """
    seeds = (recipe.seed, *recipe.further_seeds)
    learnt: list[dict[str, Tensor]] = []
    for seed in seeds:
        # What the start does not give, the parts above it, is drawn alike for all of them.
        torch.manual_seed(recipe.seed)
        trainee = trainee_builder(recipe)(
            recipe,
            # A trainee counts what it leaves out; the first one's counts are told.
            corpora if not learnt else [replace(c, unaligned=Counter()) for c in corpora],
            vectors,
            load_artefact(recipe.start, task=recipe.task) if recipe.start else None,
            recipe.seed,
        )
        for line in [] if learnt else _unaligned(corpora):
            watcher.noticed(line)
        if recipe.teachers:
            _teach(trainee, recipe, checkpoints / "lessons.safetensors")
        train_network(
            trainee,
            recipe.loop,
            seed=seed,
            watcher=watcher,
            checkpoints=checkpoints if seed == recipe.seed else checkpoints / f"seed-{seed}",
            plan=_plan(recipe, corpora),
            device=device,
        )
        learnt.append(trainee.network.state_dict())
    if len(learnt) > 1:
        trainee.network.load_state_dict(mean_weights(learnt))
        trainee.network.eval()
    return trainee


def _unaligned(corpora: Sequence[LoadedCorpus]) -> list[str]:
    """What of the labels teaches nothing: the most frequent kinds, a line each."""
    lines: list[str] = []
    for corpus in corpora:
        kinds = corpus.unaligned.most_common()
        lines += [f"{corpus.name}: {count} x {kind}" for kind, count in kinds[:MOST_KINDS]]
        if len(kinds) > MOST_KINDS:
            rest = sum(count for _, count in kinds[MOST_KINDS:])
            lines.append(f"{corpus.name}: {rest} more, of {len(kinds) - MOST_KINDS} kinds")
    return lines


def _judges(corpus: LoadedCorpus, task: str) -> bool:
    """Whether its dev split can judge: of entities one that marks none cannot."""
    if task != "entities":
        return bool(corpus.dev)
    return any(turn.entities is not None for one in corpus.dev for turn in one.labels)


def _evaluation(component: Component, corpus: LoadedCorpus) -> Evaluation:
    split = corpus.use.dev or "dev"
    judged, gold = suited(component, corpus.name, corpus.directory, split, corpus.dev)
    return evaluate(judged, corpus.name, split, gold)


def trainee_builder(recipe: Recipe) -> Callable[..., Trainee]:
    """What makes a recipe's trainee: recipe, corpora, vectors, start and seed go in."""
    what = recipe.task if recipe.tracker == "listed" else recipe.tracker
    build: Callable[..., Trainee] = import_module(_TRAINEES[what]).build_trainee
    return build


def _teach(trainee: Trainee, recipe: Recipe, cache: Path) -> None:
    if not isinstance(trainee, Pupil):
        raise InputError(
            recipe.name,
            found=f"teachers for {recipe.task}",
            expected="none: only state trackers learn from others",
            remedy="leave out `teachers`",
        )
    teachers = [load_artefact(name, task=recipe.task) for name in recipe.teachers]
    trainee.learn_from(teachers, cache)


def _config(
    recipe: Recipe, described: ArtefactParts, corpora: Sequence[LoadedCorpus], longest: int
) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "validated_tokens": longest,
        **described.config,
        "training": {
            "seed": recipe.seed,
            "further_seeds": recipe.further_seeds,
            "start": recipe.start,
            "teachers": recipe.teachers,
            "corpora": [
                {"name": corpus.name, "split": corpus.use.train, "conversations": len(corpus.train)}
                for corpus in corpora
            ],
            "language": "other" if _is_foreign(corpora) else "en",
            "loop": recipe.loop.model_dump(),
        },
    }


def _is_foreign(corpora: Sequence[LoadedCorpus]) -> bool:
    """Whether most of what is learnt from is not in English, as far as a sample tells."""
    return mostly_foreign(
        [turn.text for turn in labelled.conversation.turns]
        for corpus in corpora
        for labelled in corpus.train[:LANGUAGE_SAMPLE]
    )


def _plan(recipe: Recipe, corpora: Sequence[LoadedCorpus]) -> str:
    sizes = [(corpus.name, len(corpus.train), len(corpus.dev)) for corpus in corpora]
    # The card's words decide nothing about the weights.
    decisive = recipe.model_dump_json(exclude={"card"})
    return hashlib.sha256(f"{decisive} {sizes}".encode()).hexdigest()[:16]
