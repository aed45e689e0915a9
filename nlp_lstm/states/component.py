"""The state tracker: turns in, what the customer wants so far out."""

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor

from corpora.conversation import Conversation
from corpora.labels import TurnLabels
from nlp_lstm.artefact import Artefact, load_weights
from nlp_lstm.component import Identity, Task
from nlp_lstm.runtime.engine import Engine
from nlp_lstm.runtime.torch_stepping import TorchStepping
from nlp_lstm.states.batches import batch_steps
from nlp_lstm.states.calibration import StateCalibration
from nlp_lstm.states.carried import Thread
from nlp_lstm.states.cursor import Answer, Cursor
from nlp_lstm.states.history import START, TABLE_ROWS, Historian, Update
from nlp_lstm.states.labelling import turn_labels
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.reading import Step, StepReader
from nlp_lstm.states.schema import EMPTY, Schema
from nlp_lstm.states.settings import state_settings
from nlp_lstm.states.single import whole_state
from nlp_lstm.states.stepping import StateStepper
from nlp_lstm.states.tables import schema_tables
from nlp_lstm.states.tracking import apart, start_tracking, together, track
from nlp_lstm.text.forms import FormTable

# Conversations that go on together, and how many steps of each before the others' turn: enough
# to fill batches, few enough to bound memory whatever the conversations' length.
TOGETHER = 64
WINDOW = 16


class StateTracker(TorchStepping[StateNetwork, StateStepper]):
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
        identity: Identity,
    ) -> None:
        super().__init__(network.eval(), identity)
        self.schema = schema
        self.calibration = calibration
        self._reader = StepReader(schema)
        self._historian = Historian(schema)

    @classmethod
    def load(cls, artefact: Artefact) -> "StateTracker":
        """Build the component that an artefact holds.

        Raises:
            ArtefactError: Config, calibration and weights do not belong together.
        """
        settings = state_settings(artefact)
        forms = FormTable(artefact.tokenizer, settings.config.rows.gram_buckets)
        network = StateNetwork(settings.config, schema_tables(settings.schema), forms)
        load_weights(network, artefact)
        return cls(
            settings.schema,
            network,
            settings.calibration,
            identity=settings.identity,
        )

    @torch.inference_mode()
    def annotate(self, conversations: Sequence[Conversation]) -> list[list[TurnLabels]]:
        """Follow the states of whole conversations, many at once.

        Returns:
            One list a conversation, one `TurnLabels` a turn.
        """
        order = sorted(range(len(conversations)), key=lambda i: len(conversations[i].turns))
        labels: list[list[TurnLabels]] = [[] for _ in conversations]
        before = self._start()
        values = [EMPTY] * len(self.schema.slots)
        for first in range(0, len(order), TOGETHER):
            self.network.rows.table.bound()
            chosen = order[first : first + TOGETHER]
            cursors = [
                Cursor(self._reader, self._historian, before, conversations[i].turns)
                for i in chosen
            ]
            self._follow(cursors)
            for i, cursor in zip(chosen, cursors, strict=True):
                labels[i] = turn_labels(
                    self.schema, self.calibration, values, [1.0] * len(values), cursor
                )
        return labels

    @torch.inference_mode()
    def _step_with(self, engine: Engine) -> StateStepper:
        return StateStepper(
            self.schema,
            self.calibration,
            engine,
            identity=self.identity,
            reader=self._reader,
            historian=self._historian,
            packed=self.network.packed(),
        )

    def _start(self) -> Thread[Tensor]:
        table = torch.zeros(TABLE_ROWS, self.network.mention.out_features)
        return Thread(0, 0, (), START, table, start_tracking(self.network, 1))

    def _follow(self, cursors: Sequence[Cursor[Tensor]]) -> None:
        """Go through all steps of some conversations, a window of each at a time."""
        active = list(cursors)
        while active:
            taken = [(cursor, cursor.take(WINDOW)) for cursor in active]
            busy = [(cursor, steps) for cursor, steps in taken if steps]
            busy.sort(key=lambda one: -len(one[1]))  # so that those that end need not be carried
            if busy:
                self._answer(busy)
            active = [cursor for cursor, steps in busy if len(steps) == WINDOW]

    def _answer(self, busy: Sequence[tuple[Cursor[Tensor], list[tuple[Step, Update]]]]) -> None:
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
        whole = self.calibration.state(whole_state(chained.numpy())).tolist()
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
