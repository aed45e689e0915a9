"""How well a belief state is followed.

Joint goal accuracy as in Henderson et al. 2014 and the MultiWOZ leaderboard: the share of all
labelled customer turns after which every slot is right, empty slots included, values compared as
strings. Predictions go on from the tracker's own state, from an empty start.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.scoring.scores import Scores, Table

PROTOCOL = (
    "all turns with a labelled state; joint goal: every slot equal as a string, empty slots and "
    "don't-care included, carried from the model's own state; slot F1: micro over filled slots"
)
QUIET_PROTOCOL = "no labelled states: changes of the predicted state, over all turns"
LAST_POSITION = 11  # later turns are counted together


@dataclass(frozen=True, slots=True)
class _Judged:
    """One labelled turn: its position among them, and both states."""

    position: int
    gold: Mapping[str, str]
    predicted: Mapping[str, str]

    @property
    def right(self) -> bool:
        return self.gold == self.predicted

    @property
    def hits(self) -> int:
        return len(self.gold.items() & self.predicted.items())


def score_states(
    gold: Sequence[LabelledConversation], predicted: Sequence[Sequence[TurnLabels]]
) -> Scores:
    """Compare predicted belief states with labelled ones.

    Args:
        gold: A corpus. Turns without a labelled state (the other side's) are not judged; where no
            turn has one, only how often the state changes is counted.
        predicted: One list a conversation, one `TurnLabels` a turn.

    Raises:
        ValueError: Another number of conversations or turns.
    """
    pairs = _paired(gold, predicted)
    turns = sum(len(conversation) for conversation in pairs)
    changes = sum(len(said.changes or ()) for conversation in pairs for _, said in conversation)
    metrics = {"changes_per_100_turns": 100 * changes / turns if turns else 0.0}
    counts = {"conversations": len(gold), "turns": turns, "changes": changes}
    judged = [turn for conversation in pairs for turn in _judged(conversation)]
    if not judged:
        return Scores(metrics, counts, QUIET_PROTOCOL)
    slots = {slot for turn in judged for slot in turn.gold}
    slots |= {slot for turn in judged for slot in turn.predicted}
    hits = sum(turn.hits for turn in judged)
    said = sum(len(turn.predicted) for turn in judged)
    true = sum(len(turn.gold) for turn in judged)
    figures = {
        "joint_goal_accuracy": sum(turn.right for turn in judged) / len(judged),
        "slot_accuracy": _slot_accuracy(judged, len(slots)),
        "slot_f1": 2 * hits / (said + true) if said + true else 1.0,
        **_requests(pairs),
        **metrics,
    }
    counts = {**counts, "labelled_turns": len(judged), "slots": len(slots)}
    return Scores(figures, counts, PROTOCOL, (_by_position(judged), _by_slot(judged)))


def _paired(
    gold: Sequence[LabelledConversation], predicted: Sequence[Sequence[TurnLabels]]
) -> list[list[tuple[TurnLabels, TurnLabels]]]:
    if len(gold) != len(predicted):
        raise ValueError(f"{len(predicted)} predictions for {len(gold)} conversations")
    for labelled, labels in zip(gold, predicted, strict=True):
        if len(labelled.labels) != len(labels):
            raise ValueError(
                f"{len(labels)} predictions for {len(labelled.labels)} turns in "
                f"{labelled.conversation.id!r}"
            )
    return [
        list(zip(labelled.labels, labels, strict=True))
        for labelled, labels in zip(gold, predicted, strict=True)
    ]


def _judged(conversation: Sequence[tuple[TurnLabels, TurnLabels]]) -> list[_Judged]:
    labelled = [(right, said) for right, said in conversation if right.state is not None]
    return [
        _Judged(position, _state(right), _state(said))
        for position, (right, said) in enumerate(labelled, start=1)
    ]


def _state(labels: TurnLabels) -> dict[str, str]:
    return {held.slot: held.value for held in labels.state or ()}


def _slot_accuracy(judged: Sequence[_Judged], slots: int) -> float:
    """Mean share of equal slots; a slot that is empty on both sides is equal."""
    wrong = sum(
        turn.gold.get(slot) != turn.predicted.get(slot)
        for turn in judged
        for slot in turn.gold.keys() | turn.predicted.keys()
    )
    return 1 - wrong / (len(judged) * slots) if slots else 1.0


def _requests(pairs: Sequence[Sequence[tuple[TurnLabels, TurnLabels]]]) -> dict[str, float]:
    """Requested slots, where the corpus labels them: micro F1 and turns with all of them right."""
    labelled = [
        (set(right.requests), set(said.requests or ()))
        for conversation in pairs
        for right, said in conversation
        if right.requests is not None
    ]
    if not any(right for right, _ in labelled):
        return {}
    hits = sum(len(right & said) for right, said in labelled)
    both = sum(len(right) + len(said) for right, said in labelled)
    return {
        "request_f1": 2 * hits / both,
        "request_accuracy": sum(right == said for right, said in labelled) / len(labelled),
    }


def _by_position(judged: Sequence[_Judged]) -> Table:
    turns: Counter[int] = Counter()
    right: Counter[int] = Counter()
    for turn in judged:
        position = min(turn.position, LAST_POSITION)
        turns[position] += 1
        right[position] += turn.right
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


def _by_slot(judged: Sequence[_Judged]) -> Table:
    hits: Counter[str] = Counter()
    said: Counter[str] = Counter()
    true: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for turn in judged:
        said.update(turn.predicted.keys())
        true.update(turn.gold.keys())
        hits.update(slot for slot, _ in turn.gold.items() & turn.predicted.items())
        wrong.update(
            slot
            for slot in turn.gold.keys() | turn.predicted.keys()
            if turn.gold.get(slot) != turn.predicted.get(slot)
        )
    rows = tuple(
        (slot, 1 - wrong[slot] / len(judged), 2 * hits[slot] / (said[slot] + true[slot]))
        for slot in sorted(said.keys() | true.keys())
    )
    return Table("By slot", ("slot", "accuracy", "f1"), rows)
