"""Second thoughts: another value first, then the one that is meant.

    "a table for four on friday"  →  "a table for six, no wait, make that four on friday"

The labels stay: whoever listens to the end knows that it is four.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence

from corpora.labels import SlotValue
from nlp_lstm.scoring.perturb.edits import Edit
from nlp_lstm.scoring.perturb.said import NUMBER_WORDS, SaidValue, said_values

Values = Mapping[str, Sequence[str]]

# What a model may learn changes of mind from, and what it is judged by: no phrase is in both.
TAUGHT = (
    "actually, no,",
    "oh, let us say",
    "hang on,",
    "or rather",
    "i changed my mind,",
    "i mean",
    "no no,",
    "better make it",
    "on second thought,",
    "oops,",
    "correction,",
    "well, rather",
)
JUDGED_BY = (
    "no wait, make that",
    "no, make it",
    "sorry, i meant",
    "wait, actually",
    "scratch that,",
)
CLAUSE_END = re.compile(r"\s*(?:[.,;!?](?!\d)|$)")
AT_CLAUSE_END = 0.5


def corrected(
    text: str,
    held: Sequence[SlotValue],
    values: Values,
    phrases: Sequence[str],
    rng: random.Random,
) -> Iterator[Edit]:
    """Yield the edits for one change of mind, where a turn says a value that it sets.

    Args:
        text: Of the turn.
        held: What the turn newly sets.
        values: What else each slot may hold.
        phrases: What people say when they change their mind.
        rng: Decides everything.
    """
    said = sorted(said_values(text, held), key=lambda one: one.start)
    choices = [(one, others) for one in said if (others := _others(text, one, values))]
    if not choices:
        return
    meant, others = rng.choice(choices)
    spoken = text[meant.start : meant.end]
    first = _as_spoken(rng.choice(others), spoken)
    turn_of_mind = f", {rng.choice(phrases)} {spoken}"
    clause = CLAUSE_END.search(text, meant.end)
    end = clause.start() if clause else len(text)
    later = any(meant.end <= other.start < end for other in said)
    if rng.random() < AT_CLAUSE_END and not later:
        yield Edit(meant.start, meant.end, first)
        yield Edit(end, end, turn_of_mind)
    else:
        yield Edit(meant.start, meant.end, first + turn_of_mind)


def _others(text: str, meant: SaidValue, values: Values) -> list[str]:
    """Values of the slot that the turn does not say in any way."""
    spoken = text[meant.start : meant.end].casefold()
    return [
        value
        for value in values.get(meant.slot, ())
        if value.casefold() not in text.casefold()
        and NUMBER_WORDS.get(value, value) not in text.casefold()
        and spoken not in value.casefold()
        and value.replace(":", "").isdigit() == meant.value.replace(":", "").isdigit()
    ]


def _as_spoken(value: str, spoken: str) -> str:
    """A value in the form of another: a number as a word beside one, a capital beside a capital."""
    if spoken.lower() in NUMBER_WORDS.values():
        value = NUMBER_WORDS.get(value, value)
    return value[:1].upper() + value[1:] if spoken[:1].isupper() else value
