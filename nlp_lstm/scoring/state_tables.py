"""Joint goal accuracy broken down: by turn position, by domain, by slot."""

from collections import Counter
from collections.abc import Sequence

from nlp_lstm.scoring.judged_states import JudgedTurn
from nlp_lstm.scoring.scores import Table

LAST_POSITION = 11  # later turns are counted together


def by_position(judged: Sequence[JudgedTurn]) -> Table:
    """Joint goal accuracy at the first labelled turn of conversations, the second and so on."""
    turns: Counter[int] = Counter()
    right: Counter[int] = Counter()
    for turn in judged:
        position = min(turn.position, LAST_POSITION)
        turns[position] += 1
        right[position] += not turn.wrong
    rows = tuple(
        (
            f"{position}+" if position == LAST_POSITION else str(position),
            right[position] / turns[position],
            turns[position],
        )
        for position in sorted(turns)
    )
    return Table(
        "Joint goal accuracy by turn position", ("turn", "joint_goal_accuracy", "turns"), rows
    )


def by_domain(judged: Sequence[JudgedTurn]) -> Table | None:
    """Whether all slots of a domain are right, over the turns at which the labels fill one of them.

    Returns:
        None where slots belong to no domain: where no name has a hyphen.
    """
    turns: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for turn in judged:
        filled = {domain(slot) for slot in turn.gold} - {""}
        turns.update(filled)
        right.update(filled - {domain(slot) for slot in turn.wrong})
    if not turns:
        return None
    rows = tuple((name, right[name] / turns[name], turns[name]) for name in sorted(turns))
    return Table(
        "Joint goal accuracy by domain (its slots alone, turns with one filled)",
        ("domain", "joint_goal_accuracy", "turns"),
        rows,
    )


def domain(slot: str) -> str:
    """What a slot's name has before its first hyphen, or "" where it has none."""
    return slot.partition("-")[0] if "-" in slot else ""


def by_slot(judged: Sequence[JudgedTurn]) -> Table:
    """Accuracy over all turns and F1 over filled values, of each slot."""
    hits: Counter[str] = Counter()
    values: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for turn in judged:
        wrong.update(turn.wrong)
        for state in (turn.gold, turn.predicted):
            values.update({slot: len(held) for slot, held in state.items()})
        for slot, held in turn.gold.items():
            hits[slot] += len(held & turn.predicted.get(slot, frozenset()))
    rows = tuple(
        (slot, 1 - wrong[slot] / len(judged), 2 * hits[slot] / values[slot])
        for slot in sorted(values)
    )
    return Table("By slot", ("slot", "accuracy", "f1"), rows)
