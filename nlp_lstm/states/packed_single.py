"""One step of one conversation by compiled kernels: as `SingleTracker`, which is NumPy's."""

import numpy as np

from nlp_lstm.layers.single import softmax
from nlp_lstm.runtime.engine import Engine
from nlp_lstm.states.calibration import StateCalibration
from nlp_lstm.states.carried import Carried
from nlp_lstm.states.cursor import Answer
from nlp_lstm.states.history import Update
from nlp_lstm.states.packed import Heard, PackedTracker
from nlp_lstm.states.reading import Step
from nlp_lstm.states.single import answer_of
from nlp_lstm.states.single_reading import offered_at, sources_of
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
        weights = engine.weights
        self._request_queries = weights["request_queries"]
        self._request_weights = weights["request_weights"]
        self._request_bias = weights["request_bias"]

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
        marks = 2 * np.array(step.tags)
        marks[step.user_starts :] += 1
        words, places = packed.told(self._rows(step.words))
        heard = packed.hear(words, places[None], marks[None], np.array([count]))
        vectors = self._vectors(step, heard, table)
        chosen, after = packed.follow(
            heard.mixed, heard.summaries, carried, offered_at(update), packed.mapped(vectors)
        )
        asked = self._requests(step, heard)
        answer = answer_of(chosen, after.confidence[0], asked, self._calibration)
        return answer, after, sources_of(update, vectors)

    def _vectors(self, step: Step, heard: Heard, table: Array) -> Array:
        """No mention, the table's mention vectors, the step's own: (1 + TABLE_ROWS + M, V)."""
        before = np.zeros((1, table.shape[1]), dtype=np.float32), table
        if not step.mentions:
            return np.concatenate(before)
        ends = np.array([(mention.first, mention.last) for mention in step.mentions])
        own = self._packed.mention(heard.states[0, ends].reshape(len(ends), -1))
        return np.concatenate([*before, own])

    def _requests(self, step: Step, heard: Heard) -> list[int]:
        """The slots that are asked about."""
        if not len(self._request_bias):
            return []
        states, keys = heard.states[0, step.user_starts :], heard.keys[0, step.user_starts :]
        asked = softmax(self._request_queries @ keys.T)
        logits = (asked * (self._request_weights @ states.T)).sum(axis=1) + self._request_bias
        found: list[int] = np.flatnonzero(logits > 0).tolist()
        return found
