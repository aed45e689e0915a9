"""Recipes for tests: a card with nothing on it, and what the test is about."""

from typing import Any

from nlp_lstm.training.recipe import Recipe

CARD: dict[str, Any] = {
    "description": "",
    "licence": "mit",
    "data": [],
    "architecture": "",
    "limits": [],
}


def recipe_of(task: str, corpora: list[str], **parts: Any) -> Recipe:
    """A recipe of seed 1 for corpora by name; one epoch, unless the parts say otherwise."""
    return Recipe.model_validate(
        {
            "name": "tiny",
            "task": task,
            "seed": 1,
            "corpora": [{"name": name} for name in corpora],
            "network": {},
            "loop": {"epochs": 1, "learning_rate": 0.1},
            "card": CARD,
            **parts,
        }
    )
