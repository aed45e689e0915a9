"""What a pipeline says of turns and conversations, and of those that it could not annotate."""

from dataclasses import dataclass

from corpora.conversation import Conversation
from corpora.errors import ToolkitError
from corpora.labels import TurnLabels
from nlp_lstm.component import Task
from pipelines.tracking import Mood


@dataclass(frozen=True, slots=True)
class TurnAnnotation:
    """What the pipeline says about one turn.

    Attributes:
        index: Place of the turn in its conversation, from 0.
        labels: What the components found; None where the pipeline has none for the task.
        context_tokens: Words of the conversation read so far, this turn included.
        mood: Where the speaker's mood is heading; None where the turn has none.
        unread: Tasks whose models do not know the language that is spoken by then; what they say
            has confidence 0.
        failed: Tasks whose models raised an error; they have no labels.
    """

    index: int
    labels: TurnLabels
    context_tokens: int
    mood: Mood | None = None
    unread: tuple[Task, ...] = ()
    failed: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A document, or a part of one, that could not be annotated.

    Attributes:
        reason: One line for people.
        source: The file, where there is one.
        line: Line of it, from 1, where that is known.
        conversation: Which conversation, where it could be read at all.
    """

    reason: str
    source: str | None = None
    line: int | None = None
    conversation: str | None = None


@dataclass(frozen=True, slots=True)
class AnnotatedConversation:
    """A conversation and one annotation a turn, or none and the failure that prevented them."""

    conversation: Conversation
    turns: tuple[TurnAnnotation, ...]
    failure: Failure | None = None


def reason_of(error: Exception) -> str:
    """An exception as one line for people."""
    text = str(error) if isinstance(error, ToolkitError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())


def failure_of(conversation: Conversation, reason: str) -> Failure:
    """The failure to annotate a conversation that could be read."""
    line = conversation.turns[0].line if conversation.turns else None
    return Failure(reason, conversation.source, line, conversation.id)
