"""Weights of a tracker that are read together, as arrays."""

from collections.abc import Mapping

import numpy as np

from nlp_lstm.layers.single import Floats
from nlp_lstm.states.schema import OTHER
from nlp_lstm.stored_weights import Array

Weights = Mapping[str, Array]


def heads_of(weights: Weights) -> tuple[Floats, Floats]:
    """Weight and bias of all that one hidden state has of its own; as `Kept.heads`."""
    names = ("plain", "copy_hidden", "offer_hidden", "match_hidden")
    matrix = np.concatenate([weights[f"{name}.weight"] for name in names])
    biases = [weights[f"{name}.bias"] for name in names[:3]]
    missing = len(matrix) - sum(map(len, biases))
    return matrix, np.concatenate([*biases, np.zeros(missing, dtype=np.float32)])


def mentions_of(weights: Weights) -> Floats:
    """From a mention's vector to its parts of an offer; as `Kept.mentions`."""
    match = weights["match_mention.weight"]
    return np.concatenate(
        [weights["offer_user.weight"], match, weights["offer_other.weight"], match]
    )


def marks_of(weights: Weights) -> Floats:
    """For each kind of mention what a word knows of it and of who says it, side by side.

    First of the other side, then of the customer: (2 * kinds, …).
    """
    tags, sides = weights["tags.weight"], weights["sides.weight"]
    return np.concatenate([tags.repeat(2, axis=0), np.tile(sides, (len(tags), 1))], axis=1)


def known_of(weights: Weights) -> Floats:
    """What a slot knows of the value it holds, by row of the value embedding; as `Kept.known`."""
    status = np.minimum(np.arange(len(weights["values.weight"])), OTHER)
    known: Floats = (
        weights["values.weight"] @ weights["from_value.weight"].T + weights["status.weight"][status]
    )
    return known
