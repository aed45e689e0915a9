"""How alike two spellings are, as the Schema-Guided Dialogue scorer measures it.

    "san jose international airport"  "San Jose airport"  →  0.7

That scorer compares with fuzzywuzzy's `token_sort_ratio`: marks dropped, words sorted, then the
share of matching characters that difflib finds, rounded to whole per cents.
"""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

MARKS = re.compile(r"\W")


@lru_cache(maxsize=100_000)
def likeness(left: str, right: str) -> float:
    """From 0 to 1, whatever the order of words, their case and their marks."""
    left, right = _sorted_words(left), _sorted_words(right)
    if not left or not right:
        return 0.0
    return round(100 * SequenceMatcher(None, left, right).ratio()) / 100


def best_likeness(said: Iterable[str], right: Iterable[str]) -> float:
    """The highest among all pairs; 0 where a side has nothing."""
    spellings = list(right)
    return max((likeness(one, other) for one in said for other in spellings), default=0.0)


def _sorted_words(text: str) -> str:
    return " ".join(sorted(MARKS.sub(" ", text).lower().split()))
