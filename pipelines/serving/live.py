"""Conversations that are still going on: a bounded number of them, each turn answered at once."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corpora.errors import InputError, quoted
from pipelines.pipeline import ConversationPipeline, PipelineMemory
from pipelines.record_models import Case, Reason, TaskName
from pipelines.records import model_parts, turn_record
from pipelines.redaction.mapping import MappingFile, mapping_line
from pipelines.redaction.redactor import Redacting, Redactor
from pipelines.routing import Alarms, Router
from pipelines.serving.late import Merging, OpenCases, turn_as_record
from pipelines.serving.turns import LATE, LateAnswer, LiveTurn

# Takes the record of a turn and its cases, before the turn is answered.
Deliver = Callable[[Mapping[str, Any], Sequence[Case]], None]


@dataclass(slots=True)
class Remembered:
    """What is remembered of one conversation."""

    memory: PipelineMemory
    number: int
    routed: set[tuple[TaskName, Reason]] = field(default_factory=set)
    redacting: Redacting = field(default_factory=Redacting)
    alarms: Alarms = field(default_factory=dict)
    cases: OpenCases = field(default_factory=OpenCases)


class LiveConversations:
    """What is remembered of the conversations that spoke last.

    Args:
        pipeline: Annotates.
        router: Says which answers go onward.
        remember: Conversations kept; beyond that the longest silent one is forgotten.
        redactor: Replaces what is personal before a turn is routed or answered.
        mapping: Says what was replaced.
        deliver: Takes cases; what it raises leaves the conversation as it was.
        merging: Puts a route's late answer into the turn that it is about.
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
        forgotten: Callable[[], None] | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._router = router
        self._remember = remember
        self._remembered: OrderedDict[str, Remembered] = OrderedDict()
        self._redactor = redactor
        self._mapping = mapping
        self._deliver = deliver
        self._merging = merging
        self._forgotten = forgotten
        self._begun = 0
        self.models = model_parts(pipeline)

    def annotate(self, live: LiveTurn) -> dict[str, Any]:
        """Annotate a turn as the next of its conversation; a failure leaves that as it was."""
        known = self._remembered.get(live.conversation)
        if known is None:
            self._begun += 1
            known = Remembered(self._pipeline.start(), self._begun)
        annotation, memory = self._pipeline.step(known.memory, live.turn)
        name, turn = live.conversation, live.turn
        if self._redactor is not None:
            turn, annotation = self._redactor.turn(known.redacting, turn, annotation)
            name = self._redactor.name(known.redacting, name, known.number)
            self._record_mapping(live.conversation, name, known.redacting)
        cases = self._router.turn_cases(name, turn.text, annotation, known=known.routed)
        alarms, frustrated = self._router.frustrated(name, turn, annotation, known.alarms)
        said = turn_record(turn, annotation)
        record = turn_as_record(name, self.models, said)
        if self._deliver is not None and (cases or frustrated):
            self._deliver(record, [*cases, *frustrated])
        known.memory, known.alarms = memory, alarms
        known.routed.update((case.task, case.reason) for case in cases)
        known.cases.add(record, [*cases, *frustrated])
        self._keep(live.conversation, known)
        routing = [case.model_dump() for case in (*cases, *frustrated)]
        return {"conversation": name, **said, "routing": routing}

    def answer(self, late: LateAnswer, source: str) -> dict[str, Any]:
        """Bring a route's answer into the turn that it is about.

        Args:
            late: The answer.
            source: What messages call where it came from.

        Returns:
            The turn as it is with the answer.

        Raises:
            InputError: The conversation is not remembered, no such case waits, it was answered
                before, or the answer does not fit.
        """
        known = self._remembered.get(late.conversation)
        if known is None or self._merging is None:
            raise InputError(
                source,
                found=f"an answer for conversation {quoted(late.conversation)}",
                expected=LATE,
                remedy="it is not remembered: bring the answer in with its records instead"
                if self._merging is not None
                else "nothing here takes late answers",
            )
        merged = known.cases.answer(late, self._merging, source)
        self._keep(late.conversation, known)
        rest = {name: merged[name] for name in ("routing", "notes") if merged.get(name)}
        return {
            "conversation": late.conversation,
            "case": late.case,
            **merged["turns"][0],
            **rest,
        }

    def _record_mapping(self, conversation: str, name: str, redacting: Redacting) -> None:
        entries = redacting.vault.take_fresh()
        if self._mapping is not None and entries:
            self._mapping.write(mapping_line(conversation, name, None, entries))

    def _keep(self, conversation: str, known: Remembered) -> None:
        self._remembered[conversation] = known
        self._remembered.move_to_end(conversation)
        if len(self._remembered) > self._remember:
            self._remembered.popitem(last=False)
            if self._forgotten is not None:
                self._forgotten()
