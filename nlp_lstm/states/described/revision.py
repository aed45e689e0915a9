"""What a slot holds when somebody says a new value for it: a value that does not fit erases none.

the date holds 2026-03-05
"no, the 12th"       →  2026-03-12
"or 31 February"     →  2026-03-05 still, because there is no such date
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from corpora.changes import DONTCARE, raw_of
from nlp_lstm.states.described.fitting import Misfit, fitting, is_same
from nlp_lstm.states.described.slots import DescribedSlot, Setter

Reason = Misfit | Literal["another speaker's"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A value that fits.

    Attributes:
        value: In its normalised form, or as it was said where that cannot be worked out.
        raw: The words said, where they are not the value itself.
        values: What the slot holds now.
    """

    value: str
    raw: str | None
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A value that does not fit.

    Attributes:
        reason: Why not.
        values: What the slot holds: the same as before.
    """

    reason: Reason
    values: tuple[str, ...]


def revise(
    slot: DescribedSlot,
    present: Sequence[str],
    raw: str,
    *,
    by: Setter,
    at: datetime | None = None,
) -> Accepted | Rejected:
    """What becomes of a slot for which somebody says a value.

    Args:
        slot: Which.
        present: What it holds, in order; empty where it holds nothing.
        raw: How the new value was said; a listed value's own name does as well.
        by: Whose turn sets it: the customer's, where the customer accepts what the agent offered.
        at: When it was said; without it a date of no year stays as it was said.
    """
    held = tuple(present)
    if by not in slot.set_by:
        return Rejected("another speaker's", held)
    value, misfit = fitting(slot, raw, at)
    if value is None:
        return Rejected(misfit or "nothing said", held)
    if not slot.several or held == (DONTCARE,):
        values: tuple[str, ...] = (value,)
    elif any(is_same(slot.kind, value, other, at) for other in held):
        values = held
    else:
        values = (*held, value)
    return Accepted(value, raw_of(raw, value), values)
