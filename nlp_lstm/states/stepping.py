"""The state tracker turn by turn: NumPy, and an engine that reads the words."""

import numpy as np

from corpora.conversation import Turn
from corpora.labels import TurnLabels
from nlp_lstm.component import Identity, Memory, Task, check_memory
from nlp_lstm.runtime.engine import Engine
from nlp_lstm.runtime.stepping import Stepper
from nlp_lstm.states.calibration import StateCalibration
from nlp_lstm.states.carried import Carried, Thread
from nlp_lstm.states.cursor import Cursor
from nlp_lstm.states.history import START, TABLE_ROWS, Historian
from nlp_lstm.states.labelling import turn_labels
from nlp_lstm.states.memory import from_memory, to_memory
from nlp_lstm.states.packed import PackedTracker, pack_tracker
from nlp_lstm.states.packed_single import PackedSingle
from nlp_lstm.states.reading import StepReader
from nlp_lstm.states.schema import EMPTY, Schema
from nlp_lstm.states.single import SingleTracker
from nlp_lstm.states.tables import schema_tables
from nlp_lstm.stored_weights import Array
from nlp_lstm.text.words import count_words


class StateStepper(Stepper):
    """What the customer wants so far, one turn at a time; answers as `StateTracker` does."""

    task: Task = "states"

    def __init__(
        self,
        schema: Schema,
        calibration: StateCalibration,
        engine: Engine,
        *,
        identity: Identity,
        reader: StepReader | None = None,
        historian: Historian | None = None,
        packed: PackedTracker | None = None,
    ) -> None:
        super().__init__(identity)
        self.schema = schema
        self.calibration = calibration
        # Both make tables of a schema's thousands of values, and packing copies all weights: who
        # has them already gives them.
        self._reader = reader or StepReader(schema)
        self._historian = historian or Historian(schema)
        self._engine = engine
        tables = schema_tables(schema)
        if packed is None and engine.kernels is not None:
            packed = pack_tracker(engine.weights, tables)
        self._tracker: PackedSingle | SingleTracker = (
            SingleTracker(engine, tables, calibration)
            if packed is None
            else PackedSingle(engine, packed, calibration)
        )

    def start(self) -> Memory:
        """The memory before the first turn."""
        tracker, S = self._tracker, self._tracker.slots
        carried: Carried[Array] = Carried(
            turns=tracker.turn_memory.start(1),
            slots=tracker.slot_memory.start(S),
            values=np.full((1, S), EMPTY),
            confidence=np.ones((1, S)),
        )
        table = np.zeros((TABLE_ROWS, tracker.mention_width), dtype=np.float32)
        return to_memory(Thread(0, 0, (), START, table, carried), self.fingerprint)

    def step(self, memory: Memory, turn: Turn) -> tuple[TurnLabels, Memory]:
        """Follow the state through the next turn.

        Raises:
            ArtefactError: `memory` is another model's.
        """
        check_memory(memory, self.fingerprint)
        self._engine.bound()
        before = from_memory(memory)
        cursor = Cursor(self._reader, self._historian, before, [turn])
        for step, update in cursor.take():
            answer, cursor.carried, cursor.table = self._tracker.step(
                step, update, cursor.carried, cursor.table
            )
            cursor.answers.append(answer)
        values: list[int] = before.carried.values[0].tolist()
        sure = before.carried.confidence[0]
        (labels,) = turn_labels(self.schema, self.calibration, values, sure, cursor)
        return labels, to_memory(cursor.thread(count_words(turn.text)), self.fingerprint)
