"""Up to which context a model's answers were found to be as good as in a short one."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from corpora.labels import LabelledConversation
from nlp_lstm.scoring.context import words_said
from nlp_lstm.scoring.retention import WORDS, Curve
from nlp_lstm.scoring.scores import Table
from nlp_lstm.scoring.stretch import MOST_CONVERSATIONS, stretched
from nlp_lstm.training.data import validated_tokens


@dataclass(frozen=True, slots=True)
class ValidatedContext:
    """A length of context that a model was judged in and did not get worse.

    Attributes:
        tokens: In words.
        method: In words, how it was found.
    """

    tokens: int
    method: str


def by_words(curve: Curve, gold: Sequence[LabelledConversation]) -> ValidatedContext:
    """Up to the degradation point of a curve over words of context, or as far as it reaches.

    Args:
        curve: From `retention_curves`, by words so far.
        gold: The conversations that it was measured on.
    """
    reached = validated_tokens(gold)
    if curve.degradation is None:
        how = f"no degradation point up to {reached} words, which enough conversations reach"
        return ValidatedContext(reached, how)
    first = int(curve.degradation.rstrip("+").split("-")[0])
    before = max((edge for edge in WORDS if edge < first), default=0)
    how = f"{curve.figure} lies below that of short contexts from {first} words on"
    return ValidatedContext(min(before, reached), how)


def by_stretching(
    table: Table, gold: Sequence[LabelledConversation], talk: Sequence[str]
) -> ValidatedContext:
    """As long as stretched conversations are whose turns after the talk are answered as well.

    Args:
        table: From `measure_stretched`, by turns between, the fewest first.
        gold: The conversations that were stretched.
        talk: By what.
    """
    step = max(1, len(gold) // MOST_CONVERSATIONS)
    chosen = gold[::step][:MOST_CONVERSATIONS]
    columns = {name: place for place, name in enumerate(table.columns)}
    lowest = float(table.rows[0][columns["low"]])
    good = 0
    for row in table.rows:
        if float(row[columns["high"]]) < lowest:
            break
        good = int(row[0])
    words = median(words_said(stretched(one, good, talk).labelled) for one in chosen)
    how = (
        f"with {good} unrelated turns within them {len(chosen)} conversations were answered as well"
        f" as with {int(table.rows[0][0])}, intervals considered; this is their median length"
    )
    return ValidatedContext(int(words), how)
