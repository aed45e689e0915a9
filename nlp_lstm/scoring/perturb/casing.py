"""Capitals as people type them: all, none, or one at the start of every word."""

import random
import re
from collections.abc import Iterator

from nlp_lstm.scoring.perturb.edits import Edit

FIRST_LETTER = re.compile(r"(?<![\w'’])\w")


def recased(text: str, rng: random.Random) -> Iterator[Edit]:
    """Yield one edit for the whole text, if its case changes; no letter moves."""
    match rng.choice(("upper", "lower", "title")):
        case "upper":
            new = "".join(_same_width(letter, letter.upper()) for letter in text)
        case "lower":
            new = "".join(_same_width(letter, letter.lower()) for letter in text)
        case _:
            new = FIRST_LETTER.sub(lambda match: _same_width(match[0], match[0].upper()), text)
    for at, (old, letter) in enumerate(zip(text, new, strict=True)):
        if old != letter:
            yield Edit(at, at + 1, letter)


def _same_width(letter: str, cased: str) -> str:
    # A few letters grow when they are cased (ß, ŉ): those stay.
    return cased if len(cased) == 1 else letter
