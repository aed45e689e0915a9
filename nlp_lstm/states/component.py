"""The state tracker: turns in, what the customer wants so far out."""

from collections.abc import Sequence
from itertools import accumulate

import torch

from corpora.conversation import Conversation, Turn
from corpora.labels import StateChange, TurnLabels
from nlp_lstm.artefact import Artefact, ArtefactError, load_weights
from nlp_lstm.component import Memory, Task, check_memory
from nlp_lstm.states.batches import batch_steps
from nlp_lstm.states.calibration import StateCalibration
from nlp_lstm.states.config import StateNetworkConfig
from nlp_lstm.states.cursor import Answer, Cursor, copied_slots
from nlp_lstm.states.decode import belief_state, state_changes, whole_state
from nlp_lstm.states.history import START, Historian, Update
from nlp_lstm.states.memory import Thread, apart, empty_table, from_memory, to_memory, together
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.reading import Step, StepReader
from nlp_lstm.states.schema import Schema
from nlp_lstm.states.single import SingleTracker, calibrated, whole
from nlp_lstm.states.tables import schema_tables
from nlp_lstm.states.tracking import start_tracking, track
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.words import count_words

# Conversations that go on together, and how many steps of each before the others' turn: enough
# to fill batches, few enough to bound memory whatever the conversations' length.
TOGETHER = 64
WINDOW = 16


