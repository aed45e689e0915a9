"""How well a belief state is followed.

Joint goal accuracy as in Henderson et al. 2014 and the MultiWOZ leaderboard: the share of all
labelled customer turns after which every slot is right, empty slots included, values compared as
strings. Predictions go on from the tracker's own state, from an empty start.
"""

from collections.abc import Sequence

from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.scoring.judged_states import JudgedTurn, Pairs, judged_turns, paired
from nlp_lstm.scoring.scores import Scores
from nlp_lstm.scoring.state_errors import errors_by_cause, errors_by_slot, new_errors
from nlp_lstm.scoring.state_tables import by_domain, by_position, by_slot

PROTOCOL = (
    "all turns with a labelled state; joint goal: every slot equal as a string, empty slots and "
    "don't-care included, carried from the model's own state; slot F1: micro over filled slots"
)
QUIET_PROTOCOL = "no labelled states: changes of the predicted state, over all turns"


def score_states(
    gold: Sequence[LabelledConversation], predicted: Sequence[Sequence[TurnLabels]]
) -> Scores:
    """Compare predicted belief states with labelled ones.

    Args:
        gold: A corpus. Turns without a labelled state (the other side's) are not judged; where no
            turn has one, only how often the state changes is counted. A slot with several values
            is right when all of them are, in any order.
        predicted: One list a conversation, one `TurnLabels` a turn.

    Raises:
        ValueError: Another number of conversations or turns.
    """
    pairs = paired(gold, predicted)
    turns = sum(len(conversation) for conversation in pairs)
    changes = sum(len(said.changes or ()) for conversation in pairs for _, said in conversation)
    metrics = {"changes_per_100_turns": 100 * changes / turns if turns else 0.0}
    counts = {"conversations": len(gold), "turns": turns, "changes": changes}
    judged = judged_turns(pairs)
    if not judged:
        return Scores(metrics, counts, QUIET_PROTOCOL)
    slots = len({slot for turn in judged for slot in turn.gold.keys() | turn.predicted.keys()})
    wrong = sum(len(turn.wrong) for turn in judged)
    figures = {
        "joint_goal_accuracy": sum(not turn.wrong for turn in judged) / len(judged),
        "slot_accuracy": 1 - wrong / (len(judged) * slots) if slots else 1.0,
        "slot_f1": slot_f1(judged),
        **request_scores(pairs),
        **metrics,
    }
    errors = list(new_errors(judged))
    tables = (
        by_position(judged),
        by_domain(judged),
        by_slot(judged),
        errors_by_cause(errors, len(judged)),
        errors_by_slot(errors),
    )
    counts = {**counts, "labelled_turns": len(judged), "slots": slots}
    return Scores(figures, counts, PROTOCOL, tuple(table for table in tables if table is not None))


def slot_f1(judged: Sequence[JudgedTurn]) -> float:
    """Micro F1 over the values that slots hold; 1 where neither side holds any."""
    held = [len(values) for t in judged for s in (t.gold, t.predicted) for values in s.values()]
    return 2 * sum(turn.hits for turn in judged) / sum(held) if held else 1.0


def request_scores(pairs: Pairs) -> dict[str, float]:
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
