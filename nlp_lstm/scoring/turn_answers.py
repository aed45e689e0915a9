"""What a task says of a turn as one answer, and whether it is right: what routing decides on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.component import Task
from nlp_lstm.scoring.judged_states import judged_turns, paired
from nlp_lstm.text.words import count_words


@dataclass(frozen=True, slots=True)
class TurnAnswer:
    """All that a task says of one labelled turn.

    Attributes:
        conversation: Number of its conversation.
        turn: Its index there.
        words: Of the conversation, up to the turn's end.
        confidence: Calibrated, that all of it is right; 1 where nothing is claimed.
        right: Whether all of it is: every slot; every span, and none missing; the class.
    """

    conversation: int
    turn: int
    words: int
    confidence: float
    right: bool


def turn_confidence(task: Task, labels: TurnLabels) -> float | None:
    """How sure a task is of all it says about a turn; None when it says nothing.

    Entities are as sure as their whole tagging is, and no surer than the least sure span, which a
    failed check may have shaken; a state as the probability that all of it is right; sentiment as
    its label.
    """
    if task == "states":
        return labels.state_confidence
    if task == "entities":
        parts = [span.confidence for span in labels.entities or ()]
        if labels.entities_confidence is not None:
            parts.append(labels.entities_confidence)
        return min(parts, default=None)
    return None if labels.sentiment is None else labels.sentiment.confidence


def turn_answers(
    task: Task,
    gold: Sequence[LabelledConversation],
    predicted: Sequence[Sequence[TurnLabels]],
) -> list[TurnAnswer]:
    """The answers to all turns that labels of the task can judge, in order.

    Raises:
        ValueError: Another number of conversations or turns.
    """
    words = [
        list(accumulate(count_words(turn.text) for turn in labelled.conversation.turns))
        for labelled in gold
    ]
    answers = []
    for number, turn, right in _judged(task, gold, predicted):
        sure = turn_confidence(task, predicted[number][turn])
        answers.append(
            TurnAnswer(number, turn, words[number][turn], 1.0 if sure is None else sure, right)
        )
    return answers


def _judged(
    task: Task,
    gold: Sequence[LabelledConversation],
    predicted: Sequence[Sequence[TurnLabels]],
) -> Iterator[tuple[int, int, bool]]:
    """Conversation, turn and whether everything said of it is right."""
    pairs = paired(gold, predicted)
    if task == "states":
        for one in judged_turns(pairs):
            yield one.conversation, one.turn, not one.wrong
        return
    agrees = _spans_agree if task == "entities" else _class_agrees
    for number, conversation in enumerate(pairs):
        for turn, (labels, said) in enumerate(conversation):
            right = agrees(labels, said)
            if right is not None:
                yield number, turn, right


def _spans_agree(labels: TurnLabels, said: TurnLabels) -> bool | None:
    if labels.entities is None:
        return None
    marked, found = (
        {(span.start, span.end, span.label) for span in one.entities or ()}
        for one in (labels, said)
    )
    return marked == found


def _class_agrees(labels: TurnLabels, said: TurnLabels) -> bool | None:
    gold, ours = labels.sentiment, said.sentiment
    if gold is None or gold.label is None or ours is None or ours.label is None:
        return None
    return gold.label == ours.label
