"""Recipes: the shipped ones are well formed, and a mistake in one is named."""

from pathlib import Path

import pytest

from corpora.errors import InputError
from nlp_lstm.training.recipe import RECIPES, read_recipe

MINIMAL = """
name = "mine"
task = "entities"
seed = 1
corpora = [{ name = "labelled" }]
network = {}
loop = { epochs = 1, learning_rate = 1e-3 }
[card]
description = "d"
licence = "mit"
data = []
architecture = "a"
limits = []
"""


@pytest.mark.parametrize("name", sorted(path.stem for path in RECIPES.glob("*.toml")))
def test_shipped_recipes_are_found_by_name(name: str) -> None:
    assert read_recipe(name).name == name


def test_a_minimal_recipe(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL)

    recipe = read_recipe(path)

    assert recipe.corpora[0].train == "train"
    assert recipe.loop.clip == 5.0


def test_a_corpus_may_teach_without_judging(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL.replace('name = "labelled" }', 'name = "labelled", dev = "none" }'))

    assert read_recipe(path).corpora[0].dev is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param(("epochs = 1", "epoch = 1"), "loop.epochs", id="a misspelt setting"),
        pytest.param(("epochs = 1", "epochs = 0"), "greater than 0", id="no epoch"),
        pytest.param(('"entities"', '"sarcasm"'), "task = 'sarcasm'", id="an unknown task"),
        pytest.param(("seed = 1", "seed ="), "line 4", id="no TOML, and on which line"),
        pytest.param(('[{ name = "labelled" }]', "[]"), "corpora", id="nothing to learn from"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, change: tuple[str, str], named: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL.replace(*change))

    with pytest.raises(InputError, match=r"mine\.toml: found") as refusal:
        read_recipe(path)

    assert named in str(refusal.value)


def test_a_missing_recipe_lists_the_shipped_ones() -> None:
    with pytest.raises(InputError, match="found no recipe, expected a TOML file, or one of"):
        read_recipe("no-such-recipe")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("further_seeds = [2]", "only with `start`"),
        ('start = "entities-chat"\nfurther_seeds = [2, 1]', "each seed once"),
    ],
)
def test_seeds_that_have_no_mean_are_refused(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL.replace("seed = 1", f"seed = 1\n{line}"))

    with pytest.raises(InputError, match=complaint):
        read_recipe(path)
