"""The tracker's network: what every slot holds after a step, as scores of its candidates.

A BiLSTM reads a step; every slot attends to it; one causal LSTM remembers the steps, another,
its weights shared by all slots, remembers each slot. Scored are: nothing, don't care, the
present value, the slot's always offered values, the present values of related slots, and
every value that somebody mentioned.
"""

import torch
from torch import Tensor
from torch.nn.functional import embedding, relu

from nlp_lstm.states.batches import StepBatch
from nlp_lstm.states.candidates import Candidates, score_candidates
from nlp_lstm.states.hearing import Reading, read_steps
from nlp_lstm.states.packed_batches import read_packed
from nlp_lstm.states.parameters import StateParameters


class StateNetwork(StateParameters):
    """Scores candidates of every slot at every step.

    Dimensions: as in `StepBatch`; N = T * C rows, or C of one time.
    """

    def read(self, batch: StepBatch, table: Tensor | None = None) -> Reading:
        """Read all steps of a batch at once.

        Args:
            batch: The steps.
            table: Mention vectors carried from before, (C * TABLE_ROWS, V); None for none.
        """
        packed = self.packed()
        if packed is not None:
            return read_packed(self, packed, batch, table)
        return read_steps(self, batch, table)

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
        kept = self.of_weights()
        rows = self.value_rows.index_select(0, previous.flatten()).view_as(previous)
        statuses = embedding(rows, kept.statuses).flatten(1)
        state = self.from_statuses(statuses)[:, None] + embedding(rows, kept.known)
        return relu(self.to_slot(relu(situated + state)))

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
        return score_candidates(self, hidden, previous, reading, batch, time)
