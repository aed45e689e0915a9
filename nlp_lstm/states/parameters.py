"""The tracker's weights, and what depends on them alone."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn

from nlp_lstm.layers.dropout import LockedDropout
from nlp_lstm.layers.exchange import turn_encoder, turn_memory
from nlp_lstm.layers.turn_encoder import TurnEncoderConfig
from nlp_lstm.states.config import StateNetworkConfig
from nlp_lstm.states.history import FEATURES
from nlp_lstm.states.layout import PLAIN, STATUSES
from nlp_lstm.states.packed import PackedTracker, pack_tracker
from nlp_lstm.states.reading import MOST_TAGS
from nlp_lstm.states.schema import EMPTY, OTHER
from nlp_lstm.states.tables import SchemaTables
from nlp_lstm.tensors import as_arrays
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.rows import WordRows


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What depends on weights alone, and weights of one input side by side.

    Attributes:
        known: What a slot knows of the value it holds, by row of the value embedding, its status
            included. (rows, X)
        statuses: Its status, one of three. (rows, STATUSES)
        offers: An offered value's part of its score. (rows, H)
        mentions: From a mention's vector to its parts of an offer, first as the customer's, then
            as the other side's: of the hidden layer, and of the match. (2 * (H + K), V)
        heads: From a slot to its `PLAIN` scores, a copy's and an offer's hidden layer and its
            side of a match. (PLAIN + K + H + K, W)
        heads_bias: (PLAIN + K + H + K,)
        always: What is added to the score of an always offered value: minus infinity where a slot
            offers fewer. (S, A)
        pairs: Of a slot and a related one, their part of a copy's score. (S, P, K)
        unrelated: Minus infinity where a slot has fewer related ones, else 0. (S, P)
    """

    known: Tensor
    statuses: Tensor
    offers: Tensor
    mentions: Tensor
    heads: Tensor
    heads_bias: Tensor
    always: Tensor
    pairs: Tensor
    unrelated: Tensor


