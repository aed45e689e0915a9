"""A policy applied: the cases of a conversation, whole or turn by turn."""

from collections.abc import Collection, Iterable, Mapping

from corpora.conversation import Role, Turn
from nlp_lstm.component import Component, Task
from nlp_lstm.sentiment.alarm import Alarm
from pipelines.annotation import AnnotatedConversation, TurnAnnotation
from pipelines.record_models import Case, Reason
from pipelines.routing.cases import case_id
from pipelines.routing.policy import Policy
from pipelines.routing.reasons import confidence_of, task_reason
from pipelines.routing.requests import asks_for_a_person
from pipelines.tracking import MOST_SPEAKERS, speaker_of

Alarms = Mapping[str, Alarm]


class Router:
    """A policy applied to the components of a pipeline."""

    def __init__(self, policy: Policy, components: Iterable[Component]) -> None:
        self._limits = [(c.task, c.fingerprint, policy.limits(c)) for c in components]
        self._frustration = policy.frustration
        self._policy = policy
        self._fingerprints = " ".join(fingerprint for _, fingerprint, _ in self._limits)

    def cases(self, annotated: AnnotatedConversation) -> list[Case]:
        """The cases of a whole conversation, by turn.

        There is one for each task and reason, and one for each episode of frustration.
        """
        found: dict[tuple[Task | None, Reason], tuple[int, int]] = {}
        for turn in annotated.turns:
            for task, _, limits in self._limits:
                reason = task_reason(task, turn, limits, self._policy.doubts)
                if reason is not None:
                    first, count = found.get((task, reason), (turn.index, 0))
                    found[task, reason] = first, count + 1
        conversation = annotated.conversation
        for spoken, turn in zip(conversation.turns, annotated.turns, strict=True):
            if spoken.role in ("customer", None) and asks_for_a_person(spoken.text):
                first, count = found.get((None, "explicit_request"), (turn.index, 0))
                found[None, "explicit_request"] = first, count + 1
        cases = [
            case.model_copy(update={"turns": found[case.task, case.reason][1]})
            for index in sorted({first for first, _ in found.values()})
            for case in self.turn_cases(
                conversation.id,
                conversation.turns[index].text,
                annotated.turns[index],
                role=conversation.turns[index].role,
            )
            if found[case.task, case.reason][0] == index
        ]
        alarms: Alarms = {}
        for spoken, turn in zip(conversation.turns, annotated.turns, strict=True):
            alarms, frustrated = self.frustrated(conversation.id, spoken, turn, alarms)
            cases += frustrated
        return sorted(cases, key=lambda case: case.turn)

    def frustrated(
        self, conversation: str, spoken: Turn, turn: TurnAnnotation, alarms: Alarms
    ) -> tuple[Alarms, list[Case]]:
        """The customers' alarms after a turn, and the case where one sounds.

        Args:
            conversation: Its id.
            spoken: The turn.
            turn: What the pipeline says about it.
            alarms: By speaker, as this gave them for the turn before; none at the beginning.
        """
        sentiment, speaker = turn.labels.sentiment, speaker_of(spoken)
        if sentiment is None or sentiment.frustration is None or speaker is None:
            return alarms, []
        alarm, event = alarms.get(speaker, Alarm()).heard(
            turn.index, sentiment.frustration, self._frustration.threshold
        )
        others = {name: held for name, held in alarms.items() if name != speaker}
        while len(others) >= MOST_SPEAKERS:
            del others[next(iter(others))]
        alarms = {**others, speaker: alarm}
        if event is None:
            return alarms, []
        fingerprint = next(f for task, f, _ in self._limits if task == "sentiment")
        case = Case(
            case=case_id(conversation, turn.index, spoken.text, "frustration", fingerprint),
            turn=turn.index,
            task="sentiment",
            reason="frustration",
            confidence=round(event.probability, 4),
            threshold=self._frustration.threshold,
            context_tokens=turn.context_tokens,
            route=self._policy.frustration_route,
            turns=len(event.evidence),
            since=event.since,
            evidence=event.evidence,
        )
        return alarms, [case]

    def _request(self, conversation: str, text: str, turn: TurnAnnotation) -> Case:
        """The case of a customer who asks for a person."""
        return Case(
            case=case_id(conversation, turn.index, text, "explicit_request", self._fingerprints),
            turn=turn.index,
            task=None,
            reason="explicit_request",
            confidence=None,
            threshold=0.0,
            context_tokens=turn.context_tokens,
            route=self._policy.route_of("explicit_request", None),
            turns=1,
        )

    def turn_cases(
        self,
        conversation: str,
        text: str,
        turn: TurnAnnotation,
        *,
        known: Collection[tuple[Task | None, Reason]] = (),
        role: Role | None = None,
    ) -> list[Case]:
        """The cases that one turn gives rise to, for whoever reads a conversation live.

        Args:
            conversation: Its id.
            text: What the turn says.
            turn: What the pipeline says about it.
            known: Tasks and reasons for which the conversation already has a case.
            role: The speaker's; whoever is no customer asks for nobody.
        """
        cases: list[Case] = []
        asked = (None, "explicit_request")
        if role in ("customer", None) and asked not in known and asks_for_a_person(text):
            cases.append(self._request(conversation, text, turn))
        for task, fingerprint, limits in self._limits:
            confidence = confidence_of(task, turn.labels)
            reason = task_reason(task, turn, limits, self._policy.doubts)
            if reason is None or (task, reason) in known:
                continue
            too_long = reason == "context_too_long"
            cases.append(
                Case(
                    case=case_id(conversation, turn.index, text, task, fingerprint),
                    turn=turn.index,
                    task=task,
                    reason=reason,
                    confidence=None if confidence is None else round(confidence, 4),
                    threshold=limits.longest_context
                    if too_long
                    else min(1.0, limits.least(turn.context_tokens)),
                    context_tokens=turn.context_tokens,
                    route=self._policy.route_of(reason, task),
                    turns=1,
                )
            )
        return cases
