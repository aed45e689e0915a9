"""What somebody says about a case, and whether it fits what was said.

{"case": "3f9c0d1e2b4a5c67", "conversation": "c-17", "by": "ana",
 "answer": {"entities": [{"start": 10, "end": 15, "label": "place"}]}}
"""

import hashlib
from collections.abc import Iterable
from typing import Annotated, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpora.errors import InputError, quoted
from corpora.labels import SentimentLabel
from pipelines.record_models import AnswerKind, Reason, SaidBy, TaskName

ANSWER: Literal["nlp-lstm-answer/1"] = "nlp-lstm-answer/1"
EXPECTED = '{"case": "…", "conversation": "…", "by": "…", "answer": {…}}'
REMEDY = "correct the line; docs/routing.md describes answers"
Verdict = Literal["right", "handled"]
Word = Annotated[str, Field(min_length=1, max_length=10_000)]
# No turn holds more; an answer that does is no answer.
Many = Field(max_length=2000)


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SaidEntity(_Form):
    """An entity: by its place, or by its text, which is then looked for in the turn."""

    label: Word
    start: Annotated[int, Field(ge=0)] | None = None
    end: Annotated[int, Field(ge=1)] | None = None
    text: Word | None = None
    value: Word | None = None


class SaidSlot(_Form):
    """A slot of the belief state after the turn; `said` quotes what was said."""

    slot: Word
    value: Word
    said: Word | None = None


class SaidSentiment(_Form):
    """How the turn sounds."""

    label: SentimentLabel | None = None
    emotions: Annotated[tuple[Word, ...], Many] = ()


class Said(_Form):
    """What is said of a turn: what is left out was not looked at, empty means nothing is there.

    Attributes:
        entities: Of the turn.
        state: All that the customer wants after the turn.
        requests: What the customer asks for in the turn.
        sentiment: How it sounds.
        verdict: `right` where the model's answer was, `handled` where somebody took care of it.
        note: For people.
    """

    entities: Annotated[tuple[SaidEntity, ...], Many] | None = None
    state: Annotated[tuple[SaidSlot, ...], Many] | None = None
    requests: Annotated[tuple[Word, ...], Many] | None = None
    sentiment: SaidSentiment | None = None
    verdict: Verdict | None = None
    note: Annotated[str, Field(max_length=10_000)] | None = None


class Answer(_Form):
    """An answer to a case, and who gives it.

    Attributes:
        case: The case's id.
        conversation: The record's id, which is compared where it is given.
        answer: What is said.
        by: Somebody's name, or a machine's.
        kind: Which of the two.
        route: Where it was asked.
        confidence: What a machine's answer is worth; a person's is 1.
        time: ISO 8601.
        source: The file that it was read from.
        line: Of that file.
    """

    case: Word
    answer: Said
    conversation: str | None = None
    form: Annotated[Literal["nlp-lstm-answer/1"], Field(alias="format")] = ANSWER
    by: Annotated[str, Field(max_length=500)] = ""
    kind: AnswerKind = "person"
    route: Annotated[str, Field(max_length=200)] | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    time: Annotated[str, Field(max_length=40)] | None = None
    source: str = "the answer"
    line: int | None = None

    @property
    def said_by(self) -> SaidBy:
        """Who gives it."""
        return SaidBy(kind=self.kind, name=self.by, route=self.route, time=self.time)

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that differ where what is said does."""
        said = orjson.dumps(self.answer.model_dump(), option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(said).hexdigest()[:16]

    def to_line(self) -> bytes:
        """The answer as a line of JSON, line end included."""
        form = self.model_dump(exclude={"source", "line", "form"}, exclude_none=True)
        return orjson.dumps({"format": ANSWER, **form}, option=orjson.OPT_APPEND_NEWLINE)


def parse_answer(value: object, source: str, line: int | None = None) -> Answer:
    """An answer out of what was parsed from JSON.

    Raises:
        InputError: It is none.
    """
    try:
        return Answer.model_validate(value).model_copy(update={"source": source, "line": line})
    except ValidationError as error:
        raise misfit(error, source, line) from error


def parse_said(value: object, source: str, line: int | None = None) -> Said:
    """The `answer` of an answer.

    Raises:
        InputError: It is none.
    """
    try:
        return Said.model_validate(value)
    except ValidationError as error:
        raise misfit(error, source, line) from error


def misfit(error: ValidationError, source: str, line: int | None) -> InputError:
    """What is wrong with the form of an answer, in one line."""
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or "the line"
    given = first.get("input")
    shown = f" ({quoted(str(given))})" if isinstance(given, str | int | float) else ""
    return InputError(
        source, line, found=f"{where}: {first['msg']}{shown}", expected=EXPECTED, remedy=REMEDY
    )


def lacking(task: TaskName | None, reason: Reason, said: Said) -> str | None:
    """What an answer must have to answer a case, where it has not; None where it has.

    Args:
        task: The case's.
        reason: The case's.
        said: The answer.
    """
    if said.verdict == "right":
        return None
    parts = [said.entities, said.state, said.requests, said.sentiment]
    if task is None or reason in ("frustration", "explicit_request"):
        done = said.verdict == "handled" or said.note or any(part is not None for part in parts)
        return None if done else "verdict handled, a note or labels"
    return f"{PART[task]}, or verdict right" if part_of(task, said) is None else None


PART: dict[TaskName, str] = {"states": "state", "entities": "entities", "sentiment": "sentiment"}


def part_of(task: TaskName, said: Said) -> object:
    """What an answer says for a task; None where it says nothing."""
    return getattr(said, PART[task])


def answer_lines(answers: Iterable[Answer]) -> bytes:
    """Answers as lines of a file that `merge` reads."""
    return b"".join(answer.to_line() for answer in answers)
