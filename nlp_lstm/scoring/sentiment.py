"""How well turns' emotions and three-way sentiments are named.

F1 as in scikit-learn with `zero_division=0`: of every label over all turns; *macro* is the mean
over the scheme's labels, *weighted* the mean weighted by how often each is right, *micro* counts
all labels' hits together. With one label a turn micro F1 equals accuracy.
"""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

from corpora.labels import LabelledConversation, Sentiment, TurnLabels
from nlp_lstm.scoring.calibration import expected_calibration_error
from nlp_lstm.scoring.scores import Scores, Table

THREE_WAY_LABELS = ("negative", "neutral", "positive")
NO_GROUPS: Mapping[str, str] = MappingProxyType({})
# What corpora call a turn without emotion: where nearly all turns are so, papers leave it out.
NEUTRAL = frozenset({"neutral", "no emotion"})
# A label is judged together with its turn's position up to here; beyond, together.
POSITIONS = ((0, 0), (1, 2), (3, 5), (6, 10), (11, 20), (21, None))


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """Hits and misses of one label."""

    label: str
    hits: int
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        """Share of what was said that is right; 0 where nothing was said."""
        return self.hits / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of what is right that was said; 0 where there is nothing."""
        return self.hits / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both: 2 hits / (predicted + gold)."""
        both = self.predicted + self.gold
        return 2 * self.hits / both if both else 0.0


def count_labels(
    gold: Sequence[Set[str]], predicted: Sequence[Set[str]], labels: Sequence[str]
) -> list[LabelCounts]:
    """Hits and misses of each label over turns that carry one or more.

    Raises:
        ValueError: The two differ in length, or a label is unknown.
    """
    if len(gold) != len(predicted):
        raise ValueError(f"{len(predicted)} predictions for {len(gold)} turns")
    said = Counter(chain.from_iterable(predicted))
    right = Counter(chain.from_iterable(gold))
    unknown = (said.keys() | right.keys()) - set(labels)
    if unknown:
        raise ValueError(f"labels {sorted(unknown)} are none of {list(labels)}")
    hits = Counter(chain.from_iterable(g & p for g, p in zip(gold, predicted, strict=True)))
    return [LabelCounts(label, hits[label], said[label], right[label]) for label in labels]


def label_metrics(
    gold: Sequence[Set[str]], predicted: Sequence[Set[str]], labels: Sequence[str]
) -> dict[str, float]:
    """`macro_f1`, `weighted_f1`, `micro_f1` and `accuracy` (all of a turn's labels right).

    Where one of the labels says that there is no emotion, also `micro_f1_without_neutral`.
    """
    counts = count_labels(gold, predicted, labels)
    support = sum(count.gold for count in counts)
    total = _together(counts)
    exact = sum(g == p for g, p in zip(gold, predicted, strict=True))
    felt = [count for count in counts if count.label not in NEUTRAL]
    without = {"micro_f1_without_neutral": _together(felt).f1} if len(felt) < len(counts) else {}
    return {
        "macro_f1": sum(count.f1 for count in counts) / len(counts),
        "weighted_f1": sum(c.f1 * c.gold for c in counts) / support if support else 0.0,
        "micro_f1": total.f1,
        **without,
        "accuracy": exact / len(gold) if gold else 0.0,
    }


def _together(counts: Sequence[LabelCounts]) -> LabelCounts:
    return LabelCounts(
        "all",
        sum(count.hits for count in counts),
        sum(count.predicted for count in counts),
        sum(count.gold for count in counts),
    )


