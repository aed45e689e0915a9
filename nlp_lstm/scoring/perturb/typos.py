"""Slips of the fingers: a neighbouring key, two letters swapped, one left out."""

import random
import re
from collections.abc import Iterator

from nlp_lstm.scoring.perturb.edits import Edit
from nlp_lstm.scoring.perturb.said import NUMBER_WORDS

SHARE = 0.05  # of the words that may be mistyped
SHORTEST = 4  # a shorter word is another word as soon as a letter changes
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")

# Letters alone, with no digit, apostrophe or @ beside them: times, codes and addresses are exact.
WORD = re.compile(r"(?<![\w'’@.:/-])[^\W\d_]+(?![\w'’@/-]|[.:]\w)")


def mistyped(text: str, rng: random.Random) -> Iterator[Edit]:
    """Yield the slips in a text, at most one a word."""
    for match in WORD.finditer(text):
        word = match[0]
        if len(word) < SHORTEST or word.lower() in NUMBER_WORDS.values():
            continue
        if rng.random() < SHARE:
            yield Edit(*match.span(), _slip(word, rng))


def _slip(word: str, rng: random.Random) -> str:
    """A word with one slip, never in its first letter: there people notice."""
    place = rng.randrange(1, len(word) - 1)
    match rng.choice(("neighbour", "swap", "drop")):
        case "swap":
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        case "drop":
            return word[:place] + word[place + 1 :]
        case _:
            return word[:place] + _neighbour(word[place], rng) + word[place + 1 :]


def _neighbour(letter: str, rng: random.Random) -> str:
    """A letter beside `letter` on an English keyboard; another one doubles."""
    for row in ROWS:
        at = row.find(letter.lower())
        if at >= 0:
            beside = rng.choice([row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)])
            return beside.upper() if letter.isupper() else beside
    return letter * 2