class StateParameters(nn.Module):
    """Every weight of a tracker under its name in an artefact.

    Dimensions: S slots, A always offered values of the slot with most, P related slots of the
    slot with most, and the widths of `StateNetworkConfig`: X mix, W slot, V mention, H offer,
    K match; Y is the encoder's.
    """

    offered: Tensor
    related: Tensor
    value_rows: Tensor
    _kept: Kept | None = None
    _packed: PackedTracker | None = None

    def __init__(self, config: StateNetworkConfig, tables: SchemaTables, forms: FormTable) -> None:
        super().__init__()
        S, A = tables.offered.shape
        X, W, V, H = config.mix_width, config.slot_width, config.mention_width, config.offer_width
        self.slots, self._tables = S, tables
        self.register_buffer("offered", torch.from_numpy(tables.offered), persistent=False)
        self.register_buffer("related", torch.from_numpy(tables.related), persistent=False)
        self.register_buffer("value_rows", torch.from_numpy(tables.value_rows), persistent=False)
        self.rows = WordRows(config.rows, forms)
        self.tags = nn.Embedding(MOST_TAGS, config.tag_width)
        self.sides = nn.Embedding(2, config.side_width)
        self.encoder = turn_encoder(
            TurnEncoderConfig(
                token_width=self.rows.width + config.tag_width + config.side_width,
                hidden_width=config.hidden_width,
                layers=1,
                dropout=config.dropout,
                cell=config.cell,
            )
        )
        Y = self.encoder.output_width
        self.dropout = LockedDropout(config.dropout)
        self.key = nn.Linear(Y, config.key_width)
        self.queries = nn.Parameter(torch.randn(S * config.queries, config.key_width) * 0.1)
        self.request_queries = nn.Parameter(torch.randn(tables.requests, config.key_width) * 0.1)
        self.request_weights = nn.Parameter(torch.zeros(tables.requests, Y))
        self.request_bias = nn.Parameter(torch.full((tables.requests,), -2.0))
        self.summary = nn.Linear(2 * Y, config.summary_width)
        self.turn_memory = turn_memory(config.cell, config.summary_width, config.memory_width)
        self.from_context = nn.Linear(config.queries * Y, X, bias=False)
        self.from_turn = nn.Linear(config.summary_width + config.memory_width, X, bias=False)
        self.slot_rows = nn.Parameter(torch.randn(S, X) * 0.1)
        self.values = nn.Embedding(tables.value_row_count, config.value_width)
        self.status = nn.Embedding(STATUSES, X)
        self.from_value = nn.Linear(config.value_width, X, bias=False)
        self.from_statuses = nn.Linear(S * STATUSES, X, bias=False)
        self.to_slot = nn.Linear(X, W)
        self.slot_memory = turn_memory(config.cell, W, config.slot_memory_width)
        self.from_slot_memory = nn.Linear(config.slot_memory_width, W)
        self.plain = nn.Linear(W, PLAIN)
        self.plain_bias = nn.Parameter(torch.zeros(S, PLAIN))
        self.offered_rows = nn.Parameter(torch.randn(S, A, W) * 0.05)
        self.offered_bias = nn.Parameter(torch.zeros(S, A))
        self.present_bonus = nn.Parameter(torch.zeros(()))
        self.copy_hidden = nn.Linear(W, config.match_width)
        self.copy_to = nn.Parameter(torch.randn(S, config.match_width) * 0.1)
        self.copy_from = nn.Parameter(torch.randn(S, config.match_width) * 0.1)
        self.copy_score = nn.Linear(config.match_width, 1)
        self.mention = nn.Linear(2 * Y, V)
        self.offer_hidden = nn.Linear(W, H)
        self.offer_user = nn.Linear(V, H, bias=False)
        self.offer_other = nn.Linear(V, H, bias=False)
        self.offer_value = nn.Linear(config.value_width, H, bias=False)
        self.offer_features = nn.Linear(len(FEATURES), H, bias=False)
        self.offer_present = nn.Linear(2, H, bias=False)
        self.offer_slots = nn.Parameter(torch.randn(S, H) * 0.1)
        self.offer_score = nn.Linear(H, 1)
        self.match_hidden = nn.Linear(W, config.match_width, bias=False)
        self.match_mention = nn.Linear(V, config.match_width, bias=False)

    def train(self, mode: bool = True) -> Self:
        """Switch between learning and reading; either way what is kept of weights is dropped."""
        self._kept = self._packed = None
        return super().train(mode)

    def __getstate__(self) -> dict[str, object]:
        """What copies and pickles are made of: nothing kept of weights."""
        return {**nn.Module.__getstate__(self), "_kept": None, "_packed": None}

    def packed(self) -> PackedTracker | None:
        """What reads and decides where nothing learns; None where there are no kernels for it."""
        if self.training or torch.is_grad_enabled():
            return None
        if self._packed is None and self.offered.device.type == "cpu":
            self._packed = pack_tracker(as_arrays(self.state_dict()), self._tables)
        return self._packed

    def of_weights(self) -> Kept:
        """What depends on weights alone: computed anew where they learn, else once."""
        if self._kept is not None and not torch.is_grad_enabled():
            return self._kept
        # The reserved rows come first, so that a row tells its value's status: empty, don't care,
        # anything else.
        rows = torch.arange(self.values.num_embeddings, device=self.offered.device)
        status = rows.clamp(max=OTHER)
        matching, matched = self.match_hidden.weight, self.match_mention.weight
        heads = torch.cat(
            [self.plain.weight, self.copy_hidden.weight, self.offer_hidden.weight, matching]
        )
        heads_bias = torch.cat(
            [
                *(self.plain.bias, self.copy_hidden.bias, self.offer_hidden.bias),
                matching.new_zeros(len(matching)),
            ]
        )
        mentions = torch.cat([self.offer_user.weight, matched, self.offer_other.weight, matched])
        kept = Kept(
            known=self.from_value(self.values.weight) + self.status(status),
            statuses=torch.eye(STATUSES, device=status.device)[status],
            offers=self.offer_value(self.values.weight),
            mentions=mentions,
            heads=heads,
            heads_bias=heads_bias,
            always=self.offered_bias.masked_fill(self.offered == EMPTY, -torch.inf),
            pairs=self.copy_to[:, None] + self.copy_from[self.related],
            unrelated=torch.where(self.related < 0, -torch.inf, 0.0),
        )
        if not self.training and not torch.is_grad_enabled():
            self._kept = kept
        return kept
