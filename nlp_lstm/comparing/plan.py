"""What is compared: a recipe, cells, seeds, and a budget that is the same for all."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpora.errors import InputError
from corpora.labels import LabelledConversation
from nlp_lstm.layers.cells import CELLS, Cell
from nlp_lstm.training.data import LoadedCorpus
from nlp_lstm.training.recipe import Recipe

# Cells that read nothing or share nothing with a network of cells have no other cell to take.
REMEDY = "compare a recipe such as entities-support, sentiment-chat or states-multiwoz"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is trained and judged.

    Attributes:
        recipe: As it is trained: from pretrained vectors of words alone, which are no cell's.
        cells: What it is made of.
        seeds: Each cell is trained with each.
        conversations: Of each corpus, at most so many teach; None for all.
        judged: At most so many dev conversations of each corpus judge; None for all.
    """

    recipe: Recipe
    cells: tuple[Cell, ...]
    seeds: tuple[int, ...]
    conversations: int | None = None
    judged: int | None = None

    @property
    def key(self) -> str:
        """Changes with everything that decides the figures, but which cells and seeds there are."""
        decisive = self.recipe.model_dump_json(exclude={"card", "seed"})
        told = f"{decisive} {self.conversations} {self.judged}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def comparison(
    recipe: Recipe,
    cells: Sequence[str],
    seeds: Sequence[int],
    *,
    epochs: int | None = None,
    conversations: int | None = None,
    judged: int | None = None,
) -> Comparison:
    """Make a recipe one that is fair to every cell.

    Weights of a trained model, teachers and means of several trainings are left out: they are
    LSTMs', or depend on a start that only LSTMs have.

    Raises:
        InputError: A cell is unknown, or the recipe's network has none.
    """
    for cell in cells:
        if cell not in CELLS:
            raise InputError(
                "--cells",
                found=repr(cell),
                expected=f"some of {', '.join(CELLS)}",
                remedy="check the name",
            )
    if recipe.tracker != "listed":
        raise InputError(
            recipe.name,
            found="a tracker that reads schemas, whose network knows no other cell",
            expected="a recipe whose [network] may be made of another cell",
            remedy=REMEDY,
        )
    if not recipe.network:
        raise InputError(
            recipe.name,
            found="no [network]",
            expected="a recipe of a network that is trained",
            remedy=REMEDY,
        )
    loop = recipe.loop
    if epochs is not None:
        loop = loop.model_copy(update={"epochs": epochs})
    fair = recipe.model_copy(
        update={
            "start": None,
            "further_seeds": [],
            "teachers": [],
            "vectors": True,
            "loop": loop.model_copy(update={"patience": 0}),
        }
    )
    known = tuple(cell for cell in CELLS if cell in cells)
    return Comparison(fair, known, tuple(dict.fromkeys(seeds)), conversations, judged)


def within_budget(corpus: LoadedCorpus, plan: Comparison) -> LoadedCorpus:
    """As many of a corpus's conversations as the budget allows, drawn alike for every cell."""
    return replace(
        corpus,
        train=_drawn(corpus.train, plan.conversations),
        dev=_drawn(corpus.dev, plan.judged),
    )


def _drawn(
    conversations: Sequence[LabelledConversation], most: int | None
) -> Sequence[LabelledConversation]:
    if most is None or len(conversations) <= most:
        return conversations
    chosen = sorted(random.Random(0).sample(range(len(conversations)), most))
    return tuple(conversations[index] for index in chosen)
