"""One step of one conversation, as chats come in: what `track` does for many at once.

The same weights, the same order of thought and the same answers but for rounding; a test steps
through conversations and compares.
"""

import numpy as np

from nlp_lstm.layers.single import Floats, Linear, Numbers
from nlp_lstm.runtime.engine import Engine
from nlp_lstm.states.calibration import StateCalibration
from nlp_lstm.states.carried import Carried
from nlp_lstm.states.cursor import Answer
from nlp_lstm.states.history import Update
from nlp_lstm.states.layout import MATCH_SCALE, PLAIN, STATUSES
from nlp_lstm.states.reading import Step
from nlp_lstm.states.schema import DONTCARE, EMPTY, OTHER
from nlp_lstm.states.single_deciding import SingleCandidates, decide, whole_state
from nlp_lstm.states.single_reading import SingleReader, SingleReading, sources_of
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
        self.slots, A = tables.offered.shape
        self.turn_memory = engine.memory("turn_memory")
        self.slot_memory = engine.memory("slot_memory")
        self.mention_width = len(weights["mention.bias"])
        self._from_memory = Linear.of(weights, "from_slot_memory")
        self._from_turn = Linear.of(weights, "from_turn")
        self._to_slot = Linear.of(weights, "to_slot")
        self._copy_score = Linear.of(weights, "copy_score")
        self._offer_present = Linear.of(weights, "offer_present")
        self._offer_score = Linear.of(weights, "offer_score")
        # Scores that one hidden state has of its own, as `Kept.heads` of the network's weights.
        heads = ("plain", "copy_hidden", "offer_hidden", "match_hidden")
        matching = weights["match_hidden.weight"]
        self._heads = Linear(
            np.concatenate([weights[f"{name}.weight"] for name in heads]),
            np.concatenate(
                [
                    *(weights[f"{name}.bias"] for name in heads[:3]),
                    np.zeros(len(matching), dtype=np.float32),
                ]
            ),
        )
        # What a slot knows of the value it holds, by row of the value embedding.
        status = np.minimum(np.arange(len(weights["values.weight"])), OTHER)
        self._known: Floats = (
            weights["values.weight"] @ weights["from_value.weight"].T
            + weights["status.weight"][status]
        )
        self._related = tables.related
        self._is_related = tables.related >= 0
        self._pairs = weights["copy_to"][:, None] + weights["copy_from"][tables.related]
        self._unrelated = np.where(self._is_related, np.float32(0), np.float32(-np.inf))
        self._value_rows = tables.value_rows
        # One row for each slot and status, to be picked and added up.
        self._of_status = np.ascontiguousarray(weights["from_statuses.weight"].T)
        self._slots = np.arange(self.slots)
        # All but what is related, mentioned or held now is the same at every step.
        self._plain_bias = weights["plain_bias"]
        self._offered = tables.offered
        self._always = np.where(
            tables.offered == EMPTY, np.float32(-np.inf), weights["offered_bias"]
        )
        self._offered_rows: Array = np.ascontiguousarray(weights["offered_rows"].transpose(0, 2, 1))
        self._bonus = float(weights["present_bonus"])
        self._values = np.concatenate(
            [np.tile([EMPTY, DONTCARE, EMPTY], (self.slots, 1)), self._offered], axis=1
        )
        self._copies_from = PLAIN + A

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
        candidates = self._candidates(hidden, previous, reading)
        decision = decide(candidates, previous, carried.confidence[0])
        answer = Answer(
            decision.values.tolist(),
            self._calibration.slots(decision.confidence).tolist(),
            float(self._calibration.state(whole_state(decision.confidence))),
            np.flatnonzero(reading.requests > 0).tolist(),
            decision.copied.tolist(),
        )
        after: Carried[Array] = Carried(
            turns, slots, decision.values[None], decision.confidence[None]
        )
        return answer, after, sources_of(update, reading.vectors)

    def _slot_input(self, mixed: Floats, turn: Floats, previous: Numbers) -> Floats:
        """Each slot at the step, knowing the state before it: (S, W)."""
        rows = self._value_rows[previous]
        statuses = self._slots * STATUSES + np.minimum(rows, OTHER)
        state = self._of_status[statuses].sum(axis=0) + self._from_turn(turn)
        return np.maximum(self._to_slot(np.maximum(mixed + self._known[rows] + state, 0)), 0)

    def _candidates(
        self, hidden: Floats, previous: Numbers, reading: SingleReading
    ) -> SingleCandidates:
        """Everything every slot could hold, as `score_candidates` lays it out."""
        S, P, K = self._pairs.shape
        first, last = self._copies_from, self._copies_from + P
        heads = self._heads(hidden)
        places, most = _places(reading.slots)
        logits = np.full((S, last + most), -np.inf, dtype=np.float32)
        values = np.zeros((S, last + most), dtype=np.int64)
        values[:, :first] = self._values
        values[:, PLAIN - 1] = previous
        held = np.where((previous == EMPTY) | (previous == OTHER), np.float32(-np.inf), 0)
        logits[:, :PLAIN] = heads[:, :PLAIN] + self._plain_bias
        logits[:, PLAIN - 1] += held
        offered = np.matmul(hidden[:, None], self._offered_rows)[:, 0]
        logits[:, PLAIN:first] = offered + self._always
        logits[:, PLAIN:first][self._offered == previous[:, None]] += self._bonus
        related = previous[self._related]  # -1 picks the last slot; masked
        copied = np.maximum(heads[:, None, PLAIN : PLAIN + K] + self._pairs, 0)
        scores = self._copy_score(copied)[..., 0]
        logits[:, first:last] = scores + held[self._related] + self._unrelated
        values[:, first:last] = related
        logits[reading.slots, last + places] = self._mentioned(
            heads[:, PLAIN + K :], previous, related, reading
        )
        values[reading.slots, last + places] = reading.values
        return SingleCandidates(logits, values, (first, last))

    def _mentioned(
        self, heads: Floats, previous: Numbers, related: Numbers, reading: SingleReading
    ) -> Floats:
        """Scores of the mentioned values: (E,)."""
        slots = reading.slots
        H = reading.offers.shape[1]
        copied = (related[slots] == reading.values[:, None]) & self._is_related[slots]
        present = np.empty((len(slots), 2), dtype=np.float32)
        present[:, 0] = previous[slots] == reading.values
        present[:, 1] = copied.any(axis=1)
        asked = heads[slots]
        deep = asked[:, :H] + reading.offers
        deep += self._offer_present(present)
        scores = self._offer_score(np.maximum(deep, 0, out=deep))[:, 0]
        matched = (asked[:, H:] * reading.matches).sum(axis=1)
        return np.asarray(scores + np.float32(MATCH_SCALE) * matched)


def _places(slots: Numbers) -> tuple[Numbers, int]:
    """How many offers of the same slot stand before each, and the most of one slot."""
    places = np.arange(len(slots)) - np.searchsorted(slots, slots)
    return places, int(places.max(initial=-1)) + 1