def score_sentiment(
    gold: Sequence[LabelledConversation],
    predicted: Sequence[Sequence[TurnLabels]],
    *,
    labels: Sequence[str] = (),
    decision: str = "",
    groups: Mapping[str, str] = NO_GROUPS,
) -> Scores:
    """Compare predicted emotions and three-way sentiments with a corpus' labels.

    Args:
        gold: The corpus; turns without a label are left out.
        predicted: One list a conversation, one `TurnLabels` a turn.
        labels: The scheme's, all of them: one that never occurs counts as F1 0 in the macro mean.
            None where the model has no head for the corpus' labels: then only the three-way
            sentiment is judged.
        decision: In words, how a prediction is decided; becomes part of the protocol.
        groups: Group of each label, where the publisher groups them; a turn is of every group
            that one of its labels is of, and groups are judged as labels are.

    Raises:
        ValueError: Another number of conversations or turns, or a label that is none of `labels`.
    """
    pairs = _paired(gold, predicted)
    three_way = [
        (right.label, said.label, said.confidence)
        for _, right, said in pairs
        if right.label is not None and said.label is not None
    ]
    metrics = _three_way_metrics(three_way)
    counts = {"conversations": len(gold), "three_way_turns": len(three_way)}
    protocol = "three-way sentiment where gold has one; F1 with zero division 0"
    if not labels:
        return Scores(metrics, counts, protocol)
    named = [
        (position, _emotions(right), said) for position, right, said in pairs if right.emotions
    ]
    right_sets = [right for _, right, _ in named]
    said_sets = [_emotions(said) for _, _, said in named]
    judged = [
        (emotion.confidence, emotion.label in right)
        for _, right, said in named
        for emotion in said.emotions
    ]
    metrics = {
        **label_metrics(right_sets, said_sets, labels),
        "ece": expected_calibration_error([c for c, _ in judged], [is_so for _, is_so in judged]),
        **metrics,
    }
    grouped = _grouped(right_sets, said_sets, groups)
    metrics |= grouped
    tables = (
        _label_table(count_labels(right_sets, said_sets, labels)),
        _position_table([position for position, _, _ in named], right_sets, said_sets, labels),
    )
    protocol = f"{len(labels)} labels, {decision}; {protocol}"
    if grouped:
        protocol += f"; {len(set(groups.values()))} groups, those of the labels said"
    return Scores(metrics, {"turns": len(named), **counts}, protocol, tables)


def _paired(
    gold: Sequence[LabelledConversation], predicted: Sequence[Sequence[TurnLabels]]
) -> list[tuple[int, Sentiment, Sentiment]]:
    """Position, gold and prediction of every turn that has both."""
    if len(gold) != len(predicted):
        raise ValueError(f"{len(predicted)} predictions for {len(gold)} conversations")
    return [
        (position, right.sentiment, said.sentiment)
        for labelled, turns in zip(gold, predicted, strict=True)
        for position, (right, said) in enumerate(zip(labelled.labels, turns, strict=True))
        if right.sentiment is not None and said.sentiment is not None
    ]


def _emotions(sentiment: Sentiment) -> frozenset[str]:
    return frozenset(emotion.label for emotion in sentiment.emotions)


def _grouped(
    gold: Sequence[frozenset[str]],
    predicted: Sequence[frozenset[str]],
    groups: Mapping[str, str],
) -> dict[str, float]:
    """F1 of the groups that labels belong to; nothing where they are not grouped."""
    if not groups:
        return {}
    right, said = (
        [frozenset(groups[label] for label in labels) for labels in turns]
        for turns in (gold, predicted)
    )
    metrics = label_metrics(right, said, sorted(set(groups.values())))
    return {f"group_{name}": metrics[name] for name in ("macro_f1", "weighted_f1", "micro_f1")}


def _three_way_metrics(answers: Sequence[tuple[str, str, float]]) -> dict[str, float]:
    right = [frozenset((label,)) for label, _, _ in answers]
    said = [frozenset((label,)) for _, label, _ in answers]
    metrics = label_metrics(right, said, THREE_WAY_LABELS)
    return {
        "three_way_macro_f1": metrics["macro_f1"],
        "three_way_weighted_f1": metrics["weighted_f1"],
        "three_way_accuracy": metrics["accuracy"],
        "three_way_ece": expected_calibration_error(
            [confidence for _, _, confidence in answers],
            [label == guess for label, guess, _ in answers],
        ),
    }


def _label_table(counts: Sequence[LabelCounts]) -> Table:
    rows = tuple(
        (
            count.label,
            count.gold,
            round(count.precision, 3),
            round(count.recall, 3),
            round(count.f1, 3),
        )
        for count in counts
    )
    return Table("by label", ("label", "turns", "precision", "recall", "f1"), rows)


def _position_table(
    positions: Sequence[int],
    gold: Sequence[frozenset[str]],
    predicted: Sequence[frozenset[str]],
    labels: Sequence[str],
) -> Table:
    rows = []
    for first, last in POSITIONS:
        held = [
            index
            for index, position in enumerate(positions)
            if first <= position and (last is None or position <= last)
        ]
        if held:
            metrics = label_metrics([gold[i] for i in held], [predicted[i] for i in held], labels)
            title = f"{first}" if first == last else f"{first} to {last or 'the end'}"
            rows.append(
                (
                    title,
                    len(held),
                    round(metrics["weighted_f1"], 3),
                    round(metrics["micro_f1"], 3),
                )
            )
    return Table("by turn position", ("turns", "count", "weighted_f1", "micro_f1"), tuple(rows))
