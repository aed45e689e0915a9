"""The tracker's network: what every slot holds after a step, as scores of its candidates.

A BiLSTM reads a step; every slot attends to it; one causal LSTM remembers the steps, another,
its weights shared by all slots, remembers each slot. Scored are: nothing, don't care, the
present value, the slot's always offered values, the present values of related slots, and
every value that somebody mentioned.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding, linear, relu

from nlp_lstm.layers.dropout import LockedDropout
from nlp_lstm.layers.memory import CausalMemory
from nlp_lstm.layers.pooling import inside_turn, masked_max
from nlp_lstm.layers.turn_encoder import TurnEncoder, TurnEncoderConfig
from nlp_lstm.states.batches import StepBatch
from nlp_lstm.states.config import StateNetworkConfig
from nlp_lstm.states.history import FEATURES
from nlp_lstm.states.reading import MOST_TAGS
from nlp_lstm.states.schema import DONTCARE, EMPTY, OTHER
from nlp_lstm.states.tables import SchemaTables
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.rows import WordRows

GROUP = 40  # steps of similar length that are encoded together
STATUSES = 3  # of a slot: empty, don't care, filled


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the network makes of steps before it knows the state.

    Attributes:
        mixed: What each slot found in each step. (N, S, X)
        summaries: Each step as one vector. (N, G)
        vectors: Mention vectors, as `StepBatch` indexes them. (1 + …, V)
        offers: What of an offer's score does not depend on the state. (E, H)
        matches: The other side of its bilinear score. (E, K)
        requests: Logits. (N, Q)
    """

    mixed: Tensor
    summaries: Tensor
    vectors: Tensor
    offers: Tensor
    matches: Tensor
    requests: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Scores of everything each slot could hold; entries of one value add up.

    Attributes:
        logits: Minus infinity where there is no such candidate. (N, S, K)
        values: Value numbers. (N, S, K) int64
    """

    logits: Tensor
    values: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What depends on weights alone.

    Attributes:
        known: What a slot knows of the value it holds, by row of the value embedding, its status
            included. (rows, X)
        statuses: Its status, one of three. (rows, STATUSES)
        offers: An offered value's part of its score. (rows, H)
        pairs: Of a slot and a related one, their part of a copy's score. (S, P, K)
    """

    known: Tensor
    statuses: Tensor
    offers: Tensor
    pairs: Tensor


