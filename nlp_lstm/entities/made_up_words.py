"""The words and sentences that `made_up.toml` lists."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

_LISTS: Mapping[str, Any] = tomllib.loads(
    (files(__package__) / "made_up.toml").read_text(encoding="utf-8")
)

WORDS: Mapping[str, Sequence[str]] = _LISTS["words"]
SAID: Sequence[str] = _LISTS["customer"]["says"]
ANSWERS: Sequence[str] = _LISTS["customer"]["answers"]
ASKED: Mapping[str, Sequence[str]] = _LISTS["agent"]
