"""The candidates of every slot: whatever it could hold after a step, each with a score.

In this order: nothing, don't care, the present value, the slot's always offered values, the
present values of related slots, and every value that somebody mentioned.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import embedding, linear, relu

from nlp_lstm.states.batches import StepBatch
from nlp_lstm.states.hearing import Reading
from nlp_lstm.states.layout import MATCH_SCALE, PLAIN
from nlp_lstm.states.parameters import StateParameters
from nlp_lstm.states.schema import DONTCARE, EMPTY, OTHER


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Scores of everything each slot could hold; entries of one value add up.

    Attributes:
        logits: Minus infinity where there is no such candidate. (N, S, K)
        values: Value numbers. (N, S, K) int64
        copies: Those among the K that are values of other slots: from the first, up to the last.
    """

    logits: Tensor
    values: Tensor
    copies: tuple[int, int] = (0, 0)


def score_candidates(
    network: StateParameters,
    hidden: Tensor,
    previous: Tensor,
    reading: Reading,
    batch: StepBatch,
    time: int | None,
) -> Candidates:
    """Score everything every slot could hold.

    Args:
        network: The weights.
        hidden: Slots at a step and what is remembered of them. (N, S, W)
        previous: Value numbers before each step. (N, S) int64
        reading: Of the whole batch.
        batch: The batch.
        time: Which time `hidden` is of; None for all of them.
    """
    N, S, _ = hidden.shape
    kept = network.of_weights()
    K, H = kept.pairs.shape[2], kept.offers.shape[1]
    heads = linear(hidden, kept.heads, kept.heads_bias)
    plain, copying, offering = heads.split([PLAIN, K, H + K], dim=2)
    plain = plain + network.plain_bias
    # What no slot can hold on to, and none can take from another.
    nothing = (previous == EMPTY) | (previous == OTHER)
    held = torch.zeros_like(previous, dtype=hidden.dtype).masked_fill(nothing, -torch.inf)
    related = previous[:, network.related]  # (N, S, P); -1 picks the last slot; masked below
    copied = linear(
        relu(copying[:, :, None] + kept.pairs), network.copy_score.weight, network.copy_score.bias
    )
    offered = (hidden.transpose(0, 1) @ network.offered_rows.transpose(1, 2)).transpose(0, 1)
    is_present = network.offered == previous[..., None]
    mentioned, mentioned_values = _mentioned(
        network, offering, previous, related, reading, batch, time
    )
    logits = [
        plain[..., :2],
        (plain[..., 2] + held)[..., None],
        offered + kept.always + network.present_bonus * is_present,
        copied[..., 0] + held[:, network.related] + kept.unrelated,
        mentioned,
    ]
    values = [
        previous.new_tensor([EMPTY, DONTCARE]).expand(N, S, 2),
        previous[..., None],
        network.offered.expand(N, S, -1),
        related,
        mentioned_values,
    ]
    first = PLAIN + network.offered.shape[1]
    copies = first, first + network.related.shape[1]
    return Candidates(torch.cat(logits, dim=2), torch.cat(values, dim=2), copies)


def _mentioned(
    network: StateParameters,
    offering: Tensor,
    previous: Tensor,
    related: Tensor,
    reading: Reading,
    batch: StepBatch,
    time: int | None,
) -> tuple[Tensor, Tensor]:
    """Scores and values of the mentioned values: (N, S, offers of the slot with most)."""
    N, S = previous.shape
    H = network.of_weights().offers.shape[1]
    part = slice(None)
    first_row, most = 0, batch.most_offers
    if time is not None:
        part = batch.offers_at(time)
        first_row = time * batch.conversations
    values = batch.offer_values[part]
    offers, matches = _offers(network, reading, batch, part)
    cells = batch.offer_rows[part] * S + batch.offer_slots[part]
    if first_row:
        cells = cells - first_row * S
    # What the slot holds, and what the slots related to it hold, -1 where there are fewer.
    elsewhere = related.masked_fill(network.related < 0, -1).flatten(0, 1)
    copied = embedding(cells, elsewhere) == values[:, None]
    stays = previous.flatten().index_select(0, cells) == values
    present = torch.stack([stays, copied.any(dim=1)], dim=1).to(offering.dtype)
    asked = embedding(cells, offering.flatten(0, 1))  # (E, H + K)
    deep = relu(asked[:, :H] + offers + network.offer_present(present))
    matched = (asked[:, H:] * matches).sum(dim=1)
    scores = network.offer_score(deep)[:, 0] + MATCH_SCALE * matched
    places = cells * most + batch.offer_places[part]
    logits = scores.new_full((N * S * most,), -torch.inf)
    numbers = values.new_zeros(N * S * most)
    return (
        logits.index_put((places,), scores).view(N, S, most),
        numbers.index_put((places,), values).view(N, S, most),
    )


def _offers(
    network: StateParameters, reading: Reading, batch: StepBatch, part: slice
) -> tuple[Tensor, Tensor]:
    """What of some offers' scores does not depend on the state: (E, H) and (E, K)."""
    kept = network.of_weights()
    H = kept.offers.shape[1]
    # Each vector as what the customer says now, then as what the other side said.
    said = embedding(2 * batch.offer_users[part], reading.mapped)
    said = said + embedding(2 * batch.offer_others[part] + 1, reading.mapped)
    values = network.value_rows.index_select(0, batch.offer_values[part])
    offers = (
        said[:, :H]
        + embedding(values, kept.offers)
        + network.offer_features(batch.offer_features(part))
        + embedding(batch.offer_slots[part], network.offer_slots)
    )
    return offers, said[:, H:]
