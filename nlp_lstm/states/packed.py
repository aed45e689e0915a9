"""A tracker's weights for compiled kernels: of many conversations, and of one.

A row has the same numbers whatever rows are computed with it, to the last bit, so that what is
multiplied may be rounded to bfloat16: what follows a conversation alone rounds the same numbers.
For that everything on the way from words to what slots hold is computed here, or is a sum of two.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nlp_lstm.layers.packed_lstm import PackedLstm
from nlp_lstm.layers.single import Doubles, Floats, Linear, Numbers, PackedCell
from nlp_lstm.layers.turn_reader import Tables, TurnReader
from nlp_lstm.native.kernels import RELU, TANH, Kernels, find_kernels
from nlp_lstm.states.carried import Carried
from nlp_lstm.states.choosing import Chooser, Chosen, Offered
from nlp_lstm.states.joined import heads_of, known_of, marks_of, mentions_of
from nlp_lstm.states.layout import STATUSES
from nlp_lstm.states.schema import OTHER
from nlp_lstm.states.tables import SchemaTables
from nlp_lstm.stored_weights import Array


class Heard(NamedTuple):
    """What is made of steps before the state is known.

    Attributes:
        states: Of words, zeros after a step's end. (B, L, Y)
        keys: What attention compares. (B, L, K)
        mixed: What each slot found. (B, S, X)
        summaries: Each step as one vector. (B, G)
    """

    states: Floats
    keys: Floats
    mixed: Floats
    summaries: Floats


class PackedTracker:
    """Reads and decides with a tracker's weights as they were when this was made.

    Dimensions: B steps, L words of the longest, C conversations, S slots, and the widths that
    `StateParameters` names.

    Attributes:
        slots: S.
        mention_width: V.
        turn_memory: The memory across steps, in full precision: it is rounded at every step.
        slot_memory: The memory of each slot.
    """

    def __init__(
        self,
        kernels: tuple[Kernels, Kernels],
        weights: Mapping[str, Array],
        tables: SchemaTables,
    ) -> None:
        """Pack weights.

        Args:
            kernels: The fastest, and those of full precision.
            weights: The tracker's by name.
            tables: Its schema's.
        """
        fast, exact = kernels
        self._exact = exact
        self.slots = len(tables.offered)
        self.mention_width = len(weights["mention.bias"])
        self._encoder = TurnReader(fast, weights, "encoder.")
        marks = marks_of(weights)
        token = weights["encoder.forwards.0.weight_ih_l0"].shape[1]
        self._marks = self._encoder.tables(marks, first=token - marks.shape[1])
        self._key = Linear.of(weights, "key", fast)
        self._mention = Linear.of(weights, "mention", fast)
        self._summary = Linear.of(weights, "summary", exact)
        self._questions = exact.questions(weights["queries"])
        self._slot_rows: Floats = weights["slot_rows"]
        each = len(weights["queries"]) // self.slots
        parts = np.split(weights["from_context.weight"], each, axis=1)
        self._contexts = [Linear(part, kernels=fast) for part in parts]
        self._mapped = Linear(mentions_of(weights), kernels=fast)
        self.turn_memory = PackedCell(PackedLstm(exact, weights, "turn_memory.lstm."))
        self._from_turn = Linear.of(weights, "from_turn", exact)
        self._statuses = Linear.of(weights, "from_statuses", exact)
        self._value_rows = tables.value_rows
        self._known = known_of(weights)
        status = np.minimum(np.arange(len(self._known)), OTHER)
        self._status = np.eye(STATUSES, dtype=np.float32)[status]
        self._to_slot = Linear.of(weights, "to_slot", fast)
        self.slot_memory = PackedCell(PackedLstm(fast, weights, "slot_memory.lstm."))
        self._from_memory = Linear.of(weights, "from_slot_memory", fast)
        self._heads = Linear(*heads_of(weights), fast)
        self._choose = Chooser(exact, weights, tables)

    def __deepcopy__(self, memo: object) -> "PackedTracker":
        return self  # weights as they were do not change

    def tables(self, rows: Floats) -> Tables:
        """What the rows of words give to the encoder: (V, W)."""
        return self._encoder.tables(rows)

    def told(self, rows: Floats) -> tuple[Tables, Numbers]:
        """The same of the words of one step, and which row each has: (L, W)."""
        return self._encoder.told(rows)

    def hear(self, words: Tables, places: Numbers, marks: Numbers, lengths: Numbers) -> Heard:
        """Read steps.

        Args:
            words: From `tables`.
            places: Which of these rows each word has. (B, L)
            marks: Twice its kind of mention, and 1 where the customer says it. (B, L)
            lengths: Words of each step, at least 1. (B,)
        """
        B, L = places.shape
        states = self._encoder.padded([(words, places), (self._marks, marks)], lengths)
        flat, starts = states.reshape(B * L, -1), L * np.arange(B)
        keys = self._key(flat, TANH)
        said = [context(flat) for context in self._contexts]
        mixed = self._exact.attend(self._questions, self._slot_rows, keys, said, starts, lengths)
        pooled = np.concatenate(self._exact.pool(flat, starts, lengths), axis=1)
        return Heard(states, keys.reshape(B, L, -1), mixed, self._summary(pooled, TANH))

    def mention(self, ends: Floats) -> Floats:
        """Mention vectors of the states of their first and last words: (M, 2Y) → (M, V)."""
        return self._mention(ends)

    def mapped(self, vectors: Floats) -> Floats:
        """Mention vectors as an offer's, as `Reading` has them: (N, V) → (2N, H + K)."""
        return self._mapped(vectors).reshape(2 * len(vectors), -1)

    def follow(
        self,
        mixed: Floats,
        summaries: Floats,
        carried: Carried[Array],
        offered: Offered,
        mapped: Floats,
    ) -> tuple[Chosen, Carried[Array]]:
        """What holds after one step of each conversation, and what is carried from there.

        Args:
            mixed: From `hear`. (C, S, X)
            summaries: From `hear`. (C, G)
            carried: From before.
            offered: What was said.
            mapped: From `mapped`.
        """
        C, S = carried.values.shape
        turns = self.turn_memory(summaries, carried.turns)
        situation = self._from_turn(np.concatenate([summaries, turns[0]], axis=1))
        rows = self._value_rows[carried.values]
        situation += self._statuses(self._status[rows].reshape(C, -1))
        given = mixed + situation[:, None]
        given += self._known[rows]
        np.maximum(given, 0, out=given)
        inputs = self._to_slot(given.reshape(C * S, -1), RELU)
        slots = self.slot_memory(inputs, carried.slots)
        inputs += self._from_memory(slots[0])
        hidden = inputs.reshape(C, S, -1)
        chosen = self._choose(hidden, self._heads(hidden), carried.values, offered, mapped)
        sure = chain(carried.confidence, carried.values, chosen)
        return chosen, Carried(turns, slots, chosen.values, sure)


def pack_tracker(weights: Mapping[str, Array], tables: SchemaTables) -> PackedTracker | None:
    """A tracker for compiled kernels; None where there are none, or it is not made of LSTMs.

    Args:
        weights: By name.
        tables: Of its schema.
    """
    fast, exact = find_kernels(), find_kernels(exact=True)
    of_lstms = ("encoder.forwards.0.weight_hh_l0", "turn_memory.lstm.weight_hh_l0")
    if fast is None or exact is None or not all(name in weights for name in of_lstms):
        return None
    # What is packed is copied by that; the rest must not change where the network learns on.
    own = {name: np.array(weights[name]) for name in weights if not name.startswith("rows.")}
    return PackedTracker((fast, exact), own, tables)


def chain(confidence: Doubles, previous: Numbers, chosen: Chosen) -> Doubles:
    """How sure each slot is after a step: `nlp_lstm.states.deciding.chain` of arrays, (C, S)."""
    changed = chosen.values != previous
    return np.where(changed, chosen.chosen, confidence * chosen.stayed)
