"""The schema-reading network: slots are what their descriptions say, values are words of the text.

A BiLSTM reads a step. A slot is the words of its name and description; it attends to the step,
points at words of the customer that may be its value and at words of the other side that offer
one. One causal LSTM remembers the steps, another, its weights shared by all slots, each slot.
Nothing in it belongs to a particular schema: it has no row a slot and no row a value.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from nlp_lstm.layers.dropout import LockedDropout
from nlp_lstm.layers.memory import CausalMemory
from nlp_lstm.layers.pooling import inside_turn, masked_max
from nlp_lstm.layers.turn_encoder import TurnEncoder, TurnEncoderConfig
from nlp_lstm.states.described.batches import SituationBatch, SlotWords, StepBatch, Views
from nlp_lstm.states.described.config import DescribedNetworkConfig
from nlp_lstm.states.described.plan import KINDS
from nlp_lstm.states.described.reading import TAGS
from nlp_lstm.states.described.readings import (
    Candidates,
    Described,
    Reading,
    at_places,
    gathered,
    match_mask,
    of_patterns,
    wide,
)
from nlp_lstm.states.described.situation import (
    ANY,
    FILLED,
    NOT_CUSTOMERS,
    OFFERED_BEFORE,
    OFFERED_NOW,
    SLOT_FEATURES,
    VALUE_ANSWERED,
    VALUE_FEATURES,
    VALUE_LATEST,
)
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.rows import WordRows

GROUP = 40  # steps of similar length that are encoded together
POINTERS = 3  # where a value starts, where it ends, where the other side's offer starts
LONGEST_SPAN = 12  # words of a value
PLAIN = 3  # nothing, don't care, keep


class DescribedNetwork(nn.Module):
    """See the module. Dimensions: as in `batches`; Y encoder width, K key width."""

    def __init__(self, config: DescribedNetworkConfig, forms: FormTable) -> None:
        super().__init__()
        D, K, X, W = config.slot_width, config.key_width, config.mix_width, config.state_width
        E, M = config.value_width, config.match_width
        self.queries = config.queries
        self.rows = WordRows(config.rows, forms)
        self.tags = nn.Embedding(TAGS, config.tag_width)
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
        self.kinds = nn.Embedding(len(KINDS), D)
        self.slot = nn.Linear(3 * self.rows.width, D)
        self.value = nn.Linear(self.rows.width, E)
        self.value_slot = nn.Linear(D, E, bias=False)
        heads = config.queries + POINTERS
        self.keys = nn.Linear(Y, (1 + POINTERS) * K)
        self.slot_queries = nn.Linear(D, heads * K)
        self.kind_tags = nn.Parameter(torch.zeros(1 + POINTERS, len(KINDS), TAGS))
        self.matched = nn.Parameter(torch.zeros(1 + POINTERS))
        self.pointer_bias = nn.Parameter(torch.tensor([-2.0, 0.0, -3.0]))
        self.value_keys = nn.Linear(Y, E)
        self.summary = nn.Linear(2 * Y, config.summary_width)
        self.turn_memory = CausalMemory(config.summary_width, config.memory_width)
        self.from_context = nn.Linear(config.queries * Y, X, bias=False)
        self.from_slot = nn.Linear(D, X)
        self.request = nn.Linear(X, 1)
        self.from_turn = nn.Linear(config.summary_width + config.memory_width, X, bias=False)
        self.from_features = nn.Linear(len(SLOT_FEATURES), X, bias=False)
        self.to_state = nn.Linear(X, W)
        self.slot_memory = CausalMemory(W, config.slot_memory_width)
        self.from_slot_memory = nn.Linear(config.slot_memory_width, W)
        self.plain = nn.Linear(W, PLAIN)
        self.plain_slot = nn.Linear(D, PLAIN, bias=False)
        self.offer = nn.Linear(W, 1)
        self.said = nn.Linear(W, 1)
        self.taken_back = nn.Linear(W, 1)
        self.value_hidden = nn.Linear(W, M)
        self.value_own = nn.Linear(E, M, bias=False)
        self.value_features = nn.Linear(len(VALUE_FEATURES) + 2, M, bias=False)
        self.value_score = nn.Linear(M, 1)
        self.value_match = nn.Linear(W, E, bias=False)
        self.copy_hidden = nn.Linear(W, M)
        self.copy_slot = nn.Linear(D, M)
        self.copy_bias = nn.Parameter(torch.tensor(-2.0))

    def describe(self, words: SlotWords) -> Described:
        """Read names, descriptions and values of slots, each as a bag of words.

        Schemas are few: what read their words in order would learn them by heart.
        """
        names = self._bag(words.names)
        means = self._bag(words.descriptions)
        padding = (words.descriptions == FormTable.PADDING)[..., None]
        most = self.rows(words.descriptions).masked_fill(padding, -torch.inf).amax(dim=1)
        slots = self.slot(self.dropout(torch.cat([names, means, most], dim=1)[None])[0]).tanh()
        slots = slots + self.kinds(words.kinds)
        values = self.value(self._bag(words.value_words))
        values = (values + self.value_slot(slots)[words.value_slots]).tanh()
        return Described(
            queries=self.slot_queries(slots),
            found=self.from_slot(slots),
            plain=self.plain_slot(slots),
            copied=self.copy_slot(slots),
            values=values,
            scored=self.value_own(values),
        )

    def _bag(self, words: Tensor) -> Tensor:
        """The mean of words' rows: form numbers (U, …) → (U, row width)."""
        count = (words != FormTable.PADDING).sum(dim=1, keepdim=True).clamp(min=1)
        mean: Tensor = self.rows(words).sum(dim=1) / count
        return mean

    def read(self, batch: StepBatch, views: Views, described: Described) -> Reading:
        """Read all steps of a batch at once."""
        R, L = batch.words.shape
        S = views.slots.shape[1]
        queries = described.queries[views.slots]  # (C, S, heads * K)
        values = described.values[views.values]  # (C, V, E)
        listed = match_mask(batch, S)
        learning = self.rows(batch.words) if self.training else None
        parts: list[tuple[Tensor, ...]] = []
        for first in range(0, R, GROUP):
            part = slice(first, first + GROUP)
            lengths = batch.lengths[part]
            longest = int(lengths[-1])
            words = batch.words[part, :longest]
            rows = self.rows(words) if learning is None else learning[part, :longest]
            places = torch.arange(longest, device=words.device)
            own = places >= batch.user_starts[part, None]  # (B, L) the customer's side
            tags = batch.tags[part, :longest]
            tokens = torch.cat([rows, self.tags(tags), self.sides(own.long())], dim=2)
            states = self.dropout(self.encoder(tokens, lengths))
            owners = batch.owners[part]
            inside = inside_turn(lengths, longest, words.device)
            biases = self._biases(views.kinds[owners], tags, listed[part, :, :longest])
            scored = self._point(states, queries[owners], biases, inside)
            context, starts, ends, offers = scored
            marks = (places == 0) | (places == batch.user_starts[part, None])
            spoken = inside & own & ~marks
            answered = inside & ~own & ~marks
            starts = starts.masked_fill(~spoken[:, None], -torch.inf)
            offers = offers.masked_fill(~answered[:, None], -torch.inf)
            ends = ends.masked_fill(~(spoken | answered)[:, None], -torch.inf)
            nearest = self._nearest(states, values[owners], spoken, answered)
            mean = states.sum(dim=1) / lengths.to(states)[:, None]
            pooled = torch.cat([masked_max(states, lengths), mean], dim=1)
            parts.append(
                (
                    context,
                    self.summary(pooled).tanh(),
                    wide(starts, L, -torch.inf),
                    wide(ends, L, -torch.inf),
                    wide(offers, L, -torch.inf),
                    nearest,
                )
            )
        context, summaries, starts, ends, offers, nearest = (
            torch.cat(part) for part in zip(*parts, strict=True)
        )
        matched_at: Tensor | None = None
        if len(batch.patterned):
            opened, closed = of_patterns(batch, S)
            ends = ends + closed
            offers = torch.where(offers > -torch.inf, torch.maximum(offers, opened), offers)
            matched_at = torch.where(starts > -torch.inf, opened, starts)
        N = batch.steps * batch.conversations
        context, summaries, starts, ends, offers, nearest = (
            at_places(part, batch.rows, N)
            for part in (context, summaries, starts, ends, offers, nearest)
        )
        found = context + described.found[views.slots].repeat(batch.steps, 1, 1)
        requests = self.request(relu(found))[..., 0]
        matched = None if matched_at is None else at_places(matched_at, batch.rows, N)
        return Reading(found, summaries, starts, ends, offers, matched, nearest, requests)

    def _biases(self, kinds: Tensor, tags: Tensor, matched: Tensor) -> list[Tensor]:
        """What a word's kind of value and a listed value say to each pointer: (B, S, L) each."""
        hot = nn.functional.one_hot(tags, TAGS).to(self.kind_tags.dtype).transpose(1, 2)
        return [
            table[kinds] @ hot + weight * matched
            for table, weight in zip(self.kind_tags, self.matched, strict=True)
        ]

    def _point(
        self, states: Tensor, queries: Tensor, biases: list[Tensor], inside: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What slots find in a group of steps, and where they point."""
        B, S, _ = queries.shape
        keys = self.keys(states).tanh().transpose(1, 2).chunk(1 + POINTERS, dim=1)  # (B, K, L)
        asked = queries.view(B, S, self.queries + POINTERS, -1)
        attended = asked[:, :, : self.queries].flatten(1, 2) @ keys[0]  # (B, S * queries, L)
        attended = attended + biases[0].repeat_interleave(self.queries, dim=1)
        weights = attended.masked_fill(~inside[:, None], -torch.inf).softmax(dim=2)
        context = self.from_context((weights @ states).view(B, S, -1))
        pointed = [
            asked[:, :, self.queries + number] @ keys[1 + number]
            + biases[1 + number]
            + self.pointer_bias[number]
            for number in range(POINTERS)
        ]
        return context, *pointed

    def _nearest(self, states: Tensor, values: Tensor, spoken: Tensor, answered: Tensor) -> Tensor:
        """How near values come to words of either side: (B, V, 2)."""
        near = values @ self.value_keys(states).tanh().transpose(1, 2)  # (B, V, L)
        sides = [near.masked_fill(~side[:, None], -4.0).amax(dim=2) for side in (spoken, answered)]
        return torch.stack(sides, dim=2)

    def slot_input(
        self, reading: Reading, memories: Tensor, situations: SituationBatch, rows: slice
    ) -> Tensor:
        """Each slot at some rows, knowing the state before.

        Args:
            reading: Of the whole batch.
            memories: Of the steps up to these rows. (rows, G)
            situations: Of these rows.
            rows: Which.

        Returns:
            (rows, S, W)
        """
        turn = self.from_turn(torch.cat([reading.summaries[rows], memories], dim=1))
        known = self.from_features(situations.slot_features)
        return relu(self.to_state(relu(reading.found[rows] + turn[:, None] + known)))

    def with_memory(self, inputs: Tensor, memories: Tensor) -> Tensor:
        """A slot at a step and what is remembered of it: (…, W)."""
        hidden: Tensor = inputs + self.from_slot_memory(memories)
        return hidden

    def candidates(
        self,
        hidden: Tensor,
        reading: Reading,
        described: Described,
        views: Views,
        situations: SituationBatch,
        rows: slice,
    ) -> Candidates:
        """Score everything that every slot could hold after some rows.

        Args:
            hidden: From `with_memory`. (rows, S, W)
            reading: Of the whole batch.
            described: Its slots.
            views: Who follows which.
            situations: Of these rows.
            rows: Which.
        """
        times = len(hidden) // len(views.slots)
        bits = situations.slots
        plain = self.plain(hidden) + described.plain[views.slots].repeat(times, 1, 1)
        empty = bits & (FILLED | ANY) == 0
        keep = plain[..., 2].masked_fill(empty, -torch.inf)
        unoffered = bits & (OFFERED_NOW | OFFERED_BEFORE) == 0
        offer = self.offer(hidden)[..., 0].masked_fill(unoffered, -torch.inf)
        listed = self._listed(hidden, reading, described, views, situations, rows)
        asked = self.copy_hidden(hidden)  # (N, S, M)
        others = described.copied[views.slots].repeat(times, 1, 1)  # (N, S, M)
        copied = asked @ others.transpose(1, 2) + self.copy_bias
        copied = copied.masked_fill(~situations.copies, -torch.inf)
        starts = reading.starts[rows] + self.said(hidden)
        if reading.matched is not None:
            unchanged = torch.where(empty, plain[..., 0], plain[..., 2])
            starts = torch.maximum(starts, unchanged[..., None] + reading.matched[rows])
        theirs = bits & NOT_CUSTOMERS != 0  # what the customer says is not for these
        no_words = theirs | views.listed_exists.any(dim=2).repeat(times, 1)  # nor for lists
        logits = torch.cat(
            [
                plain[..., :2],
                keep[..., None],
                offer[..., None],
                listed,
                copied.masked_fill(theirs[..., None], -torch.inf),
                starts.masked_fill(no_words[..., None], -torch.inf),
            ],
            dim=2,
        )
        return Candidates(logits, self.taken_back(hidden)[..., 0], listed.shape[2])

    def _listed(
        self,
        hidden: Tensor,
        reading: Reading,
        described: Described,
        views: Views,
        situations: SituationBatch,
        rows: slice,
    ) -> Tensor:
        """Scores of listed values: (rows, S, A)."""
        N, S, _ = hidden.shape
        times = N // len(views.slots)
        values = described.values[views.values]  # (C, V, E)
        places = views.value_places.repeat(times, 1)  # (N, V)
        features = torch.cat([situations.value_features, reading.nearest[rows]], dim=2)
        asked = gathered(self.value_hidden(hidden), places)
        own = described.scored[views.values].repeat(times, 1, 1)  # (N, V, M)
        scored = relu(asked + own + self.value_features(features))
        matched = gathered(self.value_match(hidden), places) * values.repeat(times, 1, 1)
        scores = self.value_score(scored)[..., 0] + matched.sum(dim=2)  # (N, V)
        # Of a slot that is not the customer's to set only what the other side has said counts.
        theirs = (situations.slots & NOT_CUSTOMERS != 0).gather(1, places)
        unsaid = situations.values & (VALUE_ANSWERED | VALUE_LATEST) == 0
        scores = scores.masked_fill(theirs & unsaid, -torch.inf)
        numbers = views.listed.flatten(1).repeat(times, 1)  # (N, S * A)
        spread = scores.gather(1, numbers).view(N, S, -1)
        listed: Tensor = spread.masked_fill(~views.listed_exists.repeat(times, 1, 1), -torch.inf)
        return listed
