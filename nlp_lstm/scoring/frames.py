"""How well the states of many services are followed, as Schema-Guided Dialogue measures it.

Rastogi et al. 2020 (arXiv 1909.05855): each service that a customer's turn is about is a frame, and
is judged alone. *Joint goal accuracy* is the mean over frames of whether all slots of the service
are right, *average goal accuracy* the mean over frames of the share of labelled slots that are.
The published scorer gives a slot whose values nobody lists as much as its value is like the label
(`fuzzy.py`) and multiplies; that is reported as `…_fuzzy`, beside the exact figure.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from nlp_lstm.scoring.fuzzy import best_likeness
from nlp_lstm.scoring.judged_states import JudgedTurn, judged_turns, paired
from nlp_lstm.scoring.scores import Scores, Table
from nlp_lstm.scoring.state_errors import errors_by_cause, errors_by_slot, new_errors
from nlp_lstm.scoring.state_tables import by_position
from nlp_lstm.scoring.states import request_scores, slot_f1

PROTOCOL = (
    "frames: each service a customer's turn is about; all its slots right (joint), share of its "
    "labelled slots right (average); case and blanks aside, any listed spelling; fuzzy as the "
    "published scorer"
)
COLUMNS = ("joint_goal_accuracy", "average_goal_accuracy")
FUZZY = tuple(f"{name}_fuzzy" for name in COLUMNS)


@dataclass(frozen=True, slots=True)
class Frame:
    """One service at one turn: a score from 0 to 1 for each slot that either side fills.

    Attributes:
        service: Which.
        exact: Right or not, by slot.
        fuzzy: The published scorer's, by slot.
        labelled: The slots that the labels fill.
    """

    service: str
    exact: dict[str, float]
    fuzzy: dict[str, float]
    labelled: frozenset[str]


def has_frames(gold: Sequence[LabelledConversation]) -> bool:
    """Whether turns name their services, and slots are named after services."""
    services = {
        name for labelled in gold for name in labelled.conversation.meta.get("services", ())
    }
    slots = (
        held.slot for labelled in gold for labels in labelled.labels for held in labels.state or ()
    )
    return bool(services) and all(service(slot) in services for slot in slots)


def service(slot: str) -> str:
    """The service that a slot belongs to: `Restaurants_1` of `Restaurants_1-city`."""
    return slot.partition("-")[0]


def score_frames(
    gold: Sequence[LabelledConversation],
    predicted: Sequence[Sequence[TurnLabels]],
    *,
    categorical: Collection[str] = (),
    trained: Collection[str] | None = None,
) -> Scores:
    """Compare predicted states with labelled ones, service by service.

    Args:
        gold: A corpus whose customers' turns name their services in `meta["services"]`.
        predicted: One list a conversation, one `TurnLabels` a turn.
        categorical: Slots whose values are listed: those are right or wrong, never alike.
        trained: The services that the tracker learnt from; None calls all of them seen.

    Raises:
        ValueError: Another number of conversations or turns.
    """
    pairs = paired(gold, predicted)
    judged = judged_turns(pairs, _collapsed)
    frames = list(_frames(gold, predicted, judged, frozenset(categorical)))
    seen = [frame for frame in frames if trained is None or frame.service in trained]
    unseen = [frame for frame in frames if trained is not None and frame.service not in trained]
    groups = {"": frames, "_seen": seen, "_unseen": unseen}
    metrics = {
        f"{name}{suffix}": value
        for suffix, group in groups.items()
        if group and (suffix == "" or trained is not None)
        for name, value in _figures(group).items()
    }
    changes = sum(len(said.changes or ()) for pair in pairs for _, said in pair)
    turns = sum(map(len, pairs))
    metrics |= {
        "slot_f1": slot_f1(judged),
        **request_scores(pairs),
        "changes_per_100_turns": 100 * changes / turns if turns else 0.0,
    }
    counts = {
        "conversations": len(gold),
        "turns": turns,
        "labelled_turns": len(judged),
        "frames": len(frames),
        "services": len({frame.service for frame in frames}),
    }
    errors = list(new_errors(judged))
    tables = (
        _by_service(frames),
        by_position(judged),
        errors_by_cause(errors, max(1, len(judged))),
        errors_by_slot(errors),
    )
    return Scores(metrics, counts, PROTOCOL, tables)


def _frames(
    gold: Sequence[LabelledConversation],
    predicted: Sequence[Sequence[TurnLabels]],
    judged: Iterable[JudgedTurn],
    categorical: frozenset[str],
) -> Iterator[Frame]:
    for turn in judged:
        labelled = gold[turn.conversation]
        right = _by_slot(labelled.labels[turn.turn].state)
        said = _by_slot(predicted[turn.conversation][turn.turn].state)
        for name in labelled.conversation.turns[turn.turn].meta.get("services", ()):
            slots = [s for s in turn.gold.keys() | turn.predicted.keys() if service(s) == name]
            exact = {slot: float(slot not in turn.wrong) for slot in slots}
            fuzzy = {
                slot: exact[slot]
                if exact[slot] or slot in categorical
                else _alike(right.get(slot, ()), said.get(slot, ()))
                for slot in slots
            }
            yield Frame(name, exact, fuzzy, frozenset(slots) & turn.gold.keys())


def _by_slot(state: Sequence[SlotValue] | None) -> dict[str, list[SlotValue]]:
    slots: dict[str, list[SlotValue]] = defaultdict(list)
    for one in state or ():
        slots[one.slot].append(one)
    return slots


def _alike(right: Sequence[SlotValue], said: Sequence[SlotValue]) -> float:
    """How alike what two sides hold is; several values are each met by the best of the other's."""
    if not right or not said:
        return 0.0
    spellings = [(one.value, *one.also) for one in right]
    met = [best_likeness([one.value], sum(spellings, ())) for one in said]
    found = [best_likeness([one.value for one in said], spelt) for spelt in spellings]
    return min(*met, *found)


def _figures(frames: Sequence[Frame]) -> dict[str, float]:
    """Both accuracies, exact and fuzzy, as means over frames."""
    figures: dict[str, float] = {}
    for names, scored in (
        (COLUMNS, [(frame.exact, frame.labelled) for frame in frames]),
        (FUZZY, [(frame.fuzzy, frame.labelled) for frame in frames]),
    ):
        joint = [prod(slots.values()) for slots, _ in scored]
        average = [
            sum(slots[s] for s in filled) / len(filled) for slots, filled in scored if filled
        ]
        figures[names[0]] = sum(joint) / len(joint) if joint else 1.0
        figures[names[1]] = sum(average) / len(average) if average else 1.0
    return figures


def _by_service(frames: Sequence[Frame]) -> Table:
    apart: dict[str, list[Frame]] = defaultdict(list)
    for frame in frames:
        apart[frame.service].append(frame)
    rows: list[tuple[str | int | float, ...]] = []
    for name in sorted(apart):
        figures = _figures(apart[name])
        rows.append((name, *[figures[column] for column in (*COLUMNS, *FUZZY)], len(apart[name])))
    columns = ("service", "joint", "average", "joint fuzzy", "average fuzzy", "frames")
    return Table("By service", columns, tuple(rows))


def _collapsed(value: str) -> str:
    return " ".join(value.casefold().split())
