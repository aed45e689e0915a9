"""Whether a conversation is in English, the one language of the shipped models.

Every word is evidence: a frequent English one for it, any other against it, as logarithms of how
much likelier it is in English chats than in others. The sum so far is bounded, so that a few words
change nothing and a few sentences in another language do; short turns are judged by what was said
before them. `scripts/make_english.py` makes the list of words.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ENGLISH = Path(__file__).with_name("english.txt")

# Before anything was said English is likelier, 20 to 1.
START = 3.0
# Five words of six in English chats are in the list, one of five in others.
FOR = 1.45
AGAINST = -1.67
# Letters that English does not write say more.
ACCENTED = 1.5
# A character of a script without blanks counts as half a word.
BLANKLESS = re.compile(
    "[\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af]"
)
BOUND = 7.0
# Below this, odds of 7 to 1, the conversation is in another language.
FOREIGN = -2.0

_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def letters_of(text: str) -> list[str]:
    """The words of a text that consist of letters, lower-cased."""
    return _LETTERS.findall(text.lower().replace("’", "'"))


def heard(before: float, text: str) -> float:
    """How much speaks for English after a turn.

    Args:
        before: What spoke for it until then; `START` before the first turn.
        text: What the turn says.

    Returns:
        The logarithm of the odds, between `-BOUND` and `BOUND`.
    """
    english, words = _english(), letters_of(text)
    known = sum(map(english.__contains__, words))
    odds = before + FOR * known + AGAINST * (len(words) - known)
    if not text.isascii():
        for word in words:
            if not word.isascii() and word not in english:
                odds += AGAINST * (ACCENTED - 1 + len(BLANKLESS.findall(word)) / 2)
    return max(-BOUND, min(BOUND, odds))


def is_foreign(odds: float) -> bool:
    """Whether what was heard so far is in a language other than English."""
    return odds < FOREIGN


def mostly_foreign(conversations: Iterable[Iterable[str]]) -> bool:
    """Whether most of some conversations, each the texts of its turns, are not in English."""
    balance = 0
    for texts in conversations:
        odds = START
        for text in texts:
            odds = heard(odds, text)
        balance += 1 if is_foreign(odds) else -1
    return balance > 0


@cache
def _english() -> frozenset[str]:
    return frozenset(ENGLISH.read_text(encoding="utf-8").split("\n")[:-1])
