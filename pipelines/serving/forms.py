"""What a request may say and what is answered: checked as it comes in, and shown by OpenAPI."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from corpora.conversation import Conversation
from pipelines.record_models import AnswerPart, Case, Count, ModelPart, TurnPart
from pipelines.serving.limits import Limits
from pipelines.serving.turns import LiveTurn, fault, read_message

REQUEST = "request"


class Sent(BaseModel):
    """Something that was sent: just what is named here, and of that type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class TurnSent(Sent):
    """A turn."""

    text: Annotated[str, Field(description="what is said")]
    speaker: Annotated[str, Field(description="the speaker's name")] = ""
    role: Annotated[
        str | None, Field(description="customer, agent, system or tool, or a word for one")
    ] = None
    time: Annotated[
        str | None,
        Field(description="ISO 8601, as 2026-03-05T17:30; lets relative dates be read"),
    ] = None

    def turn(self, conversation: str, limits: Limits, notes: tuple[str, ...]) -> LiveTurn:
        """The turn.

        Raises:
            InputError: It is too long, or its role or time is none.
        """
        for what, said, most in (("text", self.text, limits.text), *self._names(limits)):
            if len(said) > most:
                found = f"{what} of {len(said):,} characters"
                raise fault(REQUEST, None, found, "cut it", f"at most {most:,}")
        message = read_message({**self.model_dump(), "conversation": conversation}, REQUEST)
        if not isinstance(message, LiveTurn):
            raise TypeError(type(message))  # it has a text, so it is a turn
        return LiveTurn(message.conversation, message.turn, message.index, notes)

    def _names(self, limits: Limits) -> tuple[tuple[str, str, int]]:
        return (("speaker", self.speaker, limits.name),)


class NextTurn(TurnSent):
    """The next turn of a conversation."""

    index: Annotated[
        int | None,
        Field(
            ge=0,
            description="its place, from 0; a turn sent again with its index is answered as"
            " before, and not read twice",
        ),
    ] = None


class AnswerSent(Sent):
    """A route's answer to a case, for the turn that the case is about."""

    case: Annotated[str, Field(description="the case's id")]
    answer: Annotated[Any, Field(description="as `nlp-lstm merge` takes it")]


class TranscriptSent(Sent):
    """A whole conversation."""

    id: Annotated[str, Field(description="what the record calls it")] = "conversation"
    turns: list[TurnSent]

    def conversation(self, limits: Limits, notes: tuple[str, ...]) -> Conversation:
        """The conversation.

        Raises:
            InputError: It has too many turns, or one that is none.
        """
        if len(self.turns) > limits.turns:
            found = f"{len(self.turns):,} turns"
            remedy = "cut the transcript, or use `nlp-lstm batch`"
            raise fault(REQUEST, None, found, remedy, f"at most {limits.turns:,}")
        if len(self.id) > limits.name:
            found = f"an id of {len(self.id):,} characters"
            raise fault(REQUEST, None, found, "shorten it", f"at most {limits.name}")
        turns = tuple(turn.turn("", limits, ()).turn for turn in self.turns)
        return Conversation(self.id, turns, None, {"notes": list(notes)} if notes else {})


class TurnAnswer(TurnPart):
    """A turn and what the models say of it."""

    conversation: str
    routing: Annotated[tuple[Case, ...], Field(description="the cases that this turn gave rise to")]
    notes: Annotated[
        tuple[str, ...], Field(description="what was mended; absent where nothing was")
    ] = ()


class LateTurnAnswer(TurnAnswer):
    """An earlier turn with a route's answer in it."""

    case: str
    routing: tuple[Case, ...] = ()
    answers: Annotated[
        tuple[AnswerPart, ...], Field(description="who answered what, and what stood there before")
    ] = ()


class ConversationView(BaseModel):
    """What is remembered of a conversation."""

    conversation: str
    turns: Annotated[Count, Field(description="turns read")]
    words: Annotated[Count, Field(description="words read")]
    models: tuple[ModelPart, ...]
    waiting: Annotated[tuple[str, ...], Field(description="cases that may still be answered")]
    answered: Annotated[
        tuple[LateTurnAnswer, ...],
        Field(description="turns with answers of routes in them, as far as they are kept"),
    ]
    last: Annotated[
        TurnAnswer | None,
        Field(description="the last answer; null where it was too long to be kept"),
    ]


class Health(BaseModel):
    """Whether the service answers."""

    status: Annotated[str, Field(description="ok")]


class Fault(BaseModel):
    """Why a request was not answered."""

    error: Annotated[str, Field(description="one line: what was found, expected, and to be done")]
