"""Why a slot holds a new value: who said it, where, and in which words."""

from typing import NamedTuple

from corpora.labels import Evidence, Source
from nlp_lstm.states.history import Said


class Origin(NamedTuple):
    """Where a value comes from: the parts of a `StateChange` that say so."""

    source: Source
    evidence: Evidence | None
    raw: str | None


IMPLIED = Origin("implied", None, None)


def origin(said: Said | None, *, is_copied: bool) -> Origin:
    """Where a slot's new value comes from.

    What the customer ever said counts as said; what only the other side did, as accepted. A copy
    is traced to where its value was said, whoever did.

    Args:
        said: The table's row of the value; None where nobody said it.
        is_copied: Whether the slot took the value of another one.
    """
    quote = None if said is None else said.user or said.system
    if said is None or quote is None:
        return Origin("copied", None, None) if is_copied else IMPLIED
    source: Source = "accepted" if said.user is None else "said"
    evidence = Evidence(quote.turn, quote.start, quote.end)
    return Origin("copied" if is_copied else source, evidence, quote.raw)
