"""One step of one conversation by compiled kernels: as `SingleTracker`, which is NumPy's."""

import numpy as np

from nlp_lstm.runtime.engine import Engine
from nlp_lstm.states.calibration import StateCalibration
from nlp_lstm.states.carried import Carried
from nlp_lstm.states.cursor import Answer
from nlp_lstm.states.history import Update
from nlp_lstm.states.packed import PackedTracker
from nlp_lstm.states.reading import Step
from nlp_lstm.states.single import answer_of
from nlp_lstm.states.single_reading import (
    Requests,
    marks_at,
    offered_at,
    sources_of,
    vectors_at,
)
from nlp_lstm.stored_weights import Array


class PackedSingle:
    """Follows one conversation by one step.

    Attributes:
        slots: S.
        turn_memory: The memory across steps.
        slot_memory: The memory of each slot.
        mention_width: V.
    """

    def __init__(
        self, engine: Engine, packed: PackedTracker, calibration: StateCalibration
    ) -> None:
        """Args: engine, what knows words; packed, its network's weights; calibration, its own."""
        self._rows = engine.rows
        self._packed = packed
        self._calibration = calibration
        self.slots, self.mention_width = packed.slots, packed.mention_width
        self.turn_memory, self.slot_memory = packed.turn_memory, packed.slot_memory
        self._requests = Requests(engine.weights)

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
        packed, count = self._packed, len(step.words)
        words, places = packed.told(self._rows(step.words))
        heard = packed.hear(words, places[None], marks_at(step)[None], np.array([count]))
        states = heard.states[0]
        vectors = vectors_at(step, states, table, packed.mention)
        chosen, after = packed.follow(
            heard.mixed, heard.summaries, carried, offered_at(update), packed.mapped(vectors)
        )
        asked = self._requests(step, states, heard.keys[0])
        answer = answer_of(chosen, after.confidence[0], asked, self._calibration)
        return answer, after, sources_of(update, vectors)
