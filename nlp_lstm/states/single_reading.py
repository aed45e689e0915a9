"""What the network makes of one step alone: as `hearing` does for many, at less than half its cost.

One step is a hundred small sums. PyTorch takes longer to start one of them than to compute it, so
here only the LSTM and the products of matrices are its own.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import embedding, linear

from nlp_lstm.states.batches import NO_MENTION
from nlp_lstm.states.history import FEATURES, TABLE_ROWS, Update
from nlp_lstm.states.parameters import StateParameters
from nlp_lstm.states.reading import Step

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
_Float = TypeVar("_Float", np.float32, np.float64)

_OWN = 1 + TABLE_ROWS  # of the mention vectors: no mention, the table's, then the step's own
_SHIFTS = np.arange(len(FEATURES), dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class SingleReading:
    """What the network makes of a step before it knows the state; as `Reading`, of one step.

    Attributes:
        mixed: What each slot found. (S, X)
        summary: The step as one vector. (1, G)
        vectors: No mention, the table's mention vectors, the step's own. (1 + TABLE_ROWS + M, V)
        slots: The slot of each offer, ascending. (E,)
        values: Its value number. (E,)
        offers: What of its score does not depend on the state. (E, H)
        matches: The other side of its bilinear score. (E, K)
        requests: Logits. (Q,)
    """

    mixed: Floats
    summary: Tensor
    vectors: Floats
    slots: Numbers
    values: Numbers
    offers: Floats
    matches: Floats
    requests: Floats


class SingleReader:
    """Reads one step at a time with a network's weights as they are now."""

    def __init__(self, network: StateParameters) -> None:
        self._network = network
        self._encode = network.encoder
        # Looked up once: a module's attributes and calls cost as much as a small product.
        self._key = weights_of(network.key)
        self._mention = weights_of(network.mention)
        self._summary = weights_of(network.summary)
        self._features = network.offer_features.weight
        self._queries = network.queries.detach()
        # For each kind of mention what a word knows of it and of who says it, side by side.
        self._marks = torch.cat(
            [
                network.tags.weight.repeat_interleave(2, dim=0),
                network.sides.weight.repeat(len(network.tags.weight), 1),
            ],
            dim=1,
        )
        kept = network.of_weights()
        self._mentions = kept.mentions
        self._value_offers = kept.offers.numpy()
        self._value_rows = network.value_rows.numpy()
        self._slot_offers = array(network.offer_slots)
        self._slot_rows = array(network.slot_rows)
        self._request_bias = array(network.request_bias)
        X, QY = network.from_context.weight.shape
        Y = network.encoder.output_width
        # Of all queries side by side, for the words of a step. (queries * X, Y)
        self._context = (
            network.from_context.weight.view(X, QY // Y, Y).transpose(0, 1).reshape(-1, Y)
        )

    def __call__(self, step: Step, update: Update, table: Tensor) -> SingleReading:
        """Read a step.

        Args:
            step: Its words and mentions.
            update: What they offer.
            table: Mention vectors carried from before. (TABLE_ROWS, V)
        """
        rows, L = self._network.rows, len(step.words)
        marks = 2 * np.array(step.tags)
        marks[step.user_starts :] += 1
        tokens = torch.cat(
            [
                rows(torch.tensor(rows.table.ids(step.words))),
                embedding(torch.from_numpy(marks), self._marks),
            ],
            dim=1,
        )
        states = self._encode(tokens[None], torch.tensor([L]))[0]
        keys = linear(states, *self._key).tanh().t()
        vectors = self._vectors(step, states, table)
        slots, values, offers, matches = self._offers(update, vectors)
        return SingleReading(
            mixed=self._mix(softmax((self._queries @ keys).numpy()), states),
            summary=self._summarised(states),
            vectors=vectors,
            slots=slots,
            values=values,
            offers=offers,
            matches=matches,
            requests=self._requests(step, states, keys),
        )

    def _mix(self, weights: Floats, states: Tensor) -> Floats:
        """What all queries of a slot find, as one vector: weights (S * queries, L) to (S, X)."""
        S, L = self._network.slots, len(states)
        if S < L:
            found = (torch.from_numpy(weights) @ states).view(S, -1)
            mixed: Tensor = self._network.from_context(found)
        else:
            # A word is weighted by every query of a slot in turn, and mapped for each of them.
            by_word = weights.reshape(S, -1, L).transpose(0, 2, 1).reshape(S, -1)
            mapped = linear(states, self._context).view(by_word.shape[1], -1)
            mixed = torch.from_numpy(by_word) @ mapped
        return mixed.numpy() + self._slot_rows

    def _summarised(self, states: Tensor) -> Tensor:
        words = states.numpy()
        pooled = np.concatenate([words.max(axis=0), words.sum(axis=0) / np.float32(len(words))])
        return linear(torch.from_numpy(pooled)[None], *self._summary).tanh()

    def _requests(self, step: Step, states: Tensor, keys: Tensor) -> Floats:
        if not len(self._request_bias):
            return self._request_bias
        network, first = self._network, step.user_starts
        asked = softmax((network.request_queries @ keys[:, first:]).numpy())
        said = linear(network.request_weights, states[first:]).numpy()
        return np.asarray((asked * said).sum(axis=1) + self._request_bias)

    def _vectors(self, step: Step, states: Tensor, table: Tensor) -> Floats:
        before = np.zeros((1, table.shape[1]), dtype=np.float32), table.numpy()
        if not step.mentions:
            return np.concatenate(before)
        ends = np.array([(mention.first, mention.last) for mention in step.mentions])
        said = torch.from_numpy(states.numpy()[ends].reshape(len(ends), -1))
        return np.concatenate([*before, linear(said, *self._mention).numpy()])

    def _offers(self, update: Update, vectors: Floats) -> tuple[Numbers, Numbers, Floats, Floats]:
        columns = np.array(update.offers, dtype=np.int64).reshape(-1, 5).T
        slots, values, users, others, bits = np.ascontiguousarray(columns)
        H = self._value_offers.shape[1]
        # Each vector as what the customer says now, then as what the other side said.
        mapped = linear(torch.from_numpy(vectors), self._mentions).numpy()
        mapped = mapped.reshape(2 * len(vectors), -1)
        said = mapped[2 * _places(users)] + mapped[2 * _places(others) + 1]  # (E, H + K)
        features = ((bits[:, None] >> _SHIFTS) & 1).astype(np.float32)
        offers = said[:, :H] + linear(torch.from_numpy(features), self._features).numpy()
        offers += self._value_offers[self._value_rows[values]]
        offers += self._slot_offers[slots]
        return slots, values, offers, said[:, H:]


def sources_of(update: Update, vectors: Floats) -> Tensor:
    """The mention vectors of the table after a step: (TABLE_ROWS, V)."""
    places = np.full(TABLE_ROWS, NO_MENTION)
    places[: len(update.sources)] = _places(np.array(update.sources, dtype=np.int64))
    return torch.from_numpy(vectors[places])


def array(parameter: Tensor) -> Floats:
    """A weight's numbers, not copied."""
    numbers: Floats = parameter.detach().numpy()
    return numbers


def weights_of(layer: nn.Linear) -> tuple[Tensor, Tensor | None]:
    """What `linear` takes after its input."""
    return layer.weight, layer.bias


def softmax(scores: npt.NDArray[_Float]) -> npt.NDArray[_Float]:
    """Shares of the last axis; minus infinity gets none."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: npt.NDArray[_Float] = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def _places(sources: Numbers) -> Numbers:
    """Where mention vectors stand: a mention of the step, a row `-2 - row` of the table, or none.

    `NOWHERE`, -1, becomes `NO_MENTION`, 0.
    """
    return np.where(sources >= 0, sources + _OWN, -1 - sources)
