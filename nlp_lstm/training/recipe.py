"""A recipe: everything that decides what a trained model will be.

name = "entities-support"
task = "entities"
seed = 1
vectors = true

[[corpora]]
name = "multidogo"

[network]            # the component's own settings
hidden_width = 160

[examples]           # how its batches are made
[loop]
epochs = 6
learning_rate = 2e-3
"""

import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from corpora.errors import InputError
from corpora.published import Split
from nlp_lstm.component import Task
from nlp_lstm.faults import first_fault

RECIPES = Path(__file__).parent.parent / "recipes"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CorpusUse(_Section):
    """A corpus and which of its splits teach and judge.

    Attributes:
        name: A published corpus, or one's own chats in `--data`: `labelled`, or `conll`.
        train: Split to learn from.
        dev: Split that chooses among epochs and that the figures of the card are from; "none"
            for a corpus that only teaches.
        weight: How much it counts beside the recipe's other corpora.
        labels: For entities: what the publisher's labels are called in the model; see
            `nlp_lstm.entities.label_tables`. None keeps them as they are.
    """

    name: str
    train: Split = "train"
    dev: Split | None = "dev"
    weight: float = Field(default=1.0, gt=0)
    labels: dict[str, str] | None = None

    @field_validator("dev", mode="before")
    @classmethod
    def _none(cls, dev: Any) -> Any:
        return None if dev == "none" else dev


class LoopSettings(_Section):
    """How the loop goes through the examples.

    Attributes:
        epochs: How often through all of them, at most.
        learning_rate: The highest of the schedule.
        schedule: `one-cycle` and `cosine` fall to nearly 0 along a cosine after `warmup`.
        warmup: Share of all steps in which the rate rises from nearly 0.
        weight_decay: Of AdamW, for parameters that are no vectors of words.
        clip: Longest gradient, as a norm.
        average: Decay of the moving average of the weights, which is what is judged and kept;
            0 keeps the weights themselves.
        patience: Epochs without a dev figure as good as the best before stopping; 0 never stops
            early.
    """

    epochs: int = Field(gt=0)
    learning_rate: float = Field(gt=0)
    schedule: Literal["cosine", "constant"] = "cosine"
    warmup: float = Field(default=0.1, ge=0, lt=1)
    weight_decay: float = Field(default=0.01, ge=0)
    clip: float = Field(default=5.0, gt=0)
    average: float = Field(default=0.0, ge=0, lt=1)
    patience: int = Field(default=0, ge=0)


class CardText(_Section):
    """What a model card says that no measurement can."""

    description: str
    licence: str
    data: list[str]
    architecture: str
    limits: list[str]


class Recipe(_Section):
    """See the module's sample.

    Attributes:
        tracker: For states: `listed` follows values that labels list, `described` reads a schema.
        schema_file: For `described` trackers of labelled chats: the TOML file of their slots.
        start: Artefact, by name or path, whose weights are the starting point.
        further_seeds: Train with each of these as well, from the same start, and keep the mean of
            all weights. Trainings without a common start have no mean that is of use.
        teachers: Artefacts, by name or path, whose judgement of the training data is learnt beside
            the labels; only for components that can.
        vectors: Whether word rows start from the pretrained WordPiece vectors.
        network: The component's hyper-parameters; it checks them itself.
        examples: How the component makes its batches; it checks them itself.
    """

    name: str
    task: Task
    seed: int
    corpora: list[CorpusUse] = Field(min_length=1)
    tracker: Literal["listed", "described"] = "listed"
    schema_file: str | None = None
    start: str | None = None
    further_seeds: list[int] = Field(default_factory=list)
    teachers: list[str] = Field(default_factory=list)
    vectors: bool = False
    network: dict[str, Any]
    examples: dict[str, Any] = Field(default_factory=dict)
    loop: LoopSettings
    card: CardText

    @model_validator(mode="after")
    def _seeds_have_one_start(self) -> Self:
        seeds = [self.seed, *self.further_seeds]
        if len(set(seeds)) < len(seeds):
            raise ValueError("further_seeds: each seed once, and not `seed` again")
        if self.further_seeds and self.start is None:
            raise ValueError("further_seeds: only with `start`, or their weights have no mean")
        return self


def read_recipe(name_or_path: str | Path) -> Recipe:
    """Read a shipped recipe by its name, or any by its path.

    Raises:
        InputError: There is no such recipe, or it is not well formed.
    """
    path = Path(name_or_path)
    shipped = RECIPES / f"{name_or_path}.toml"
    if not path.is_file() and path.name == str(name_or_path) and shipped.is_file():
        path = shipped
    try:
        return Recipe.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        known = ", ".join(sorted(recipe.stem for recipe in RECIPES.glob("*.toml")))
        raise InputError(
            str(name_or_path),
            found="no recipe",
            expected=f"a TOML file, or one of {known}",
            remedy="check the path",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            str(path), found=f"no TOML ({error})", expected="a recipe", remedy="mend that line"
        ) from error
    except ValidationError as error:
        found, expected = first_fault(error)
        raise InputError(
            str(path),
            found=found,
            expected=expected,
            remedy="see the shipped recipes for a model",
        ) from error
