"""One step of one conversation, as chats come in: what `track` does for many at once.

The same weights, the same order of thought and the same answers but for rounding; a test steps
through conversations and compares.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import linear

from nlp_lstm.states.calibration import Platt, StateCalibration
from nlp_lstm.states.candidates import MATCH_SCALE, Candidates
from nlp_lstm.states.cursor import Answer
from nlp_lstm.states.decode import chain, decide
from nlp_lstm.states.history import Update
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.parameters import PLAIN, STATUSES, Kept
from nlp_lstm.states.reading import Step
from nlp_lstm.states.schema import DONTCARE, EMPTY, OTHER
from nlp_lstm.states.single_reading import (
    Floats,
    Numbers,
    SingleReader,
    SingleReading,
    array,
    sources_of,
    weights_of,
)
from nlp_lstm.states.tracking import Carried

Doubles = npt.NDArray[np.float64]


class SingleTracker:
    """Follows one conversation by one step, with a network's weights as they are now.

    Dimensions: as in `StepBatch`, for one step.

    Attributes:
        kept: What was kept of the weights when this was made.
    """

    def __init__(self, network: StateNetwork, calibration: StateCalibration) -> None:
        self.kept: Kept = network.of_weights()
        self._calibration = calibration
        self._read = SingleReader(network)
        # Looked up once: a module's attributes and calls cost as much as a small product.
        self._turn_cell = network.turn_memory.lstm.all_weights[0]
        self._slot_cell = network.slot_memory.lstm.all_weights[0]
        self._from_memory = weights_of(network.from_slot_memory)
        self._from_turn = weights_of(network.from_turn)
        self._to_slot = weights_of(network.to_slot)
        self._copy_score = weights_of(network.copy_score)
        self._offer_present = weights_of(network.offer_present)
        self._offer_score = weights_of(network.offer_score)
        S, A = network.offered.shape
        self._known = self.kept.known.numpy()
        self._pairs = self.kept.pairs.numpy()
        self._unrelated = self.kept.unrelated.numpy()
        self._related = network.related.numpy()
        self._is_related = self._related >= 0
        self._value_rows = network.value_rows.numpy()
        # One row for each slot and status, to be picked and added up.
        self._of_status = np.ascontiguousarray(array(network.from_statuses.weight).T)
        self._slots = np.arange(S)
        # All but what is related, mentioned or held now is the same at every step.
        self._plain_bias = array(network.plain_bias)
        self._always = self.kept.always.numpy()
        self._offered = network.offered.numpy()
        self._offered_rows = network.offered_rows.detach().transpose(1, 2).contiguous()
        self._bonus = float(network.present_bonus)
        self._values = np.concatenate(
            [np.tile([EMPTY, DONTCARE, EMPTY], (S, 1)), self._offered], axis=1
        )
        self._copies_from = PLAIN + A

    def step(
        self, step: Step, update: Update, carried: Carried, table: Tensor
    ) -> tuple[Answer, Carried, Tensor]:
        """What holds after a step, and what is carried from there.

        Args:
            step: Its words and mentions.
            update: What they offer.
            carried: From before, of one conversation.
            table: Mention vectors from before. (TABLE_ROWS, V)
        """
        reading = self._read(step, update, table)
        previous = carried.values.numpy()[0]
        turns = torch.lstm_cell(reading.summary, carried.turns, *self._turn_cell)
        inputs = self._slot_input(
            reading.mixed, torch.cat([reading.summary, turns[0]], 1), previous
        )
        slots = torch.lstm_cell(inputs, carried.slots, *self._slot_cell)
        hidden = inputs + linear(slots[0], *self._from_memory)
        decision = decide(self._candidates(hidden, previous, reading), carried.values)
        confidence = chain(carried.confidence, carried.values, decision)
        sure = confidence.numpy()[0]
        answer = Answer(
            decision.values[0].tolist(),
            calibrated(self._calibration.slots, sure).tolist(),
            float(calibrated(self._calibration.state, whole(sure))),
            np.flatnonzero(reading.requests > 0).tolist(),
            decision.copied[0].tolist(),
        )
        after = Carried(turns, slots, decision.values, confidence)
        return answer, after, sources_of(update, reading.vectors)

    def _slot_input(self, mixed: Floats, turn: Tensor, previous: Numbers) -> Tensor:
        """Each slot at the step, knowing the state before it: (S, W)."""
        rows = self._value_rows[previous]
        statuses = self._slots * STATUSES + np.minimum(rows, OTHER)
        state = self._of_status[statuses].sum(axis=0) + linear(turn, *self._from_turn).numpy()
        mix = np.maximum(mixed + self._known[rows] + state, 0)
        return linear(torch.from_numpy(mix), *self._to_slot).relu_()

    def _candidates(self, hidden: Tensor, previous: Numbers, reading: SingleReading) -> Candidates:
        """Everything every slot could hold, as `score_candidates` lays it out."""
        kept = self.kept
        S, P, K = self._pairs.shape
        first, last = self._copies_from, self._copies_from + P
        heads = linear(hidden, kept.heads, kept.heads_bias).numpy()
        places, most = _places(reading.slots)
        logits = np.full((S, last + most), -np.inf, dtype=np.float32)
        values = np.zeros((S, last + most), dtype=np.int64)
        values[:, :first] = self._values
        values[:, PLAIN - 1] = previous
        held = np.where((previous == EMPTY) | (previous == OTHER), np.float32(-np.inf), 0)
        logits[:, :PLAIN] = heads[:, :PLAIN] + self._plain_bias
        logits[:, PLAIN - 1] += held
        offered = (hidden[:, None] @ self._offered_rows)[:, 0].numpy()
        logits[:, PLAIN:first] = offered + self._always
        logits[:, PLAIN:first][self._offered == previous[:, None]] += self._bonus
        related = previous[self._related]  # -1 picks the last slot; masked
        copied = np.maximum(heads[:, None, PLAIN : PLAIN + K] + self._pairs, 0)
        scores = linear(torch.from_numpy(copied), *self._copy_score).numpy()[..., 0]
        logits[:, first:last] = scores + held[self._related] + self._unrelated
        values[:, first:last] = related
        logits[reading.slots, last + places] = self._mentioned(
            heads[:, PLAIN + K :], previous, related, reading
        )
        values[reading.slots, last + places] = reading.values
        return Candidates(
            torch.from_numpy(logits)[None], torch.from_numpy(values)[None], (first, last)
        )

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
        deep += linear(torch.from_numpy(present), *self._offer_present).numpy()
        np.maximum(deep, 0, out=deep)
        scores = linear(torch.from_numpy(deep), *self._offer_score).numpy()[:, 0]
        matched = (asked[:, H:] * reading.matches).sum(axis=1)
        return np.asarray(scores + np.float32(MATCH_SCALE) * matched)


def _places(slots: Numbers) -> tuple[Numbers, int]:
    """How many offers of the same slot stand before each, and the most of one slot."""
    places = np.arange(len(slots)) - np.searchsorted(slots, slots)
    return places, int(places.max(initial=-1)) + 1


def calibrated(platt: Platt, raw: Doubles) -> Doubles:
    """What `Platt` makes of a tensor of such numbers."""
    sure = np.clip(raw, 1e-6, 1 - 1e-6)
    return 1 / (1 + np.exp(-(platt.slope * np.log(sure / (1 - sure)) + platt.offset)))


def whole(confidence: Doubles) -> Doubles:
    """How sure all slots are together, as `whole_state` has it."""
    return np.asarray(np.exp(np.log(np.maximum(confidence, 1e-30)).sum()))
