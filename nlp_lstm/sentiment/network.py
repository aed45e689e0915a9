"""From word ids to logits: a BiLSTM in a turn, LSTMs across turns and per speaker, a head a scheme.

Dimensions: B turns, T words in the longest, M turns of all conversations, E turn width.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from nlp_lstm.layers.exchange import TurnMemory, reader_of, turn_encoder, turn_memory
from nlp_lstm.layers.linear import Linear
from nlp_lstm.layers.pooling import AttentionPool, max_and_mean
from nlp_lstm.layers.turn_encoder import TurnEncoderConfig
from nlp_lstm.layers.turn_reader import Tables, TurnReader
from nlp_lstm.native.kernels import GELU
from nlp_lstm.sentiment.config import THREE_WAY, THREE_WAY_LABELS, SentimentConfig
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.rows import WordRows


class Told(NamedTuple):
    """What words tell an encoder.

    Attributes:
        reader: The encoder.
        tables: Of the row that every turn starts with, and of distinct words.
        numbers: Which of these a form's number has. (forms,) int64
    """

    reader: TurnReader
    tables: Tables
    numbers: Tensor


class SentimentNetwork(nn.Module):
    """Reads turns, then conversations forwards only, then names what it heard in each turn.

    Every turn starts with one learnt row, the same for everybody: a blank turn has length 1,
    and who speaks is told by nothing but which turns the speaker's memory has read.
    """

    def __init__(self, config: SentimentConfig, table: FormTable) -> None:
        super().__init__()
        self.rows = WordRows(config.rows, table)
        self.start = nn.Parameter(torch.zeros(self.rows.width))
        self.encoder = turn_encoder(
            TurnEncoderConfig(
                token_width=self.rows.width,
                hidden_width=config.hidden_width,
                layers=config.layers,
                dropout=config.input_dropout,
                cell=config.cell,
            )
        )
        width = self.encoder.output_width
        self.attention = AttentionPool(width, config.key_width)
        self.turn = Linear(3 * width, config.turn_width, exact=True)
        self.conversation = turn_memory(config.cell, config.turn_width, config.memory_width)
        self.speaker = turn_memory(config.cell, config.turn_width, config.speaker_width)
        self.dropout = nn.Dropout(config.dropout)
        heard = config.turn_width + config.memory_width + config.speaker_width
        sizes = {scheme.name: len(scheme.labels) for scheme in config.schemes}
        sizes[THREE_WAY] = len(THREE_WAY_LABELS)
        self.heads = nn.ModuleDict({name: nn.Linear(heard, size) for name, size in sizes.items()})

    def told(self, ids: Tensor) -> Told | None:
        """What all words of many batches tell the encoder, once for each distinct one.

        Args:
            ids: Numbers of the words' forms, 0 among them. (…,) int64

        Returns:
            What `encode` takes, where nothing learns and it can.
        """
        reader = reader_of(self.encoder)
        if reader is None:
            return None
        distinct, places = self.rows.distinct(ids)
        numbers = torch.zeros(len(self.rows.table), dtype=torch.int64)
        numbers[ids] = places + 1  # after the first row
        return Told(reader, reader.tables(torch.cat([self.start[None], distinct]).numpy()), numbers)

    def encode(self, ids: Tensor, lengths: Tensor, told: Told | None = None) -> Tensor:
        """Turn vectors.

        Args:
            ids: Numbers of the words' forms, padded with 0. (B, T) int64
            lengths: Words in each turn, 0 for a blank one. (B,) int64
            told: From `told` of these ids and others.

        Returns:
            (B, E)
        """
        lengths = lengths + 1
        states = self._states(ids, lengths, self.told(ids) if told is None else told)
        pooled = self.attention(states, lengths), *max_and_mean(states, lengths)
        vectors: Tensor = self.turn(self.dropout(torch.cat(pooled, dim=1)), GELU)
        return vectors

    def _states(self, ids: Tensor, lengths: Tensor, told: Told | None) -> Tensor:
        """States of the first row and of the words: ids (B, T), lengths (B,) → (B, 1 + T, 2H)."""
        B, W = ids.shape[0], self.rows.width
        if told is None:
            rows = torch.cat([self.start.expand(B, 1, W), self.rows(ids)], dim=1)
            states: Tensor = self.encoder(rows, lengths)
            return states
        tokens = torch.cat([ids.new_zeros(B, 1), told.numbers[ids]], dim=1)
        read = told.reader.padded([(told.tables, tokens.numpy())], lengths.numpy())
        return torch.from_numpy(read)

    def remember(
        self, turns: Tensor, conversations: Sequence[Sequence[int]], runs: Sequence[Sequence[int]]
    ) -> Tensor:
        """What is known after each turn, itself included.

        Args:
            turns: Turn vectors. (M, E)
            conversations: The turns of each conversation, in order.
            runs: The turns that each speaker's memory reads, in order.

        Returns:
            (M, E + memory width + speaker width)
        """
        heard = (
            turns,
            read_sequences(self.conversation, turns, conversations),
            read_sequences(self.speaker, turns, runs),
        )
        return torch.cat(heard, dim=1)

    def name(self, heard: Tensor) -> Mapping[str, Tensor]:
        """Logits of every head, by scheme, for what `remember` gave: (M, …) → (M, labels)."""
        heard = self.dropout(heard)
        return {name: head(heard) for name, head in self.heads.items()}


def read_sequences(memory: TurnMemory, turns: Tensor, sequences: Sequence[Sequence[int]]) -> Tensor:
    """Let a memory read several sequences of turns, each from its start.

    Sequences of similar length are read together: a chat of 300 turns must not make
    a thousand single comments cost 300 steps each.

    Args:
        memory: What reads; (C, N, E) → (C, N, H).
        turns: Turn vectors. (M, E)
        sequences: Indices into `turns`; every index occurs exactly once.
            A sequence may be empty.

    Returns:
        The memory after each turn. (M, H)
    """
    similar: defaultdict[int, list[Sequence[int]]] = defaultdict(list)
    for sequence in filter(len, sequences):
        similar[(len(sequence) - 1).bit_length()].append(sequence)
    states = []
    places: list[int] = []
    for group in similar.values():
        longest = max(map(len, group))
        # Padding stands behind a sequence's end, where a forward LSTM no longer hurts.
        padded = [[*sequence, *[sequence[-1]] * (longest - len(sequence))] for sequence in group]
        inside = [
            row * longest + n for row, sequence in enumerate(group) for n in range(len(sequence))
        ]
        read = memory(turns[torch.tensor(padded, device=turns.device)])
        states.append(read.flatten(0, 1)[torch.tensor(inside, device=turns.device)])
        places.extend(index for sequence in group for index in sequence)
    if not states:
        return turns.new_zeros(0, memory.width)
    order = torch.empty(len(places), dtype=torch.int64)
    order[torch.tensor(places)] = torch.arange(len(places))
    return torch.cat(states)[order.to(turns.device)]
