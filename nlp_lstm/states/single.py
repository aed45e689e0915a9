"""One step of one conversation, as chats come in: what `track` does for many at once.

The same weights, the same order of thought and the same answers but for rounding; a test steps
through conversations and compares.
"""

import numpy as np
import numpy.typing as npt

from nlp_lstm.layers.single import Doubles, Floats, Linear, Numbers, Remembers
from nlp_lstm.runtime.engine import Engine
from nlp_lstm.states.calibration import StateCalibration
from nlp_lstm.states.carried import Carried
from nlp_lstm.states.choosing import Chosen
from nlp_lstm.states.cursor import Answer
from nlp_lstm.states.history import Update
from nlp_lstm.states.joined import heads_of, known_of
from nlp_lstm.states.layout import STATUSES
from nlp_lstm.states.packed import chain
from nlp_lstm.states.reading import Step
from nlp_lstm.states.schema import OTHER
from nlp_lstm.states.single_choosing import SingleChooser
from nlp_lstm.states.single_reading import SingleReader, sources_of
from nlp_lstm.states.tables import SchemaTables
from nlp_lstm.stored_weights import Array


class SingleTracker:
    """Follows one conversation by one step, with an engine's weights as they were at the start.

    Dimensions: as in `StepBatch`, for one step.

    Attributes:
        slots: S.
        turn_memory: The memory across steps.
        slot_memory: The memory of each slot.
        mention_width: V.
    """

    def __init__(self, engine: Engine, tables: SchemaTables, calibration: StateCalibration) -> None:
        weights = engine.weights
        self._calibration = calibration
        self._read = SingleReader(engine, tables)
        self.slots = len(tables.offered)
        self.turn_memory: Remembers = engine.memory("turn_memory")
        self.slot_memory: Remembers = engine.memory("slot_memory")
        self.mention_width = len(weights["mention.bias"])
        self._from_memory = Linear.of(weights, "from_slot_memory")
        self._from_turn = Linear.of(weights, "from_turn")
        self._to_slot = Linear.of(weights, "to_slot")
        self._heads = Linear(*heads_of(weights))
        self._known = known_of(weights)
        self._value_rows = tables.value_rows
        # One row for each slot and status, to be picked and added up.
        self._of_status = np.ascontiguousarray(weights["from_statuses.weight"].T)
        self._slots = np.arange(self.slots)
        self._choose = SingleChooser(weights, tables)

    def step(
        self, step: Step, update: Update, carried: Carried[Array], table: Array
    ) -> tuple[Answer, Carried[Array], Array]:
        """What holds after a step, and what is carried from there.

        Args:
            step: Its words and mentions.
            update: What they offer.
            carried: From before, of one conversation.
            table: Mention vectors from before. (TABLE_ROWS, V)
        """
        reading = self._read(step, update, table)
        previous: Numbers = carried.values[0]
        turns = self.turn_memory(reading.summary, carried.turns)
        situation = np.concatenate([reading.summary, turns[0]], axis=1)
        inputs = self._slot_input(reading.mixed, situation, previous)
        slots = self.slot_memory(inputs, carried.slots)
        hidden = inputs + self._from_memory(slots[0])
        chosen = self._choose(
            hidden[None],
            self._heads(hidden)[None],
            carried.values,
            reading.offered,
            reading.mapped,
        )
        sure = chain(carried.confidence, carried.values, chosen)
        answer = answer_of(chosen, sure[0], reading.requests, self._calibration)
        after: Carried[Array] = Carried(turns, slots, chosen.values, sure)
        return answer, after, sources_of(update, reading.vectors)

    def _slot_input(self, mixed: Floats, turn: Floats, previous: Numbers) -> Floats:
        """Each slot at the step, knowing the state before it: (S, W)."""
        rows = self._value_rows[previous]
        statuses = self._slots * STATUSES + np.minimum(rows, OTHER)
        state = self._of_status[statuses].sum(axis=0) + self._from_turn(turn)
        return np.maximum(self._to_slot(np.maximum(mixed + self._known[rows] + state, 0)), 0)


def answer_of(
    chosen: Chosen, sure: Doubles, requests: list[int], calibration: StateCalibration
) -> Answer:
    """What holds after a step of one conversation: sure (S,), chained and not calibrated."""
    return Answer(
        chosen.values[0].tolist(),
        calibration.slots(sure).tolist(),
        float(calibration.state(whole_state(sure))),
        requests,
        chosen.copied[0].tolist(),
    )


def whole_state(confidence: npt.ArrayLike) -> Doubles:
    """How sure all slots are together: the product over slots, (…, S) → (…,)."""
    sure = np.maximum(np.asarray(confidence, dtype=np.float64), 1e-30)
    return np.asarray(np.exp(np.log(sure).sum(axis=-1)))
