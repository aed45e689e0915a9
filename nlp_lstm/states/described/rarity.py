r"""How much a match of a pattern says: the rarer it is among what people write, the more.

    [A-Z]{2}\d{6}   nearly nothing else looks like it
    \d{4}           so do years and prices
    [a-z]+          so does every word

By Bayes' rule a match adds log P(match | it is the value) - log P(match | it is not) to the
log-odds that the slot is set. The first probability is near 1; the second is how often a turn of
other talk matches.
"""

from functools import lru_cache
from math import log

from nlp_lstm.states.described.patterns import matches

WORDS_A_TURN = 10
RAREST = 1e-4  # a turn in ten thousand: what none of the samples below matches
# What words of other talk look like, and how much of it does: rough shares of chats.
TALK: tuple[tuple[float, tuple[str, ...]], ...] = (
    (0.9, ("i", "the", "you", "it", "that", "want", "table", "please", "thanks", "Leeds")),
    (0.02, ("1", "2", "3", "5", "10", "20", "two", "seven")),
    (0.01, ("18:30", "5:30", "7pm", "09:15", "11am")),
    (0.005, ("£64.90", "$20", "1,200", "15.99", "100", "250")),
    (0.005, ("2024", "1999", "2026", "1234", "4523", "9001")),
    (0.002, ("3/11/2025", "12-05", "2026-03-05")),
    (0.002, ("02079460812", "555-0199", "07700900123", "5551234567")),
    (0.001, ("90210", "10001", "123456", "5528130", "40719")),
    (0.001, ("A12", "B4", "mp3", "4K", "F16", "G7", "covid19")),
    (0.0005, ("LH-40719", "SW1A", "TR7075", "X9J2Q1")),
    (0.0005, ("ana@example.org", "https://example.org/a")),
)


@lru_cache(maxsize=1024)
def match_odds(pattern: str) -> float:
    """What a match adds to the log-odds that a slot of this pattern is set: from 0 to 9.2."""
    often = sum(
        share * sum(matches(pattern, word) for word in words) / len(words) for share, words in TALK
    )
    return max(0.0, -log(max(RAREST, min(1.0, WORDS_A_TURN * often))))