class StateNetwork(nn.Module):
    """Scores candidates of every slot at every step.

    Dimensions: as in `StepBatch`; N = T * C rows, or C of one time.
    """

    offered: Tensor
    related: Tensor
    value_rows: Tensor
    _kept: Kept | None = None

    def __init__(self, config: StateNetworkConfig, tables: SchemaTables, forms: FormTable) -> None:
        super().__init__()
        S, A = tables.offered.shape
        X, W, V, H = config.mix_width, config.slot_width, config.mention_width, config.offer_width
        self.slots = S
        self.register_buffer("offered", tables.offered, persistent=False)
        self.register_buffer("related", tables.related, persistent=False)
        self.register_buffer("value_rows", tables.value_rows, persistent=False)
        self.rows = WordRows(config.rows, forms)
        self.tags = nn.Embedding(MOST_TAGS, config.tag_width)
        self.sides = nn.Embedding(2, config.side_width)
        self.encoder = TurnEncoder(
            TurnEncoderConfig(
                token_width=self.rows.width + config.tag_width + config.side_width,
                hidden_width=config.hidden_width,
                layers=1,
                dropout=config.dropout,
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
        self.turn_memory = CausalMemory(config.summary_width, config.memory_width)
        self.from_context = nn.Linear(config.queries * Y, X, bias=False)
        self.from_turn = nn.Linear(config.summary_width + config.memory_width, X, bias=False)
        self.slot_rows = nn.Parameter(torch.randn(S, X) * 0.1)
        self.values = nn.Embedding(tables.value_row_count, config.value_width)
        self.status = nn.Embedding(STATUSES, X)
        self.from_value = nn.Linear(config.value_width, X, bias=False)
        self.from_statuses = nn.Linear(S * STATUSES, X, bias=False)
        self.to_slot = nn.Linear(X, W)
        self.slot_memory = CausalMemory(W, config.slot_memory_width)
        self.from_slot_memory = nn.Linear(config.slot_memory_width, W)
        self.plain = nn.Linear(W, 3)
        self.plain_bias = nn.Parameter(torch.zeros(S, 3))
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

    def train(self, mode: bool = True) -> "StateNetwork":
        """Switch between learning and reading; either way what is kept of weights is dropped."""
        self._kept = None
        return super().train(mode)

    def read(self, batch: StepBatch, table: Tensor | None = None) -> Reading:
        """Read all steps of a batch at once.

        Args:
            batch: The steps.
            table: Mention vectors carried from before, (C * TABLE_ROWS, V); None for none.
        """
        R = len(batch.words)
        # Rows that learn are computed once for all groups; those that are looked up are not
        # copied to the padding of other groups.
        learning = self.rows(batch.words) if self.training else None
        parts: list[tuple[Tensor, Tensor, Tensor, Tensor]] = []
        firsts = torch.arange(0, R + GROUP, GROUP, device=batch.words.device)
        bounds = torch.searchsorted(batch.mention_steps, firsts).tolist()
        for number, first in enumerate(range(0, R, GROUP)):
            lengths = batch.lengths[first : first + GROUP]
            part = slice(first, first + GROUP), slice(int(lengths[-1]))
            rows = self.rows(batch.words[part]) if learning is None else learning[part]
            tokens = [rows, self.tags(batch.tags[part]), self.sides(batch.sides[part])]
            states = self.dropout(self.encoder(torch.cat(tokens, dim=2), lengths))
            own = slice(bounds[number], bounds[number + 1])
            steps = batch.mention_steps[own] - first
            ends = [
                states[steps, batch.mention_firsts[own]],
                states[steps, batch.mention_lasts[own]],
            ]
            starts = batch.user_starts[first : first + GROUP]
            parts.append(
                (*self._attend(states, lengths, starts), self.mention(torch.cat(ends, dim=1)))
            )
        mixed, summaries, requests, mentions = (
            torch.cat(part) for part in zip(*parts, strict=True)
        )
        vectors = torch.cat(
            [
                mentions.new_zeros(1, mentions.shape[1]),
                *([] if table is None else [table]),
                mentions,
            ]
        )
        matches = self.match_mention(vectors)
        offers = (
            embedding(batch.offer_users, self.offer_user(vectors))
            + embedding(batch.offer_others, self.offer_other(vectors))
            + embedding(self.value_rows[batch.offer_values], self._of_weights().offers)
            + self.offer_features(batch.offer_features)
            + embedding(batch.offer_slots, self.offer_slots)
        )
        N = batch.steps * batch.conversations
        return Reading(
            mixed=_placed(mixed, batch.rows, N),
            summaries=_placed(summaries, batch.rows, N),
            vectors=vectors,
            offers=offers,
            matches=embedding(batch.offer_users, matches) + embedding(batch.offer_others, matches),
            requests=_placed(requests, batch.rows, N),
        )

    def _attend(
        self, states: Tensor, lengths: Tensor, user_starts: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What every slot finds in a group of steps, their summaries and request logits."""
        L = states.shape[1]
        keys = self.key(states).tanh().transpose(1, 2)
        inside = inside_turn(lengths, L, states.device)
        scores = (self.queries @ keys).masked_fill(~inside[:, None], -torch.inf)
        mixed = self._mix(scores.softmax(dim=2), states) + self.slot_rows
        # After a turn's end its states are zero, which a sum does not notice.
        mean = states.sum(dim=1) / lengths.to(states)[:, None]
        pooled = torch.cat([masked_max(states, lengths), mean], dim=1)
        summaries = self.summary(pooled).tanh()
        if not len(self.request_bias):
            return mixed, summaries, states.new_zeros(len(states), 0)
        own = inside & (torch.arange(L, device=states.device) >= user_starts[:, None])
        asked = (self.request_queries @ keys).masked_fill(~own[:, None], -torch.inf)
        found = asked.softmax(dim=2) @ states  # (B, Q, 2 * hidden)
        requests = (found * self.request_weights).sum(dim=2) + self.request_bias
        return mixed, summaries, requests

    def _mix(self, weights: Tensor, states: Tensor) -> Tensor:
        """What all queries of a slot find, as one vector.

        Args:
            weights: Of words, by the queries of each slot in turn. (B, S * queries, L)
            states: (B, L, 2 * hidden)

        Returns:
            `from_context` of the weighted sums, (B, S, X).
        """
        B, L, Y = states.shape
        if self.slots < L:
            mixed: Tensor = self.from_context((weights @ states).view(B, self.slots, -1))
            return mixed
        # A map of a sum is the sum of what is mapped: with fewer words than slots map the words.
        mapped = [linear(states, part) for part in self.from_context.weight.split(Y, dim=1)]
        return weights.view(B, self.slots, -1) @ torch.cat(mapped, dim=1)

    def situate(self, mixed: Tensor, summaries: Tensor, memories: Tensor) -> Tensor:
        """What slots found, in the light of the conversation: (N, S, X)."""
        turn: Tensor = self.from_turn(torch.cat([summaries, memories], dim=1))
        return mixed + turn[:, None]

    def slot_input(self, situated: Tensor, previous: Tensor) -> Tensor:
        """Each slot at a step, knowing the state before it.

        Args:
            situated: From `situate`. (N, S, X)
            previous: Value numbers before the step. (N, S) int64

        Returns:
            (N, S, W)
        """
        kept, rows = self._of_weights(), self.value_rows[previous]
        statuses = embedding(rows, kept.statuses).flatten(1)
        state = self.from_statuses(statuses)[:, None] + embedding(rows, kept.known)
        return relu(self.to_slot(relu(situated + state)))

    def _of_weights(self) -> Kept:
        """What depends on weights alone: computed anew where they learn, else once."""
        if self._kept is not None and not torch.is_grad_enabled():
            return self._kept
        # The reserved rows come first, so that a row tells its value's status: empty, don't care,
        # anything else.
        rows = torch.arange(self.values.num_embeddings, device=self.offered.device)
        status = rows.clamp(max=OTHER)
        kept = Kept(
            known=self.from_value(self.values.weight) + self.status(status),
            statuses=torch.eye(STATUSES, device=status.device)[status],
            offers=self.offer_value(self.values.weight),
            pairs=self.copy_to[:, None] + self.copy_from[self.related],
        )
        if not self.training and not torch.is_grad_enabled():
            self._kept = kept
        return kept

    def with_memory(self, slots: Tensor, memories: Tensor) -> Tensor:
        """A slot at a step and what is remembered of it: (…, W)."""
        hidden: Tensor = slots + self.from_slot_memory(memories)
        return hidden

    def candidates(
        self, hidden: Tensor, previous: Tensor, reading: Reading, batch: StepBatch, time: int | None
    ) -> Candidates:
        """Score everything every slot could hold.

        Args:
            hidden: From `with_memory`. (N, S, W)
            previous: Value numbers before each step. (N, S) int64
            reading: Of the whole batch.
            batch: The batch.
            time: Which time `hidden` is of; None for all of them.
        """
        N, S, _ = hidden.shape
        plain = self.plain(hidden) + self.plain_bias
        empty = previous == EMPTY
        keep = plain[..., 2].masked_fill(empty | (previous == OTHER), -torch.inf)
        constants = previous.new_tensor([EMPTY, DONTCARE]).expand(N, S, 2)
        offered = torch.einsum("nsw,saw->nsa", hidden, self.offered_rows) + self.offered_bias
        offered = offered + self.present_bonus * (self.offered == previous[..., None])
        offered = offered.masked_fill(self.offered == EMPTY, -torch.inf)
        copied, copied_values = self._copies(hidden, previous)
        mentioned, mentioned_values = self._mentioned(hidden, previous, reading, batch, time)
        logits = torch.cat([plain[..., :2], keep[..., None], offered, copied, mentioned], dim=2)
        values = torch.cat(
            [
                constants,
                previous[..., None],
                self.offered.expand(N, S, -1),
                copied_values,
                mentioned_values,
            ],
            dim=2,
        )
        return Candidates(logits, values)

    def _copies(self, hidden: Tensor, previous: Tensor) -> tuple[Tensor, Tensor]:
        """Scores and values of the related slots: (N, S, P) each."""
        values = previous[:, self.related]  # -1 picks the last slot; masked below
        pairs = self.copy_hidden(hidden)[:, :, None] + self._of_weights().pairs  # (N, S, P, K)
        scores = self.copy_score(relu(pairs))[..., 0]
        nothing = (self.related < 0) | (values == EMPTY) | (values == OTHER)
        return scores.masked_fill(nothing, -torch.inf), values

    def _mentioned(
        self, hidden: Tensor, previous: Tensor, reading: Reading, batch: StepBatch, time: int | None
    ) -> tuple[Tensor, Tensor]:
        """Scores and values of the mentioned values: (N, S, offers of the slot with most)."""
        N, S, _ = hidden.shape
        part = slice(None)
        first_row, most = 0, batch.most_offers
        if time is not None:
            part = slice(batch.offer_bounds[time], batch.offer_bounds[time + 1])
            first_row = time * batch.conversations
        rows, slots = batch.offer_rows[part] - first_row, batch.offer_slots[part]
        values = batch.offer_values[part]
        cells = rows * S + slots
        related = self.related[slots]  # (E, P)
        copied = (previous[rows[:, None], related] == values[:, None]) & (related >= 0)
        present = torch.stack([previous[rows, slots] == values, copied.any(dim=1)], dim=1)
        asked = embedding(cells, hidden.reshape(N * S, -1))  # fewer than there are slots
        deep = relu(
            self.offer_hidden(asked)
            + reading.offers[part]
            + self.offer_present(present.to(hidden.dtype))
        )
        matched = self.match_hidden(asked) * reading.matches[part]
        scores = self.offer_score(deep)[:, 0] + 0.2 * matched.sum(dim=1)
        places = cells * most + batch.offer_places[part]
        logits = hidden.new_full((N * S * most,), -torch.inf)
        numbers = values.new_zeros(N * S * most)
        shape = (N, S, most)
        return (
            logits.index_put((places,), scores).view(shape),
            numbers.index_put((places,), values).view(shape),
        )


def _placed(steps: Tensor, rows: Tensor, count: int) -> Tensor:
    """Steps at their rows, zeros where a conversation has ended: (R, …) → (N, …)."""
    return steps.new_zeros(count, *steps.shape[1:]).index_copy(0, rows, steps)
