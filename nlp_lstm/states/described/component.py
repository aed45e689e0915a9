"""The schema-reading tracker: turns and a schema in, what the customer wants so far out."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import torch

from corpora.conversation import Conversation, Turn
from corpora.labels import SlotValue, StateChange, TurnLabels
from nlp_lstm.artefact import Artefact, load_weights
from nlp_lstm.component import Identified, Identity, Memory, Task, check_memory
from nlp_lstm.states.calibration import StateCalibration
from nlp_lstm.states.deciding import whole_state
from nlp_lstm.states.described.batches import slot_words
from nlp_lstm.states.described.belief import Belief
from nlp_lstm.states.described.changes import changes_of
from nlp_lstm.states.described.config import DescribedNetworkConfig
from nlp_lstm.states.described.cursor import Answer, Cursor, Thread
from nlp_lstm.states.described.memory import from_memory, to_memory
from nlp_lstm.states.described.network import DescribedNetwork
from nlp_lstm.states.described.plan import SchemaPlan
from nlp_lstm.states.described.reading import StepReader
from nlp_lstm.states.described.readings import Described
from nlp_lstm.states.described.schema import DescribedSchema, Wording
from nlp_lstm.states.described.tracking import answer, start_carried
from nlp_lstm.stored_settings import reading_settings
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.words import count_words

TOGETHER = 64  # conversations that go on together
WINDOW = 16  # steps of each before the others' turn
NEW = "new_slots"  # in an artefact's config: names of slots that training never saw


class DescribedTracker(Identified):
    """What the customer wants so far, in slots that a schema describes.

    Keeps `nlp_lstm.component.Component`. A conversation whose `meta["services"]` names groups of
    slots is followed in these alone.

    Attributes:
        new_slots: Names of the schema's slots that training never saw.
    """

    task: Task = "states"

    def __init__(
        self,
        schema: DescribedSchema,
        network: DescribedNetwork,
        calibration: StateCalibration,
        *,
        identity: Identity,
        trained: frozenset[Wording] | None = None,
    ) -> None:
        """Put a tracker together.

        Args:
            schema: The slots.
            network: What reads them.
            calibration: Of the confidences.
            identity: Which model it is.
            trained: Which slots training saw; None for all of the schema.
        """
        super().__init__(identity)
        self.schema = schema
        self.network = network.eval()
        self.calibration = calibration
        self.trained = schema.wordings if trained is None else trained
        self.new_slots = frozenset(name for name, _ in schema.wordings - self.trained)
        self._plan = SchemaPlan(schema, self.new_slots)
        self._reader = StepReader(self._plan)
        self._described: Described | None = None

    @classmethod
    def load(cls, artefact: Artefact) -> "DescribedTracker":
        """Build the component that an artefact holds.

        Raises:
            ArtefactError: Config, calibration and weights do not belong together.
        """
        kind = "a tracker that reads schemas"
        with reading_settings(artefact, kind):
            config = DescribedNetworkConfig.model_validate(artefact.config["network"])
            schema = DescribedSchema.model_validate(artefact.config["schema"])
            new = frozenset(artefact.config.get(NEW, ()))
            identity = Identity.of(artefact)
        with reading_settings(artefact, kind, "calibration.json"):
            calibration = StateCalibration.model_validate(artefact.calibration)
        network = DescribedNetwork(config, FormTable(artefact.tokenizer, config.rows.gram_buckets))
        load_weights(network, artefact)
        return cls(
            schema,
            network,
            calibration,
            identity=identity,
            trained=frozenset(one for one in schema.wordings if one[0] not in new),
        )

    def for_schema(self, schema: DescribedSchema) -> "DescribedTracker":
        """The same network over other slots, which it reads by their descriptions."""
        if schema.slots == self.schema.slots:
            return self
        both = sha256(f"{self.fingerprint} {schema.fingerprint}".encode()).hexdigest()[:16]
        return DescribedTracker(
            schema,
            self.network,
            self.calibration,
            identity=replace(self.identity, fingerprint=both),
            trained=self.trained,
        )

    @property
    def trained_services(self) -> frozenset[str]:
        """Groups of slots all of which training saw."""
        slots = self.schema.slots
        unlearnt = {slot.group for slot in slots if slot.name in self.new_slots}
        return frozenset(slot.group for slot in slots) - unlearnt

    def start(self, services: Sequence[str] | None = None) -> Memory:
        """The memory before the first turn.

        Args:
            services: Groups of slots to follow; None follows all.
        """
        return to_memory(self._start(services), self.fingerprint)

    @torch.inference_mode()
    def step(self, memory: Memory, turn: Turn) -> tuple[TurnLabels, Memory]:
        """Follow the state through the next turn.

        Raises:
            ArtefactError: `memory` is another model's, or another schema's.
        """
        check_memory(memory, self.fingerprint)
        self.network.rows.table.bound()
        before = from_memory(memory)
        cursor = Cursor(self._reader, before, [turn])
        self._follow([cursor])
        words = count_words(turn.text)
        return self._labels(before, cursor)[0], to_memory(cursor.thread(words), self.fingerprint)

    @torch.inference_mode()
    def annotate(self, conversations: Sequence[Conversation]) -> list[list[TurnLabels]]:
        """Follow the states of whole conversations, many at once.

        Returns:
            One list a conversation, one `TurnLabels` a turn.
        """
        order = sorted(range(len(conversations)), key=lambda i: len(conversations[i].turns))
        labels: list[list[TurnLabels]] = [[] for _ in conversations]
        for first in range(0, len(order), TOGETHER):
            self.network.rows.table.bound()
            chosen = order[first : first + TOGETHER]
            before = [self._start(conversations[i].meta.get("services")) for i in chosen]
            cursors = [
                Cursor(self._reader, thread, conversations[i].turns)
                for i, thread in zip(chosen, before, strict=True)
            ]
            self._follow(cursors)
            for i, thread, cursor in zip(chosen, before, cursors, strict=True):
                labels[i] = self._labels(thread, cursor)
        return labels

    def _start(self, services: Sequence[str] | None) -> Thread:
        view = tuple(self._plan.view(services))
        return Thread(0, 0, view, (), Belief(), start_carried(self.network, len(view)))

    def _follow(self, cursors: Sequence[Cursor]) -> None:
        """Go through all steps of some conversations, a window of each at a time."""
        active = [cursor for cursor in cursors if cursor.view]
        for cursor in cursors:
            if not cursor.view:
                cursor.skip()
        while active:
            taken = [(cursor, cursor.take(WINDOW)) for cursor in active]
            busy = [(cursor, steps) for cursor, steps in taken if steps]
            busy.sort(key=lambda one: -len(one[1]))  # those that end need not be carried
            if busy:
                answer(self.network, self._plan, self._slots(), busy)
            active = [cursor for cursor, steps in busy if len(steps) == WINDOW]

    def _slots(self) -> Described:
        """What the network makes of the schema's descriptions: worked out once."""
        if self._described is None:
            words = slot_words(self._plan, range(len(self._plan.slots)), self.network.rows.table)
            self._described = self.network.describe(words)
        return self._described

    def _labels(self, before: Thread, cursor: Cursor) -> list[TurnLabels]:
        """What the answers say of each turn."""
        last = Answer(before.belief, before.carried.confidence, [])
        state = self._state(last.belief)
        certainty = self._certainty([last])[0]
        labels: list[TurnLabels] = []
        certainties = self._certainty(cursor.answers)
        steps = 0
        for until in cursor.steps_until:
            answers = cursor.answers[steps:until]
            changes: tuple[StateChange, ...] = ()
            if answers:
                now = answers[-1]
                if now.belief.held != last.belief.held:
                    sure = self.calibration.slots(torch.tensor(now.confidence)).tolist()
                    changes = changes_of(self.schema, last.belief, now.belief, cursor.view, sure)
                last, certainty = now, certainties[until - 1]
                state = self._state(last.belief) if changes else state
            steps = until
            asked = {place for one in answers for place in one.requests}
            names = sorted(self.schema.slots[cursor.view[place]].name for place in asked)
            labels.append(
                TurnLabels(
                    state=state,
                    changes=changes,
                    requests=tuple(names),
                    state_confidence=certainty,
                )
            )
        return labels

    def _state(self, belief: Belief) -> tuple[SlotValue, ...]:
        return tuple(
            sorted(
                SlotValue(
                    self.schema.slots[slot].name,
                    held.value,
                    (held.raw,) if held.raw and held.raw != held.value else (),
                )
                for slot, values in belief.held.items()
                for held in values
            )
        )

    def _certainty(self, answers: Sequence[Answer]) -> list[float]:
        """Calibrated probability that the whole state is right after each answer."""
        if not answers or not answers[0].confidence:
            return [1.0] * len(answers)
        chained = torch.tensor([answer.confidence for answer in answers], dtype=torch.float64)
        certainties: list[float] = self.calibration.state(whole_state(chained)).tolist()
        return certainties
