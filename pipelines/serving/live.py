"""Conversations that are still going on: a bounded number of them, each turn answered at once."""

from collections import OrderedDict
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any

import orjson

from corpora.conversation import Conversation
from corpora.errors import InputError, quoted
from pipelines.pipeline import ConversationPipeline
from pipelines.record_models import Case
from pipelines.records import model_parts, record_line, turn_record
from pipelines.redaction import redacted_into
from pipelines.redaction.mapping import MappingFile, mapping_line
from pipelines.redaction.redactor import Redacting, Redactor
from pipelines.routing import Router
from pipelines.serving.late import Merging, turn_as_record
from pipelines.serving.order import repeated_answer
from pipelines.serving.remembered import Remembered
from pipelines.serving.store import Store
from pipelines.serving.turns import LATE, LateAnswer, LiveTurn, UnknownError
from pipelines.serving.whole import analysing

# Takes the record of a turn and its cases, before the turn is answered.
Deliver = Callable[[Mapping[str, Any], Sequence[Case]], None]


class LiveConversations:
    """What is remembered of the conversations that spoke last.

    Args:
        pipeline: Annotates.
        router: Says which answers go onward.
        remember: Conversations kept in memory; beyond that the longest silent one is dropped.
        redactor: Replaces what is personal before a turn is routed or answered.
        mapping: Says what was replaced.
        deliver: Takes cases; what it raises leaves the conversation as it was.
        merging: Puts a route's late answer into the turn that it is about.
        store: Keeps every conversation beyond this process, and those that memory has no room
            for; without it these are forgotten.
        forgotten: Called when a conversation is forgotten for want of room.
    """

    def __init__(
        self,
        pipeline: ConversationPipeline,
        router: Router,
        *,
        remember: int,
        redactor: Redactor | None = None,
        mapping: MappingFile | None = None,
        deliver: Deliver | None = None,
        merging: Merging | None = None,
        store: Store | None = None,
        forgotten: Callable[[], None] | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._router = router
        self._remember = remember
        self._remembered: OrderedDict[str, Remembered] = OrderedDict()
        self._own_names: OrderedDict[str, str] = OrderedDict()  # by what they were redacted to
        self._redactor = redactor
        self._mapping = mapping
        self._deliver = deliver
        self._merging = merging
        self._store = store
        self._forgotten = forgotten
        self._begun = 0 if store is None else store.begun()
        self.models = model_parts(pipeline)

    def __len__(self) -> int:
        """How many conversations are remembered, those on the disk included."""
        return len(self._remembered) if self._store is None else len(self._store)

    def annotate(self, live: LiveTurn, source: str) -> dict[str, Any]:
        """Annotate a turn as the next of its conversation; a failure leaves that as it was.

        Args:
            live: The turn.
            source: What messages call where it came from.

        Returns:
            What is answered; the same again for a turn that was sent, with its index, before.

        Raises:
            OutOfOrderError: The turn says that it is another than the next.
        """
        known = self._recall(live.conversation)
        is_new = known is None
        if known is None:
            known = Remembered(self._pipeline.start(), self._begun + 1)
        before = repeated_answer(live, known, source)
        if before is not None:
            return before
        annotation, memory = self._pipeline.step(known.memory, live.turn)
        name, turn = live.conversation, live.turn
        if self._redactor is not None:
            turn, annotation = self._redactor.turn(known.redacting, turn, annotation)
            name = self._redactor.name(known.redacting, name, known.number)
            self._record_mapping(live.conversation, name, known.redacting)
        cases = self._router.turn_cases(
            name, turn.text, annotation, known=known.routed, role=turn.role
        )
        alarms, frustrated = self._router.frustrated(name, turn, annotation, known.alarms)
        said = turn_record(turn, annotation)
        record = turn_as_record(name, self.models, said)
        if self._deliver is not None and (cases or frustrated):
            self._deliver(record, [*cases, *frustrated])
        routing = [case.model_dump() for case in (*cases, *frustrated)]
        answer = {"conversation": name, **said, "routing": routing}
        if live.notes:
            answer["notes"] = list(live.notes)
        known.memory, known.alarms = memory, alarms
        known.routed.update((case.task, case.reason) for case in cases)
        known.cases.add(record, [*cases, *frustrated])
        known.keep_answer(record_line(answer), live.digest())
        self._keep(live.conversation, known, name)
        self._begun += is_new
        return answer

    def analysing(self, conversation: Conversation) -> Generator[None, None, dict[str, Any]]:
        """The record of a whole conversation, in pieces; nothing of it is remembered."""
        redact = None
        if self._redactor is not None:
            redact = partial(redacted_into, self._redactor, self._mapping)
        return analysing(conversation, self._pipeline, self._router, redact)

    def answer(self, late: LateAnswer, source: str) -> dict[str, Any]:
        """Bring a route's answer into the turn that it is about.

        Args:
            late: The answer.
            source: What messages call where it came from.

        Returns:
            The turn as it is with the answer.

        Raises:
            UnknownError: The conversation is not remembered, or no such case waits.
            OutOfOrderError: The case was answered before.
            InputError: The answer does not fit, or nothing here takes answers.
        """
        if self._merging is None:
            raise InputError(
                source,
                found=f"an answer for conversation {quoted(late.conversation)}",
                expected="turns",
                remedy="nothing here takes late answers",
            )
        conversation = self._own_name(late.conversation)
        known = self._recall(conversation)
        if known is None:
            raise UnknownError(
                source,
                found=f"an answer for conversation {quoted(late.conversation)}, not remembered",
                expected=LATE,
                remedy="bring it in with the conversation's records instead",
            )
        merged = known.cases.answer(late, self._merging, source)
        self._keep(conversation, known)
        return _answered_turn(late.conversation, late.case, merged)

    def view(self, conversation: str) -> dict[str, Any] | None:
        """What is remembered of a conversation; None where nothing is."""
        known = self._recall(conversation)
        if known is None:
            return None
        answered = known.cases.answered.items()
        return {
            "conversation": conversation,
            "turns": known.memory.course.turns,
            "words": known.memory.course.context_tokens,
            "models": self.models,
            "waiting": list(known.cases.waiting),
            "answered": [
                _answered_turn(conversation, case, orjson.loads(line)) for case, line in answered
            ],
            "last": None if known.answer is None else orjson.loads(known.answer),
        }

    def forget(self, conversation: str) -> bool:
        """Remember a conversation no longer; whether it was remembered."""
        was_known = self._remembered.pop(conversation, None) is not None
        if self._store is not None:
            was_known = self._store.delete(conversation)
        return was_known

    def _record_mapping(self, conversation: str, name: str, redacting: Redacting) -> None:
        entries = redacting.vault.take_fresh()
        if self._mapping is not None and entries:
            self._mapping.write(mapping_line(conversation, name, None, entries))

    def _own_name(self, told: str) -> str:
        """Routes are told a redacted name, and answer by it."""
        if self._store is not None:
            return self._store.named(told) or told
        return self._own_names.get(told, told)

    def _remember_name(self, conversation: str, told: str) -> None:
        self._own_names[told] = conversation
        self._own_names.move_to_end(told)
        if len(self._own_names) > self._remember:
            self._own_names.popitem(last=False)

    def _recall(self, conversation: str) -> Remembered | None:
        known = self._remembered.get(conversation)
        if known is None and self._store is not None:
            known = self._store.get(conversation)
        return known

    def _keep(self, conversation: str, known: Remembered, told: str | None = None) -> None:
        """Remember a conversation, and by which other name routes were told of it."""
        has_forgotten = False
        told = None if told == conversation else told
        if self._store is None and told is not None:
            self._remember_name(conversation, told)
        elif self._store is not None:
            try:
                has_forgotten = self._store.put(conversation, known, told)
            except BaseException:
                # What the disk does not have did not happen: the next turn reads what it has.
                self._remembered.pop(conversation, None)
                raise
        self._remembered[conversation] = known
        self._remembered.move_to_end(conversation)
        if len(self._remembered) > self._remember:
            self._remembered.popitem(last=False)
            has_forgotten = has_forgotten or self._store is None
        if has_forgotten and self._forgotten is not None:
            self._forgotten()


def _answered_turn(conversation: str, case: str, merged: Mapping[str, Any]) -> dict[str, Any]:
    """A turn with a route's answer in it, as it is told."""
    rest = {name: merged[name] for name in ("routing", "answers", "notes") if merged.get(name)}
    return {"conversation": conversation, "case": case, **merged["turns"][0], **rest}
