"""Where a tracker goes wrong: slots that were right a turn before and are wrong now, by cause.

A wrong slot stays wrong until somebody changes it, so a count of wrong slots counts most errors
many times. A new error is counted once, at the turn that made it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from nlp_lstm.scoring.judged_states import JudgedTurn
from nlp_lstm.scoring.scores import Table

DONTCARE = frozenset({"dontcare", "do not care", "don't care", "dont care"})

MISSED = "missed update"
MISSED_DELETION = "missed deletion"
MISSED_DONTCARE = "missed dontcare"
SPURIOUS = "spurious update of an empty slot"
SPURIOUS_DONTCARE = "spurious dontcare"
OVERWRITTEN = "spurious overwriting or deletion"
WRONG = "wrong value"
CARES = "dontcare against value"
CAUSES = (
    SPURIOUS,
    MISSED,
    WRONG,
    SPURIOUS_DONTCARE,
    MISSED_DONTCARE,
    MISSED_DELETION,
    OVERWRITTEN,
    CARES,
)
KINDS = {  # what the slot was told, or was not told
    "spurious": (SPURIOUS, SPURIOUS_DONTCARE, OVERWRITTEN),
    "missed": (MISSED, MISSED_DONTCARE, MISSED_DELETION),
    "wrong": (WRONG, CARES),
}

Values = frozenset[str]


def new_errors(judged: Sequence[JudgedTurn]) -> Iterator[tuple[str, str]]:
    """Yield slot and cause of each new error.

    Args:
        judged: The labelled turns, in order. Before a conversation's first every slot is empty.
    """
    before: JudgedTurn | None = None
    for turn in judged:
        if before is not None and before.conversation != turn.conversation:
            before = None
        for slot in turn.wrong:
            if before is None:
                was: Values = frozenset()
            elif slot in before.wrong:
                continue
            else:
                was = before.gold.get(slot, frozenset())
            gold, said = turn.gold.get(slot, frozenset()), turn.predicted.get(slot, frozenset())
            yield slot, _cause(was, gold, said)
        before = turn


def errors_by_cause(errors: Iterable[tuple[str, str]], turns: int) -> Table:
    """How often each cause was one, and how often in 100 turns."""
    counted = Counter(cause for _, cause in errors)
    rows = [(cause, counted[cause], 100 * counted[cause] / turns) for cause in CAUSES]
    total = counted.total()
    return Table(
        "New errors by cause (slots right a turn before, wrong now)",
        ("cause", "slots", "in 100 turns"),
        (*rows, ("all", total, 100 * total / turns)),
    )


def errors_by_slot(errors: Iterable[tuple[str, str]]) -> Table:
    """How often each slot was set without need, missed or set to something else."""
    counted = Counter(errors)
    slots: Counter[str] = Counter()
    for (slot, _), count in counted.items():
        slots[slot] += count
    rows: list[tuple[str | int, ...]] = [
        (slot, *[sum(counted[slot, cause] for cause in causes) for causes in KINDS.values()])
        for slot in sorted(slots, key=lambda slot: (-slots[slot], slot))
    ]
    return Table("New errors by slot", ("slot", *KINDS), tuple(rows))


def _cause(was: Values, gold: Values, said: Values) -> str:
    """Why a slot that held `was` on both sides holds `said` now instead of `gold`."""
    if gold == was:  # nothing was to change
        if said and said <= DONTCARE:
            return SPURIOUS_DONTCARE
        return OVERWRITTEN if was else SPURIOUS
    if not gold:
        return MISSED_DELETION
    if said in (was, frozenset()):
        return MISSED_DONTCARE if gold <= DONTCARE else MISSED
    return CARES if (gold <= DONTCARE) != (said <= DONTCARE) else WRONG
