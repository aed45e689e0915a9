"""Strict span scores of entities: a span counts where start, end and label are all right."""

from collections import Counter
from collections.abc import Sequence

from corpora.labels import EntitySpan, LabelledConversation, TurnLabels
from nlp_lstm.scoring.calibration import expected_calibration_error
from nlp_lstm.scoring.scores import Scores, Table

PROTOCOL = (
    "strict spans: start, end and label all equal, offsets in characters, micro-averaged over "
    "all labels and turns"
)
# Turns of a conversation, counted from 1, that are scored together: [from, to].
POSITIONS = ((1, 2), (3, 4), (5, 8), (9, 16), (17, 10**9))


def score_entities(
    gold: Sequence[LabelledConversation], predicted: Sequence[Sequence[TurnLabels]]
) -> Scores:
    """Compare predicted spans with gold ones.

    Args:
        gold: Turns whose `entities` is None were not labelled and are not scored.
        predicted: One list a conversation, one `TurnLabels` a turn.

    Returns:
        `span_precision`, `span_recall`, `span_f1` over everything, by label and by turn position;
        `ece`, how far the confidences of the predicted spans lie from their share of right ones.

    Raises:
        ValueError: The two do not belong to the same turns.
    """
    if len(gold) != len(predicted):
        raise ValueError(f"{len(predicted)} predictions for {len(gold)} conversations")
    tally = _Tally()
    by_label: dict[str, _Tally] = {}
    by_position = [_Tally() for _ in POSITIONS]
    turns = 0
    confidences: list[float] = []
    right: list[bool] = []
    for labelled, answers in zip(gold, predicted, strict=True):
        if len(labelled.labels) != len(answers):
            name = labelled.conversation.id
            raise ValueError(f"{len(answers)} answers for {len(labelled.labels)} turns in {name!r}")
        for number, (truth, answer) in enumerate(
            zip(labelled.labels, answers, strict=True), start=1
        ):
            if truth.entities is None:
                continue
            turns += 1
            wanted, found = _keys(truth.entities), _keys(answer.entities or ())
            for span in answer.entities or ():
                confidences.append(span.confidence)
                right.append((span.start, span.end, span.label) in wanted)
            place = next(i for i, (_, last) in enumerate(POSITIONS) if number <= last)
            tally.add(wanted, found)
            by_position[place].add(wanted, found)
            for label in {label for _, _, label in wanted | found}:
                by_label.setdefault(label, _Tally()).add(
                    {key for key in wanted if key[2] == label},
                    {key for key in found if key[2] == label},
                )
    precision, recall, f1 = tally.scores()
    return Scores(
        metrics={
            "span_precision": precision,
            "span_recall": recall,
            "span_f1": f1,
            "ece": expected_calibration_error(confidences, right),
        },
        counts={
            "conversations": len(gold),
            "turns": turns,
            "spans": tally.counts["gold"],
            "predicted_spans": tally.counts["found"],
        },
        protocol=PROTOCOL,
        tables=(
            Table(
                "By turn position",
                ("turns", "spans", "precision", "recall", "f1"),
                tuple(
                    (_position(first, last), cell.counts["gold"], *cell.scores())
                    for (first, last), cell in zip(POSITIONS, by_position, strict=True)
                    if cell.counts
                ),
            ),
            Table(
                "By label",
                ("label", "spans", "precision", "recall", "f1"),
                tuple(
                    (label, cell.counts["gold"], *cell.scores())
                    for label, cell in sorted(
                        by_label.items(), key=lambda entry: (-entry[1].counts["gold"], entry[0])
                    )
                ),
            ),
        ),
    )


Key = tuple[int, int, str]


class _Tally:
    """Counts of gold, found and rightly found spans."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, wanted: set[Key], found: set[Key]) -> None:
        if wanted or found:
            self.counts["gold"] += len(wanted)
            self.counts["found"] += len(found)
            self.counts["right"] += len(wanted & found)

    def scores(self) -> tuple[float, float, float]:
        """Precision, recall and F1; 0 where there is nothing to divide by."""
        gold, found, right = (self.counts[name] for name in ("gold", "found", "right"))
        precision = right / found if found else 0.0
        recall = right / gold if gold else 0.0
        return precision, recall, 2 * right / (gold + found) if gold + found else 0.0


def _keys(spans: Sequence[EntitySpan]) -> set[Key]:
    return {(span.start, span.end, span.label) for span in spans}


def _position(first: int, last: int) -> str:
    return f"{first} to {last}" if last < POSITIONS[-1][1] else f"{first} and later"
