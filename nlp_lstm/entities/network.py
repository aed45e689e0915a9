"""The network of an entity tagger: words in a turn, turns in a conversation, tags."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nlp_lstm.entities.config import EntitiesConfig
from nlp_lstm.layers.crf import BioesCrf
from nlp_lstm.layers.dropout import LockedDropout
from nlp_lstm.layers.exchange import reader_of, turn_encoder, turn_memory
from nlp_lstm.layers.linear import Linear
from nlp_lstm.layers.pooling import masked_max
from nlp_lstm.layers.turn_encoder import TurnEncoderConfig
from nlp_lstm.layers.turn_reader import TurnReader
from nlp_lstm.native.kernels import TANH
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.rows import WordRows


@dataclass(frozen=True, slots=True, eq=False)
class TurnBatch:
    """B turns of similar length, or stretches of long ones, from any conversations.

    Attributes:
        ids: Word forms, padded with 0; T is 0 where every turn is blank. (B, T) int64
        lengths: Words in each turn. (B,) int64
        roles: 0 where somebody else speaks than the customer, or nobody knows who; 1 where the
            customer does; 2 + g where the customer does and g turns after the last one heard. (B,)
            int64
        reads: Place, in `MemoryPlan`, of the memory before the turn. (B,) int64
        writes: Place at which the turn enters the memory; `MemoryPlan.nowhere` for turns that
            do not. Stretches of one turn write to one place. (B,) int64
    """

    ids: Tensor
    lengths: Tensor
    roles: Tensor
    reads: Tensor
    writes: Tensor


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Where the turns of C conversations stand in the memory, at most N of each.

    The memory before anything was read counts as one more place, so reading has N + 1 a
    conversation, writing N.
    """

    conversations: int
    longest: int

    @property
    def nowhere(self) -> int:
        """Where turns write that the memory does not read."""
        return self.conversations * self.longest


class EntityNetwork(nn.Module):
    """Tag scores for every word, from its turn and from what was said before.

    A turn is encoded knowing nothing of other turns, so turns of many conversations share a
    batch; a causal LSTM then reads one vector a turn, and what it remembers before a turn joins
    each of the turn's words. In service chats the order in which things are given carries the
    label: "4523" is a card or an order number by what came before.

    The first token of a turn is a learnt row for the speaker's role and, where the customer speaks,
    for how many turns ago the last one was heard; so a blank turn has a token too.

    Dimensions: B turns, T words in the longest, H hidden width, E turn width, M memory width,
    K tags.
    """

    def __init__(self, config: EntitiesConfig, table: FormTable) -> None:
        super().__init__()
        self.rows = WordRows(config.rows, table)
        self.roles = nn.Embedding(2 + config.gaps, self.rows.width)
        encoder = TurnEncoderConfig(
            token_width=self.rows.width,
            hidden_width=config.hidden_width,
            layers=config.layers,
            dropout=config.dropout,
            cell=config.cell,
        )
        self.encoder = turn_encoder(encoder)
        self.turn = Linear(self.encoder.output_width, config.turn_width, exact=True)
        self.memory = turn_memory(config.cell, config.turn_width, config.memory_width)
        self.word = Linear(self.encoder.output_width, config.tagger_width)
        self.context = Linear(config.memory_width, config.tagger_width, bias=False, exact=True)
        self.crf = BioesCrf(len(config.labels))
        self.tags = Linear(config.tagger_width, self.crf.layout.count)
        self.dropout = LockedDropout(config.dropout)
        nn.init.normal_(self.roles.weight, std=0.5)

    def forward(self, batches: Sequence[TurnBatch], plan: MemoryPlan) -> list[Tensor]:
        """Tag scores of all turns of whole conversations, (B, T, K) a batch."""
        states = self.encode(batches)
        pooled = self.pool(batches, states, plan.nowhere + 1)[:-1]
        turns = self.turn_vectors(pooled).view(plan.conversations, plan.longest, -1)
        before = self.memory.start(plan.conversations)[0][:, None]
        remembered = torch.cat([before, self.memory(turns)], dim=1).flatten(0, 1)
        return [
            self.tag_scores(encoded, remembered[batch.reads])
            for batch, encoded in zip(batches, states, strict=True)
        ]

    def encode(self, batches: Sequence[TurnBatch]) -> list[Tensor]:
        """States of the role's token and of the words: (B, 1 + T, 2H) a batch."""
        reader = reader_of(self.encoder)
        ids = torch.cat([batch.ids.flatten() for batch in batches])
        sizes = [batch.ids.numel() for batch in batches]
        if reader is not None:
            return self._read(reader, batches, ids, sizes)
        # One lookup for all: in training each would cost a gradient as large as the vocabulary.
        flat = self.rows(ids).split(sizes)
        states: list[Tensor] = []
        for batch, rows in zip(batches, flat, strict=True):
            words = rows.view(*batch.ids.shape, self.rows.width)
            tokens = torch.cat([self.roles(batch.roles)[:, None], words], dim=1)
            states.append(self.encoder(tokens, batch.lengths + 1))
        return states

    def _read(
        self,
        reader: TurnReader,
        batches: Sequence[TurnBatch],
        ids: Tensor,
        sizes: Sequence[int],
    ) -> list[Tensor]:
        """What `encode` gives, with the distinct tokens of all batches told to the gates once."""
        rows, places = self.rows.distinct(ids)
        tables = reader.tables(torch.cat([self.roles.weight, rows]).numpy())
        states: list[Tensor] = []
        for batch, words in zip(
            batches, (places + len(self.roles.weight)).split(sizes), strict=True
        ):
            tokens = torch.cat([batch.roles[:, None], words.view_as(batch.ids)], dim=1)
            read = reader.padded([(tables, tokens.numpy())], (batch.lengths + 1).numpy())
            states.append(torch.from_numpy(read))
        return states

    def pool(self, batches: Sequence[TurnBatch], states: Sequence[Tensor], places: int) -> Tensor:
        """The largest value of each feature in each turn: (places, 2H), 0 where none is written."""
        pooled = torch.cat(
            [
                masked_max(self.dropout(encoded), batch.lengths + 1)
                for batch, encoded in zip(batches, states, strict=True)
            ]
        )
        writes = torch.cat([batch.writes for batch in batches])
        empty = pooled.new_zeros(places, pooled.shape[1])
        columns = writes[:, None].expand_as(pooled)
        return empty.scatter_reduce(0, columns, pooled, "amax", include_self=False)

    def turn_vectors(self, pooled: Tensor) -> Tensor:
        """What each turn leaves to the memory: (N, 2H) → (N, E)."""
        vectors: Tensor = self.turn(pooled, TANH)
        return vectors

    def tag_scores(self, states: Tensor, remembered: Tensor) -> Tensor:
        """States (B, 1 + T, 2H) and the memory before each turn (B, M) → (B, T, K)."""
        words = self.word(self.dropout(states[:, 1:]))
        joined = (words + self.context(remembered)[:, None]).relu()
        scores: Tensor = self.tags(self.dropout(joined))
        return scores
