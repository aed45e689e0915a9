"""A sentiment network put together from a recipe, and what does not suit one refused."""

from collections.abc import Mapping, Sequence, Set

import torch
from torch import Tensor

from corpora.errors import InputError
from nlp_lstm.artefact import Artefact
from nlp_lstm.sentiment.config import THREE_WAY, Scheme, SentimentConfig
from nlp_lstm.sentiment.examples import scheme_of
from nlp_lstm.sentiment.network import SentimentNetwork
from nlp_lstm.sentiment.sources import ExampleSettings, make_source
from nlp_lstm.sentiment.trainee import AFTER_ENCODER, SentimentTrainee
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.vectors import PretrainedPieces
from nlp_lstm.training.data import LoadedCorpus
from nlp_lstm.training.recipe import Recipe
from nlp_lstm.training.starting import settings_of, tokenizer_of


def build_trainee(
    recipe: Recipe,
    corpora: Sequence[LoadedCorpus],
    pieces: PretrainedPieces | None,
    start: Artefact | None,
    seed: int,
) -> SentimentTrainee:
    """Make a network for a recipe and bring its corpora into shape.

    Args:
        recipe: What to train.
        corpora: The recipe's, read.
        pieces: Pretrained WordPiece vectors.
        start: A model to start from: what fits in name and shape is taken over.
        seed: Decides the first weights.

    Raises:
        InputError: The recipe's settings are not a sentiment model's.
    """
    tokenizer = tokenizer_of(recipe.name, pieces, start)
    schemes = [scheme_of(corpus.name, [*corpus.train, *corpus.dev]) for corpus in corpora]
    _check_labels(recipe.name, schemes)
    settings = settings_of(recipe.name, ExampleSettings, recipe.examples)
    network_settings = {**recipe.network, "schemes": tuple(schemes)}
    config = settings_of(recipe.name, SentimentConfig, network_settings)
    _check_names(recipe.name, settings, [scheme.name for scheme in schemes])
    table = FormTable(tokenizer, config.rows.gram_buckets)
    torch.manual_seed(seed)
    network = SentimentNetwork(config, table)
    if pieces is not None:
        network.rows.pieces.weight.data.copy_(pieces.vectors)
    taken = _take_over(network, start.tensors) if start is not None else frozenset()
    if settings.frozen:
        _check_frozen(recipe, network, taken)
    sources = [
        make_source(corpus, scheme, settings, table, config.most_speakers)
        for corpus, scheme in zip(corpora, schemes, strict=True)
    ]
    return SentimentTrainee(config, network, settings, sources)


def _check_labels(recipe: str, schemes: Sequence[Scheme]) -> None:
    for scheme in schemes:
        if not scheme.labels:
            raise InputError(
                f"{recipe}.toml",
                found=f"a corpus {scheme.name} whose turns carry no emotion",
                expected="emotions in some turns, beside which three-way labels are learnt too",
                remedy="label emotions (the three-way label's name will do), or leave it out",
            )


def _check_names(recipe: str, settings: ExampleSettings, schemes: Sequence[str]) -> None:
    unknown = set(settings.judges) - set(schemes)
    if unknown or settings.losses.keys() != {THREE_WAY, *schemes}:
        raise InputError(
            f"{recipe}.toml",
            found=f"judges {list(settings.judges)} and losses of {sorted(settings.losses)}",
            expected=f"judges among {list(schemes)}, losses of these and {THREE_WAY}",
            remedy="name the recipe's corpora there",
        )


def _check_frozen(recipe: Recipe, network: SentimentNetwork, taken: Set[str]) -> None:
    lacking = [
        name
        for name in network.state_dict()
        if name not in taken and not name.startswith(AFTER_ENCODER)
    ]
    if lacking:
        raise InputError(
            f"{recipe.name}.toml",
            found=f"a frozen encoder whose {lacking[0]} is not what {recipe.start} has",
            expected="a start with a turn encoder of the same widths",
            remedy="set start and [network] alike, or frozen = false",
        )


def _take_over(network: SentimentNetwork, tensors: Mapping[str, Tensor]) -> frozenset[str]:
    """Take over what fits in name and shape; say what that was."""
    own = network.state_dict()
    fitting = {n: t for n, t in tensors.items() if n in own and own[n].shape == t.shape}
    network.load_state_dict({**own, **fitting})
    return frozenset(fitting)
