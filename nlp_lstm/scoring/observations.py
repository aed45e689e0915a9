"""How good a model was at each labelled turn, and how much it had read by then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from corpora.labels import LabelledConversation, Sentiment, TurnLabels
from nlp_lstm.component import Task
from nlp_lstm.scoring.judged_states import judged_turns, paired
from nlp_lstm.text.words import count_words

# What `Observation.share` sums up to, by task.
FIGURES: dict[Task, str] = {
    "states": "joint_goal_accuracy",
    "entities": "span_f1",
    "sentiment": "accuracy",
}


@dataclass(frozen=True, slots=True)
class Observation:
    """One labelled turn.

    A figure over turns is the sum of their parts over the sum of their wholes.

    Attributes:
        conversation: Number of its conversation.
        turn: Its index there.
        words: Of the conversation, up to its end.
        part: What was right: 1 for a right state or class, twice the right spans.
        whole: Out of what: 1, or the spans that were marked and those that were found.
    """

    conversation: int
    turn: int
    words: int
    part: float
    whole: float


def observations(
    task: Task,
    gold: Sequence[LabelledConversation],
    predicted: Sequence[Sequence[TurnLabels]],
) -> list[Observation]:
    """The turns that labels of the task can judge, in order.

    A turn without any span, marked or found, is no observation: F1 has no place for it. Where only
    emotions are labelled, the likeliest emotion is right if it is one of them.

    Raises:
        ValueError: Another number of conversations or turns.
    """
    pairs = paired(gold, predicted)
    words = [
        list(accumulate(count_words(turn.text) for turn in labelled.conversation.turns))
        for labelled in gold
    ]
    return [
        Observation(number, turn, words[number][turn], part, whole)
        for number, turn, part, whole in _judged(task, pairs)
        if whole
    ]


def _judged(
    task: Task, pairs: Sequence[Sequence[tuple[TurnLabels, TurnLabels]]]
) -> Iterator[tuple[int, int, float, float]]:
    if task == "states":
        for one in judged_turns([list(pair) for pair in pairs]):
            yield one.conversation, one.turn, float(not one.wrong), 1.0
        return
    judge = _spans if task == "entities" else _feeling
    for number, conversation in enumerate(pairs):
        for turn, (labels, said) in enumerate(conversation):
            yield number, turn, *judge(labels, said)


def _spans(labels: TurnLabels, said: TurnLabels) -> tuple[float, float]:
    if labels.entities is None:
        return 0.0, 0.0
    marked, found = (
        {(span.start, span.end, span.label) for span in one.entities or ()}
        for one in (labels, said)
    )
    return 2.0 * len(marked & found), float(len(marked) + len(found))


def _feeling(labels: TurnLabels, said: TurnLabels) -> tuple[float, float]:
    gold, ours = labels.sentiment, said.sentiment or Sentiment(None)
    if gold is None:
        return 0.0, 0.0
    if gold.label is not None:
        return float(gold.label == ours.label), 1.0
    if not gold.emotions:
        return 0.0, 0.0
    felt = {emotion.label for emotion in gold.emotions}
    return float(bool(ours.emotions) and ours.emotions[0].label in felt), 1.0
