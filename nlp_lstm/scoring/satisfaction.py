"""How well customers' satisfaction is rated, and what an alarm on dissatisfaction is worth.

Ratings as in Sun et al. 2021: the mean recall of the five ratings, Cohen's kappa without weights,
Spearman's rho. The label is what most raters said, the lower of two that are equally many.
*Dissatisfied now* is a turn so labelled 1 or 2.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.scoring.calibration import expected_calibration_error
from nlp_lstm.scoring.scores import Scores, Table
from nlp_lstm.sentiment.alarm import Alarm

RATINGS = (1, 2, 3, 4, 5)
# Where a conversation says how most raters rated the whole.
OVERALL = "majority"
WORST_TO_DISSATISFIED = 2
# The share of dissatisfied turns at which precision is told.
RECALL = 0.5


@dataclass(frozen=True, slots=True)
class RatedTurn:
    """A customer's turn: how it was rated, and how a model rates it.

    Attributes:
        gold: From 1 to 5.
        said: From 1 to 5; None where the model rates nothing.
        satisfaction: Expected rating; None as well.
        frustration: Probability that it is dissatisfied.
        alarmed: Whether the alarm sounds at it.
    """

    gold: int
    said: int | None
    satisfaction: float | None
    frustration: float
    alarmed: bool


@dataclass(frozen=True, slots=True)
class RatedDialogue:
    """The rated turns of a dialogue in order, and how the whole was rated."""

    turns: Sequence[RatedTurn]
    overall: int


def are_rated(gold: Sequence[LabelledConversation]) -> bool:
    """Whether conversations carry a rating of the whole: of such are the figures below."""
    return bool(gold) and all(OVERALL in one.conversation.meta for one in gold)


def rated_dialogue(
    gold: LabelledConversation, predicted: Sequence[TurnLabels], threshold: float
) -> RatedDialogue:
    """A dialogue's rated turns, as a model that knows frustration rates them.

    Args:
        gold: With ratings as its turns' emotions, and that of the whole in its `meta`.
        predicted: One a turn.
        threshold: Strain from which the alarm sounds.
    """
    alarm = Alarm()
    turns: list[RatedTurn] = []
    for place, (right, guess) in enumerate(zip(gold.labels, predicted, strict=True)):
        said = guess.sentiment
        if said is None or said.frustration is None:
            continue
        alarm, event = alarm.heard(place, said.frustration, threshold)
        if right.sentiment is not None:
            rating = None if said.satisfaction is None else int(said.emotions[0].label)
            turns.append(
                RatedTurn(
                    gold=int(right.sentiment.emotions[0].label),
                    said=rating,
                    satisfaction=said.satisfaction,
                    frustration=said.frustration,
                    alarmed=event is not None,
                )
            )
    return RatedDialogue(turns, int(gold.conversation.meta[OVERALL]))


def score_satisfaction(dialogues: Sequence[RatedDialogue]) -> Scores:
    """All figures of a corpus' dialogues; none on ratings where the model rates nothing."""
    turns = [turn for dialogue in dialogues for turn in dialogue.turns]
    rated = [turn for turn in turns if turn.said is not None]
    bad = [turn.gold <= WORST_TO_DISSATISFIED for turn in turns]
    metrics = {**_agreement(rated), **_found(bad, [turn.frustration for turn in turns])}
    if turns:
        metrics |= early_warning(dialogues)
    counts = {"dialogues": len(dialogues), "turns": len(turns), "dissatisfied_turns": sum(bad)}
    protocol = (
        "majority rating (ties: the lower), recall averaged over five ratings, kappa unweighted; "
        "dissatisfied: majority 1 or 2"
    )
    return Scores(metrics, counts, protocol, (_confusion(rated),) if rated else ())


def _found(bad: Sequence[bool], frustration: Sequence[float]) -> dict[str, float]:
    """How well dissatisfied turns are told apart; nothing where all turns are alike."""
    if all(bad) or not any(bad):
        return {}
    base = sum(bad) / len(bad)
    precision = precision_at_recall(bad, frustration, RECALL)
    return {
        "dissatisfied_base_rate": base,
        "dissatisfied_precision_at_recall_0.5": precision,
        "dissatisfied_times_base_rate": precision / base,
        "dissatisfied_auroc": auroc(bad, frustration),
        "dissatisfied_ece": expected_calibration_error(frustration, bad),
    }


def _agreement(turns: Sequence[RatedTurn]) -> dict[str, float]:
    if not turns:
        return {}
    gold, said = [turn.gold for turn in turns], [turn.said or 0 for turn in turns]
    return {
        "unweighted_recall": unweighted_recall(gold, said),
        "kappa": cohen_kappa(gold, said),
        "spearman": spearman(gold, [turn.satisfaction or 0.0 for turn in turns]),
    }


