"""A network of torch as the engine of a component that steps."""

from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor, nn

from nlp_lstm.layers.attention_memory import AttentionMemory
from nlp_lstm.layers.exchange import Encoder, TurnMemory, reader_of
from nlp_lstm.layers.memory import CausalMemory
from nlp_lstm.layers.single import Cell, Floats, Remembers, State
from nlp_lstm.native.kernels import Kernels, find_kernels
from nlp_lstm.stored_weights import Array
from nlp_lstm.tensors import as_arrays
from nlp_lstm.text.rows import WordRows


class ReadsWords(Protocol):
    """A network whose first layers are the ones that all components share."""

    rows: WordRows

    @property
    def encoder(self) -> Encoder:
        """What reads the words of a turn."""

    def get_submodule(self, target: str) -> nn.Module:
        """A part by its name."""

    def state_dict(self) -> Mapping[str, Tensor]:
        """All weights by name."""


class TorchEngine:
    """Keeps `nlp_lstm.runtime.engine.Engine` with a network in evaluation mode."""

    def __init__(self, network: ReadsWords) -> None:
        self.weights: Mapping[str, Array] = as_arrays(network.state_dict())
        self._network = network
        self._rows = network.rows
        self._encoder = network.encoder
        self._switches = network.rows.switches
        with torch.inference_mode():
            self._reader = reader_of(network.encoder)
        on_cpu = network.rows.pieces.weight.device.type == "cpu"
        self.kernels: Kernels | None = find_kernels() if on_cpu else None

    @property
    def is_current(self) -> bool:
        """Whether nothing can have been learnt since this was made."""
        return self._switches == self._rows.switches

    def rows(self, forms: list[str]) -> Floats:
        """The input rows of words."""
        return self._rows.array(forms)

    def encode(self, tokens: Floats) -> Floats:
        """The states of a turn's tokens."""
        if self._reader is not None:
            return self._reader.turn(tokens)
        device = self._rows.pieces.weight.device
        with torch.inference_mode():
            given = torch.from_numpy(tokens)[None].to(device)
            states: Floats = self._encoder(given, torch.tensor([len(tokens)]))[0].cpu().numpy()
        return states

    def memory(self, name: str) -> Remembers:
        """One step of a memory: with NumPy where it is an LSTM."""
        memory = self._network.get_submodule(name)
        if isinstance(memory, CausalMemory) and memory.cell == "lstm":
            with torch.inference_mode():
                packed = memory.packed()
            return Cell(self.weights, f"{name}.lstm.") if packed is None else packed
        assert isinstance(memory, (CausalMemory, AttentionMemory))
        return TorchCell(memory)

    def bound(self) -> None:
        """Forget word forms when there are too many."""
        self._rows.table.bound()


class TorchCell:
    """One step of a memory of any cell, as torch computes it."""

    def __init__(self, memory: TurnMemory) -> None:
        self._memory = memory

    def start(self, rows: int) -> State:
        """The memory before the first turn, C rows."""
        hidden, kept = self._memory.start(rows)
        return hidden.detach().cpu().numpy(), kept.detach().cpu().numpy()

    def __call__(self, turn: Floats, state: State) -> State:
        """The memory after one more turn: (C, E)."""
        device = next(self._memory.parameters()).device
        with torch.inference_mode():
            given = [torch.from_numpy(array).to(device) for array in (turn, *state)]
            hidden, kept = self._memory.step(given[0], (given[1], given[2]))
        return hidden.cpu().numpy(), kept.cpu().numpy()