class StateTracker:
    """What the customer wants so far, turn by turn.

    Customers' turns, and those of unknown speakers, may change the state; what anybody else says
    is kept as what the next of them answers to. Keeps `nlp_lstm.component.Component`.
    """

    task: Task = "states"

    def __init__(
        self,
        schema: Schema,
        network: StateNetwork,
        calibration: StateCalibration,
        *,
        name: str,
        fingerprint: str,
        validated_tokens: int,
    ) -> None:
        self.schema = schema
        self.network = network.eval()
        self.calibration = calibration
        self.name = name
        self.fingerprint = fingerprint
        self.validated_tokens = validated_tokens
        self._reader = StepReader(schema)
        self._historian = Historian(schema)
        self._alone: SingleTracker | None = None

    @classmethod
    def load(cls, artefact: Artefact) -> "StateTracker":
        """Build the component that an artefact holds.

        Raises:
            ArtefactError: Config, calibration and weights do not belong together.
        """
        try:
            config = StateNetworkConfig.model_validate(artefact.config["network"])
            schema = Schema.model_validate(artefact.config["schema"])
            validated_tokens = int(artefact.config["validated_tokens"])
            calibration = StateCalibration.model_validate(artefact.calibration)
        except (KeyError, TypeError, ValueError) as error:
            raise ArtefactError(
                f"{artefact.name}/config.json",
                found=f"settings that are none of a state tracker ({' '.join(str(error).split())})",
                expected="what its training saved",
                remedy="copy the directory again, or train the model again",
            ) from error
        forms = FormTable(artefact.tokenizer, config.rows.gram_buckets)
        network = StateNetwork(config, schema_tables(schema), forms)
        load_weights(network, artefact)
        return cls(
            schema,
            network,
            calibration,
            name=artefact.name,
            fingerprint=artefact.fingerprint,
            validated_tokens=validated_tokens,
        )

    def start(self) -> Memory:
        """The memory before the first turn."""
        return to_memory(self._start(), self.fingerprint)

    @torch.inference_mode()
    def step(self, memory: Memory, turn: Turn) -> tuple[TurnLabels, Memory]:
        """Follow the state through the next turn.

        Raises:
            ArtefactError: `memory` is another model's.
        """
        check_memory(memory, self.fingerprint)
        self.network.rows.table.bound()
        before = from_memory(memory)
        cursor = Cursor(self._reader, self._historian, before, [turn])
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
        before = self._start()
        for first in range(0, len(order), TOGETHER):
            self.network.rows.table.bound()
            chosen = order[first : first + TOGETHER]
            cursors = [
                Cursor(self._reader, self._historian, before, conversations[i].turns)
                for i in chosen
            ]
            self._follow(cursors)
            for i, cursor in zip(chosen, cursors, strict=True):
                labels[i] = self._labels(before, cursor)
        return labels

    def _start(self) -> Thread:
        carried = start_tracking(self.network, 1)
        return Thread(0, 0, (), START, empty_table(self.network.mention.out_features), carried)

    def _follow(self, cursors: Sequence[Cursor]) -> None:
        """Go through all steps of some conversations, a window of each at a time."""
        active = list(cursors)
        while active:
            taken = [(cursor, cursor.take(WINDOW)) for cursor in active]
            busy = [(cursor, steps) for cursor, steps in taken if steps]
            busy.sort(key=lambda one: -len(one[1]))  # so that those that end need not be carried
            if len(busy) == 1 and len(busy[0][1]) == 1:
                self._answer_one(busy[0][0], *busy[0][1][0])
            elif busy:
                self._answer(busy)
            active = [cursor for cursor, steps in busy if len(steps) == WINDOW]

    def _answer(self, busy: Sequence[tuple[Cursor, list[tuple[Step, Update]]]]) -> None:
        """Let the network answer the next steps of each conversation."""
        C = len(busy)
        batch = batch_steps([steps for _, steps in busy], self.network.rows.table, carried=True)
        tables = torch.cat([cursor.table for cursor, _ in busy])
        reading = self.network.read(batch, tables)
        decided = list(
            track(self.network, batch, reading, together([cursor.carried for cursor, _ in busy]))
        )
        numbers = torch.cat([after.values for _, after in decided]).tolist()
        chained = torch.cat([after.confidence for _, after in decided])
        confidence = self.calibration.slots(chained).tolist()
        whole = self.calibration.state(whole_state(chained)).tolist()
        asked = (reading.requests > 0).tolist()
        copied = torch.cat([decision.copied for decision, _ in decided]).tolist()
        firsts = [0, *accumulate(batch.active)]  # of each time, among all that was decided
        kept = reading.vectors[batch.table_sources]  # (C, TABLE_ROWS, V)
        for c, (cursor, steps) in enumerate(busy):
            cursor.carried = apart(decided[len(steps) - 1][1], c)
            cursor.table = kept[c]
            cursor.answers += [
                Answer(
                    numbers[firsts[t] + c],
                    confidence[firsts[t] + c],
                    whole[firsts[t] + c],
                    [slot for slot, wanted in enumerate(asked[t * C + c]) if wanted],
                    copied[firsts[t] + c],
                )
                for t in range(len(steps))
            ]

    def _answer_one(self, cursor: Cursor, step: Step, update: Update) -> None:
        """Let the network answer one step of one conversation."""
        if self._alone is None or self._alone.kept is not self.network.of_weights():
            self._alone = SingleTracker(self.network, self.calibration)
        answer, cursor.carried, cursor.table = self._alone.step(
            step, update, cursor.carried, cursor.table
        )
        cursor.answers.append(answer)

    def _labels(self, before: Thread, cursor: Cursor) -> list[TurnLabels]:
        """What the answers say of each turn."""
        values: list[int] = before.carried.values[0].tolist()
        chained = before.carried.confidence.numpy()[0]
        certainty = float(calibrated(self.calibration.state, whole(chained)))
        state = belief_state(values, self.schema)
        labels: list[TurnLabels] = []
        steps = 0
        for read in cursor.turns_read:
            answers = cursor.answers[steps : read.steps]
            steps = read.steps
            changes: tuple[StateChange, ...] = ()
            if answers:
                last = answers[-1]
                if last.values != values:
                    copied = copied_slots(values, answers)
                    changes = state_changes(
                        values, last.values, last.confidence, copied, read.said, self.schema
                    )
                    state = belief_state(last.values, self.schema)
                values, certainty = last.values, last.state_confidence
            asked = {slot for answer in answers for slot in answer.requests}
            labels.append(
                TurnLabels(
                    state=state,
                    changes=changes,
                    requests=tuple(sorted(self.schema.requests[slot] for slot in asked)),
                    state_confidence=certainty,
                )
            )
        return labels
