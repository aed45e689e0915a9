"""How wide a network of another cell must be to have as many parameters.

An LSTM has four gates, a GRU three, Elman's cell none: of equal widths they are not comparable.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel
from torch import nn

from corpora.errors import InputError
from nlp_lstm.entities.network import EntityNetwork
from nlp_lstm.entities.trainee import EntityTrainee
from nlp_lstm.layers.attention import HEADS
from nlp_lstm.layers.cells import Cell
from nlp_lstm.sentiment.network import SentimentNetwork
from nlp_lstm.sentiment.trainee import SentimentTrainee
from nlp_lstm.states.config import StateNetworkConfig
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.tables import schema_tables
from nlp_lstm.states.trainee import StateTrainee
from nlp_lstm.training.loop import Trainee
from nlp_lstm.training.recipe import Recipe

# The widths of what a cell makes up; all others stay the recipe's.
OF_CELLS = ("hidden_width", "memory_width", "slot_memory_width", "speaker_width")
# Vectors of word pieces and character n-grams: the same in every network, and most of its weights.
OF_WORDS = "rows."
ALIKE = 0.05
_HALVINGS = 12
_NARROWEST, _WIDEST = 0.2, 8.0

Settings = Mapping[str, Any]
_Config = TypeVar("_Config", bound=BaseModel)


def parameters(network: nn.Module) -> int:
    """How many numbers a network learns beside the vectors of words."""
    return sum(
        parameter.numel()
        for name, parameter in network.named_parameters()
        if not name.startswith(OF_WORDS)
    )


def matched(recipe: Recipe, cell: Cell, trainee: Trainee) -> Settings:
    """The recipe's network made of a cell, with as many parameters as made of LSTMs.

    All widths of cells grow or shrink alike.

    Args:
        recipe: Whose network it is.
        cell: What it is to be made of.
        trainee: The recipe's, of any cell: it knows labels and words.

    Raises:
        InputError: No width comes near enough.
    """
    build = _builder(recipe, trainee)
    wanted = parameters(build({**recipe.network, "cell": "lstm"}))
    if cell == "lstm":
        return {**recipe.network, "cell": cell}
    low, high = _NARROWEST, _WIDEST
    tried: list[tuple[float, Settings]] = []
    for _ in range(_HALVINGS):
        scale = (low * high) ** 0.5
        settings = scaled(recipe.network, cell, scale)
        off = parameters(build(settings)) / wanted - 1
        tried.append((abs(off), settings))
        low, high = (low, scale) if off > 0 else (scale, high)
    best = min(tried, key=lambda one: one[0])
    if best[0] > ALIKE:
        # Steps of all widths at once are too long for narrow networks: one of them, then.
        near = list(_neighbours(best[1]))
        best = min(
            ((abs(parameters(build(one)) / wanted - 1), one) for one in near),
            key=lambda one: one[0],
        )
    if best[0] > ALIKE:
        raise InputError(
            recipe.name,
            found=f"no width of {cell} with {wanted:,} parameters",
            expected=f"one within {ALIKE:.0%} of them",
            remedy="compare a recipe with wider layers",
        )
    return best[1]


def scaled(network: Settings, cell: Cell, scale: float) -> Settings:
    """A network's settings with its cells so many times as wide, to what heads divide."""
    widths = {
        name: max(1, round(network[name] * scale / _step(name))) * _step(name)
        for name in OF_CELLS
        if name in network
    }
    return {**network, **widths, "cell": cell}


def _neighbours(settings: Settings) -> Iterator[Settings]:
    """Settings with one width a step or two wider or narrower."""
    for name in OF_CELLS:
        for steps in (-2, -1, 1, 2):
            width = settings.get(name, 0) + steps * _step(name)
            if name in settings and width > 0:
                yield {**settings, name: width}


def _step(name: str) -> int:
    """Of what a width must be a multiple: an encoder's states are two directions wide."""
    return HEADS // 2 if name == "hidden_width" else HEADS


def _builder(recipe: Recipe, trainee: Trainee) -> Callable[[Settings], nn.Module]:
    """What makes a network of settings, with the labels and the words of a trainee."""
    match trainee:
        case EntityTrainee():
            return lambda settings: EntityNetwork(
                _updated(trainee.config, settings), trainee.network.rows.table
            )
        case SentimentTrainee():
            return lambda settings: SentimentNetwork(
                _updated(trainee.config, settings), trainee.network.rows.table
            )
        case StateTrainee():
            tables = schema_tables(trainee.schema)
            return lambda settings: StateNetwork(
                StateNetworkConfig.model_validate(settings), tables, trainee.network.rows.table
            )
    raise InputError(
        recipe.name,
        found="a network of no known kind",
        expected="one of states, entities or sentiment",
        remedy="compare a shipped recipe",
    )


def _updated(config: _Config, settings: Settings) -> _Config:
    """A component's config with other widths and another cell; what data decided stays."""
    names = [*OF_CELLS, "cell"]
    changed = {name: settings[name] for name in names if name in settings}
    return config.model_copy(update=changed)
