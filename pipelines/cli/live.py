"""Conversations that are still going on: a bounded number of them, each turn answered at once."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

import orjson

from corpora.conversation import Role, Turn
from corpora.errors import InputError, quoted
from corpora.roles import role_of_word
from pipelines.cli.console import say
from pipelines.pipeline import ConversationPipeline, PipelineMemory, reason_of
from pipelines.queues import JsonLinesQueue, queue_entry
from pipelines.record_models import Case, Reason, TaskName
from pipelines.records import model_parts, record_line, turn_record
from pipelines.redaction.mapping import MappingFile, mapping_line
from pipelines.redaction.redactor import Redacting, Redactor
from pipelines.routing import Alarms, Router

# A turn of 100,000 characters fits many times; what is longer is no turn.
LONGEST_LINE = 4 * 1024 * 1024  # bytes
SOURCE = "<stdin>"


@dataclass(frozen=True, slots=True)
class LiveTurn:
    """A turn and the conversation that it belongs to."""

    conversation: str
    turn: Turn


@dataclass(slots=True)
class _Remembered:
    memory: PipelineMemory
    number: int
    routed: set[tuple[TaskName, Reason]] = field(default_factory=set)
    redacting: Redacting = field(default_factory=Redacting)
    alarms: Alarms = field(default_factory=dict)


class LiveConversations:
    """What is remembered of the conversations that spoke last.

    Args:
        pipeline: Annotates.
        router: Says which answers go onward.
        remember: Conversations kept; beyond that the longest silent one is forgotten.
        redactor: Replaces what is personal before a turn is routed or answered.
        mapping: Says what was replaced.
    """

    def __init__(
        self,
        pipeline: ConversationPipeline,
        router: Router,
        *,
        remember: int,
        redactor: Redactor | None = None,
        mapping: MappingFile | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._router = router
        self._remember = remember
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()
        self._has_forgotten = False
        self._redactor = redactor
        self._mapping = mapping
        self._begun = 0
        self.models = model_parts(pipeline)

    def annotate(self, live: LiveTurn) -> dict[str, Any]:
        """Annotate a turn as the next of its conversation; a failure leaves that as it was."""
        known = self._remembered.get(live.conversation)
        if known is None:
            self._begun += 1
            known = _Remembered(self._pipeline.start(), self._begun)
        annotation, memory = self._pipeline.step(known.memory, live.turn)
        name, turn = live.conversation, live.turn
        if self._redactor is not None:
            turn, annotation = self._redactor.turn(known.redacting, turn, annotation)
            name = self._redactor.name(known.redacting, name, known.number)
            self._record_mapping(live.conversation, name, known.redacting)
        cases = self._router.turn_cases(name, turn.text, annotation, known=known.routed)
        known.memory = memory
        known.routed.update((case.task, case.reason) for case in cases)
        known.alarms, escalated = self._router.escalated(name, turn, annotation, known.alarms)
        cases += escalated
        self._keep(live.conversation, known)
        return {
            "conversation": name,
            **turn_record(turn, annotation),
            "routing": [case.model_dump() for case in cases],
        }

    def _record_mapping(self, conversation: str, name: str, redacting: Redacting) -> None:
        entries = redacting.vault.take_fresh()
        if self._mapping is not None and entries:
            self._mapping.write(mapping_line(conversation, name, None, entries))

    def _keep(self, conversation: str, known: _Remembered) -> None:
        self._remembered[conversation] = known
        self._remembered.move_to_end(conversation)
        if len(self._remembered) > self._remember:
            self._remembered.popitem(last=False)
            if not self._has_forgotten:
                self._has_forgotten = True
                say(
                    f"more than {self._remember} conversations: the longest silent ones are"
                    " forgotten, and a later turn of theirs is read as a first one;"
                    " --remember keeps more"
                )


def answer_lines(
    lines: BinaryIO,
    answers: BinaryIO,
    conversations: LiveConversations,
    queue: JsonLinesQueue | None = None,
    told: Callable[[Exception], str] = reason_of,
) -> int:
    """Answer each line with one line, flushed at once.

    Args:
        lines: One turn each.
        answers: Where answers go.
        conversations: What is remembered.
        queue: Where cases go.
        told: How an error is told.

    Returns:
        How many lines could not be annotated.
    """
    failed = 0
    for number, line in _bounded(lines):
        try:
            answer = conversations.annotate(read_turn(line, number))
            if queue is not None and answer["routing"]:
                _enqueue(queue, answer, conversations.models)
        except OSError:
            raise  # the queue cannot be written, so going on would lose cases
        except Exception as error:  # one bad turn must not silence the other conversations
            failed += 1
            answer = {"error": told(error), "line": number}
        answers.write(record_line(answer))
        answers.flush()
    return failed


def read_turn(line: bytes, number: int) -> LiveTurn:
    """Read a line of the stream.

    Raises:
        InputError: It is no JSON object with a text, or its role is unknown.
    """
    if len(line) > LONGEST_LINE:
        raise _fault(number, f"a line longer than {LONGEST_LINE:,} bytes", "cut the turn")
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        shown = quoted(line.decode(errors="replace").strip())
        raise _fault(number, f"{shown} ({error})", "write one object a line") from error
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise _fault(number, quoted(line.decode().strip()), "give the turn's text as a string")
    conversation = value.get("conversation", "stream")
    if not isinstance(conversation, str | int) or isinstance(conversation, bool):
        raise _fault(number, f"conversation {conversation!r}", "name it by a string")
    speaker = value.get("speaker") or ""
    if not isinstance(speaker, str):
        raise _fault(number, f"speaker {speaker!r}", "name the speaker by a string")
    return LiveTurn(
        str(conversation),
        Turn(
            value["text"],
            speaker,
            _role(value.get("role"), number),
            time=_time(value.get("time"), number),
            line=number,
        ),
    )


def _time(said: object, number: int) -> datetime | None:
    if said is None or said == "":
        return None
    try:
        return datetime.fromisoformat(said)  # type: ignore[arg-type]  # what is no text is a fault
    except (TypeError, ValueError) as error:
        shown = quoted(str(said))
        raise _fault(number, f"time {shown}", "write it as 2026-03-05T17:30") from error


def _role(word: object, number: int) -> Role | None:
    if word is None or word == "":
        return None
    role = role_of_word(word) if isinstance(word, str) else None
    if role is None:
        raise _fault(number, f"role {quoted(str(word))}", "choose customer, agent, system or tool")
    return role


def _fault(number: int, found: str, remedy: str) -> InputError:
    return InputError(
        SOURCE,
        number,
        found=found,
        expected='{"conversation": "…", "speaker": "…", "role": "…", "text": "…"}',
        remedy=remedy,
    )


def _bounded(lines: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, numbered from 1, each cut just beyond `LONGEST_LINE`."""
    number = 0
    while line := lines.readline(LONGEST_LINE + 1):
        number += 1
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = lines.readline(LONGEST_LINE + 1)
        if line.strip():
            yield number, line


def _enqueue(queue: JsonLinesQueue, answer: dict[str, Any], models: list[dict[str, str]]) -> None:
    # Earlier turns are not kept: whoever takes a live case sees the conversation where it is.
    record = {
        "id": answer["conversation"],
        "source": None,
        "models": models,
        "turns": [
            {name: answer[name] for name in answer if name not in ("conversation", "routing")}
        ],
    }
    cases = [Case.model_validate(case) for case in answer["routing"]]
    queue.append((case.case, record_line(queue_entry(case, record))) for case in cases)