def unweighted_recall(gold: Sequence[int], said: Sequence[int]) -> float:
    """Mean over the five ratings of their recall; one that never occurs has 0, as published."""
    right = Counter(g for g, s in zip(gold, said, strict=True) if g == s)
    of = Counter(gold)
    return sum(right[rating] / max(1, of[rating]) for rating in RATINGS) / len(RATINGS)


def cohen_kappa(gold: Sequence[int], said: Sequence[int]) -> float:
    """Agreement beyond chance, every disagreement as bad as any other; 0 where chance is all."""
    n = len(gold)
    agreed = sum(g == s for g, s in zip(gold, said, strict=True)) / n
    left, right = Counter(gold), Counter(said)
    chance = sum(left[rating] * right[rating] for rating in RATINGS) / n**2
    return (agreed - chance) / (1 - chance) if chance < 1 else 0.0


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Correlation of ranks, equals sharing their mean rank; 0 where one side is all equal."""
    a, b = _ranks(one), _ranks(other)
    mean = (len(a) + 1) / 2
    covariance = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    spread = sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)
    return covariance / spread**0.5 if spread else 0.0


def auroc(right: Sequence[bool], scores: Sequence[float]) -> float:
    """Probability that a right one scores higher than a wrong one.

    Raises:
        ValueError: All are right, or all wrong.
    """
    positives = sum(right)
    negatives = len(right) - positives
    if not positives or not negatives:
        raise ValueError(f"{positives} of {len(right)} are right: nothing to compare")
    ranks = sum(rank for rank, is_right in zip(_ranks(scores), right, strict=True) if is_right)
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def precision_at_recall(right: Sequence[bool], scores: Sequence[float], recall: float) -> float:
    """The best precision among all thresholds that find at least a share of the right ones.

    Raises:
        ValueError: Nothing is right.
    """
    positives = sum(right)
    if not positives:
        raise ValueError("nothing is right, so nothing can be found")
    best, found, taken = 0.0, 0, 0
    ordered = sorted(zip(scores, right, strict=True), reverse=True)
    for place, (score, is_right) in enumerate(ordered):
        found += is_right
        taken += 1
        # Equal scores fall on the same side of any threshold.
        if place + 1 < len(ordered) and ordered[place + 1][0] == score:
            continue
        if found >= recall * positives:
            best = max(best, found / taken)
    return best


def early_warning(dialogues: Sequence[RatedDialogue]) -> dict[str, float]:
    """Of dialogues rated 2 or lower: how many are caught, and how many customer turns remain then.

    An alarm at a dialogue's last turn has 0 turns left. Alarms in dialogues rated 3 or higher are
    false, counted per 100 of them: a dialogue that alarms at all, and every alarm.
    """
    poor = [d for d in dialogues if d.overall <= WORST_TO_DISSATISFIED]
    fair = [d for d in dialogues if d.overall > WORST_TO_DISSATISFIED]
    left = [len(d.turns) - 1 - first for d in poor if (first := _first_alarm(d)) is not None]
    false = [sum(turn.alarmed for turn in d.turns) for d in fair]
    return {
        "alarm_caught": len(left) / len(poor) if poor else 0.0,
        "alarm_turns_before_end": float(median(left)) if left else 0.0,
        "alarm_dialogues_per_100_satisfied": 100 * sum(map(bool, false)) / max(1, len(fair)),
        "alarm_events_per_100_satisfied": 100 * sum(false) / max(1, len(fair)),
        "alarm_poor_dialogues": float(len(poor)),
    }


def false_alarms(dialogues: Sequence[RatedDialogue]) -> float:
    """In how many of 100 dialogues rated 3 or higher the alarm sounds."""
    return early_warning(dialogues)["alarm_dialogues_per_100_satisfied"]


def _first_alarm(dialogue: RatedDialogue) -> int | None:
    return next((place for place, turn in enumerate(dialogue.turns) if turn.alarmed), None)


def _ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1, equal values sharing the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + 1 + end) / 2
        start = end
    return ranks


def _confusion(turns: Sequence[RatedTurn]) -> Table:
    pairs = Counter((turn.gold, turn.said) for turn in turns)
    rows: tuple[tuple[str | int | float, ...], ...] = tuple(
        (str(rated), *(pairs[rated, rating] for rating in RATINGS)) for rated in RATINGS
    )
    return Table("rated (rows) and said (columns)", ("", *map(str, RATINGS)), rows)
