"""What the network makes of one step alone: as `hearing` does for many, at less than half its cost.

With NumPy but for the word rows and the LSTM, which are an engine's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from nlp_lstm.layers.single import Floats, Linear, Numbers, softmax
from nlp_lstm.runtime.engine import Engine
from nlp_lstm.states.choosing import Offered
from nlp_lstm.states.history import TABLE_ROWS, Update
from nlp_lstm.states.joined import marks_of, mentions_of
from nlp_lstm.states.layout import NO_MENTION
from nlp_lstm.states.reading import Step
from nlp_lstm.states.tables import SchemaTables
from nlp_lstm.stored_weights import Array

_OWN = 1 + TABLE_ROWS  # of the mention vectors: no mention, the table's, then the step's own


@dataclass(frozen=True, slots=True, eq=False)
class SingleReading:
    """What the network makes of a step before it knows the state; as `Reading`, of one step.

    Attributes:
        mixed: What each slot found. (S, X)
        summary: The step as one vector. (1, G)
        vectors: No mention, the table's mention vectors, the step's own. (1 + TABLE_ROWS + M, V)
        offered: What was said.
        mapped: Mention vectors as an offer's, as `Reading` has them. (2 * (1 + …), H + K)
        requests: Which slots are asked about.
    """

    mixed: Floats
    summary: Floats
    vectors: Floats
    offered: Offered
    mapped: Floats
    requests: list[int]


class SingleReader:
    """Reads one step at a time with an engine's weights as they were when this was made."""

    def __init__(self, engine: Engine, tables: SchemaTables) -> None:
        weights = engine.weights
        self._engine = engine
        self._slots = len(tables.offered)
        self._key = Linear.of(weights, "key")
        self._mention = Linear.of(weights, "mention")
        self._summary = Linear.of(weights, "summary")
        self._from_context = Linear.of(weights, "from_context")
        self._queries = weights["queries"]
        self._marks = marks_of(weights)
        self._mentions = Linear(mentions_of(weights))
        self._slot_rows = weights["slot_rows"]
        self._requests = Requests(weights)
        # Of all queries side by side, for the words of a step. (queries * X, Y)
        X, Q = len(self._slot_rows[0]), len(self._queries) // self._slots
        parts = weights["from_context.weight"].reshape(X, Q, -1)
        self._context = Linear(parts.transpose(1, 0, 2).reshape(Q * X, -1))

    def __call__(self, step: Step, update: Update, table: Floats) -> SingleReading:
        """Read a step.

        Args:
            step: Its words and mentions.
            update: What they offer.
            table: Mention vectors carried from before. (TABLE_ROWS, V)
        """
        marks = self._marks[marks_at(step)]
        tokens = np.concatenate([self._engine.rows(step.words), marks], axis=1)
        states = self._engine.encode(tokens)
        keys = np.tanh(self._key(states))
        vectors = vectors_at(step, states, table, self._mention)
        return SingleReading(
            mixed=self._mix(softmax(self._queries @ keys.T), states),
            summary=self._summarised(states),
            vectors=vectors,
            offered=offered_at(update),
            mapped=self._mentions(vectors).reshape(2 * len(vectors), -1),
            requests=self._requests(step, states, keys),
        )

    def _mix(self, weights: Floats, states: Floats) -> Floats:
        """What all queries of a slot find, as one vector: weights (S * queries, L) to (S, X)."""
        S, L = self._slots, len(states)
        if S < L:
            mixed = self._from_context((weights @ states).reshape(S, -1))
        else:
            # A word is weighted by every query of a slot in turn, and mapped for each of them.
            by_word = weights.reshape(S, -1, L).transpose(0, 2, 1).reshape(S, -1)
            mixed = by_word @ self._context(states).reshape(by_word.shape[1], -1)
        mixed += self._slot_rows
        return mixed

    def _summarised(self, states: Floats) -> Floats:
        pooled = np.concatenate([states.max(axis=0), states.sum(axis=0) / np.float32(len(states))])
        return np.tanh(self._summary(pooled[None]))


class Requests:
    """Which slots a customer asks about."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        """Args: weights, the tracker's by name."""
        self._queries = weights["request_queries"]
        self._weights = weights["request_weights"]
        self._bias = weights["request_bias"]

    def __call__(self, step: Step, states: Floats, keys: Floats) -> list[int]:
        """Their indices, by the customer's own words: states (L, Y), keys (L, K)."""
        if not len(self._bias):
            return []
        own = slice(step.user_starts, None)
        asked = softmax(self._queries @ keys[own].T)
        logits = (asked * (self._weights @ states[own].T)).sum(axis=1) + self._bias
        found: list[int] = np.flatnonzero(logits > 0).tolist()
        return found


def marks_at(step: Step) -> Numbers:
    """Of each word which row of `marks_of` it has: (L,)."""
    marks = 2 * np.array(step.tags)
    marks[step.user_starts :] += 1
    return marks


def vectors_at(
    step: Step, states: Floats, table: Floats, mention: Callable[[Floats], Floats]
) -> Floats:
    """No mention, the table's mention vectors, the step's own: (1 + TABLE_ROWS + M, V).

    Args:
        step: With M mentions.
        states: Of its words. (L, Y)
        table: (TABLE_ROWS, V)
        mention: From the states of first and last words, (M, 2Y), to vectors.
    """
    before = np.zeros((1, table.shape[1]), dtype=np.float32), table
    if not step.mentions:
        return np.concatenate(before)
    ends = np.array([(said.first, said.last) for said in step.mentions])
    return np.concatenate([*before, mention(states[ends].reshape(len(ends), -1))])


def offered_at(update: Update) -> Offered:
    """The offers of one conversation's step, by slot."""
    columns = np.array(update.offers, dtype=np.int64).reshape(-1, 5).T
    slots, values, users, others, bits = np.ascontiguousarray(columns)
    return Offered(slots, values, _places(users), _places(others), bits)


def sources_of(update: Update, vectors: Floats) -> Floats:
    """The mention vectors of the table after a step: (TABLE_ROWS, V)."""
    places = np.full(TABLE_ROWS, NO_MENTION)
    places[: len(update.sources)] = _places(np.array(update.sources, dtype=np.int64))
    table: Floats = vectors[places]
    return table


def _places(sources: Numbers) -> Numbers:
    """Where mention vectors stand: a mention of the step, a row `-2 - row` of the table, or none.

    `NOWHERE`, -1, becomes `NO_MENTION`, 0.
    """
    return np.where(sources >= 0, sources + _OWN, -1 - sources)
