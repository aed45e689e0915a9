"""What the components say of a turn, put together, and what needs more than one of them.

What a model says in a language that it does not know has confidence 0, and the moods of the
speakers are followed. Whole conversations and single turns go the same way.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from corpora.conversation import Turn
from corpora.labels import Sentiment, TurnLabels
from nlp_lstm.component import TASKS, Task
from nlp_lstm.text.language import START, heard, is_foreign
from nlp_lstm.text.words import count_words
from pipelines.annotation import TurnAnnotation
from pipelines.tracking import Mood, Moods, followed, speaker_of

_NOTHING = TurnLabels()


@dataclass(frozen=True, slots=True)
class Course:
    """How far a conversation has come, besides what its components remember.

    Attributes:
        turns: Read so far.
        context_tokens: Words read.
        moods: Of the speakers.
        english: How much speaks for English; see `nlp_lstm.text.language`.
    """

    turns: int = 0
    context_tokens: int = 0
    moods: Moods = field(default_factory=dict)
    english: float = START


def compose(
    course: Course,
    turn: Turn,
    parts: Mapping[Task, TurnLabels],
    english_tasks: tuple[Task, ...],
    failed: tuple[Task, ...] = (),
) -> tuple[TurnAnnotation, Course]:
    """Put together what the components say of the next turn.

    Args:
        course: Before the turn.
        turn: It.
        parts: What the component of each task found; tasks may be missing.
        english_tasks: Those whose models know nothing but English.
        failed: Those whose models raised an error.

    Returns:
        The annotation, and the course after the turn.
    """
    index = course.turns
    tokens = course.context_tokens + count_words(turn.text)
    english = heard(course.english, turn.text)
    unread = english_tasks if is_foreign(english) else ()
    labels = doubted(_merge(*(parts.get(task, _NOTHING) for task in TASKS)), unread)
    is_blank = tokens == course.context_tokens
    moods, mood = _mood(course.moods, index, turn, None if is_blank else labels.sentiment)
    annotation = TurnAnnotation(index, labels, tokens, mood, unread, failed)
    return annotation, Course(index + 1, tokens, moods, english)


def doubted(labels: TurnLabels, tasks: Collection[Task]) -> TurnLabels:
    """Labels of which what the models of some tasks said has confidence 0.

    Moods are then unknown: an alarm must not sound because nobody understood.
    """
    changed: dict[str, Any] = {}
    if "states" in tasks and labels.changes is not None:
        changed["changes"] = tuple(replace(change, confidence=0.0) for change in labels.changes)
    if "states" in tasks and labels.state is not None:
        changed["state_confidence"] = 0.0
    if "entities" in tasks and labels.entities is not None:
        changed["entities"] = tuple(replace(span, confidence=0.0) for span in labels.entities)
        changed["entities_confidence"] = 0.0
    if "sentiment" in tasks and labels.sentiment is not None:
        changed["sentiment"] = replace(
            labels.sentiment,
            valence=None,
            confidence=0.0,
            emotions=tuple(replace(felt, confidence=0.0) for felt in labels.sentiment.emotions),
            satisfaction=None,
            frustration=None,
        )
    return replace(labels, **changed) if changed else labels


def _mood(
    moods: Moods, index: int, turn: Turn, sentiment: Sentiment | None
) -> tuple[Moods, Mood | None]:
    """The speakers' moods after a turn, and its speaker's, where the turn has one."""
    speaker = speaker_of(turn)
    if speaker is None or sentiment is None or sentiment.valence is None:
        return moods, None
    moods = followed(moods, speaker, index, sentiment.valence)
    return moods, moods[speaker]


def _merge(states: TurnLabels, entities: TurnLabels, sentiment: TurnLabels) -> TurnLabels:
    return TurnLabels(
        entities.entities,
        states.state,
        states.changes,
        states.requests,
        sentiment.sentiment,
        states.state_confidence,
        entities.entities_confidence,
    )
