"""Every answer of a model beside what was right: what all measures of trust read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.component import Task
from nlp_lstm.scoring.judged_states import judged_turns, paired

WHOLE_STATE = "whole state"
WHOLE_TURN = "whole turn"


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that a model said, and whether it was right.

    Attributes:
        kind: What sort of answer, in the plural: `spans`, `whole turns`, `changes`, `whole
            states`, `classes` or `emotions`.
        label: What was said: a span's label, a change's slot, a class, an emotion.
        conversation: Number of its conversation.
        position: Of its turn in the conversation, from 1.
        confidence: The model's, calibrated.
        right: Whether the labels agree.
    """

    kind: str
    label: str
    conversation: int
    position: int
    confidence: float
    right: bool


def judged_answers(
    task: Task,
    gold: Sequence[LabelledConversation],
    predicted: Sequence[Sequence[TurnLabels]],
) -> list[Answer]:
    """The answers in all turns that carry labels of the task.

    A span is right where one of the same place and label was marked; a whole turn where all of its
    spans are and no other was marked; a change of a slot where
    the slot holds the labelled value then; a whole state where every slot does; an emotion where
    it is among the labelled ones.

    Raises:
        ValueError: Another number of conversations or turns.
    """
    pairs = paired(gold, predicted)
    match task:
        case "states":
            return [
                answer
                for turn in judged_turns(pairs)
                for answer in _of_state(
                    turn.conversation,
                    turn.turn,
                    pairs[turn.conversation][turn.turn][1],
                    frozenset(turn.wrong),
                )
            ]
        case "entities":
            judged = _of_entities
        case "sentiment":
            judged = _of_sentiment
    return [
        answer
        for number, conversation in enumerate(pairs)
        for turn, (labels, said) in enumerate(conversation)
        for answer in judged(number, turn, labels, said)
    ]


def _of_state(number: int, turn: int, said: TurnLabels, wrong: frozenset[str]) -> Iterator[Answer]:
    for change in said.changes or ():
        right = change.slot not in wrong
        yield Answer("changes", change.slot, number, turn + 1, change.confidence, right)
    if said.state_confidence is not None:
        yield Answer(
            "whole states", WHOLE_STATE, number, turn + 1, said.state_confidence, not wrong
        )


def _of_entities(number: int, turn: int, labels: TurnLabels, said: TurnLabels) -> Iterator[Answer]:
    if labels.entities is None:
        return
    marked = {(span.start, span.end, span.label) for span in labels.entities}
    for span in said.entities or ():
        right = (span.start, span.end, span.label) in marked
        yield Answer("spans", span.label, number, turn + 1, span.confidence, right)
    if said.entities_confidence is not None:
        found = {(span.start, span.end, span.label) for span in said.entities or ()}
        sure = said.entities_confidence
        yield Answer("whole turns", WHOLE_TURN, number, turn + 1, sure, found == marked)


def _of_sentiment(number: int, turn: int, labels: TurnLabels, said: TurnLabels) -> Iterator[Answer]:
    gold, ours = labels.sentiment, said.sentiment
    if gold is None or ours is None:
        return
    if gold.label is not None and ours.label is not None:
        right = gold.label == ours.label
        yield Answer("classes", ours.label, number, turn + 1, ours.confidence, right)
    felt = {emotion.label for emotion in gold.emotions}
    for emotion in ours.emotions if felt else ():
        right = emotion.label in felt
        yield Answer("emotions", emotion.label, number, turn + 1, emotion.confidence, right)
