"""A network of torch as the engine of a component that steps."""

from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor

from nlp_lstm.layers.single import Floats
from nlp_lstm.layers.turn_encoder import TurnEncoder
from nlp_lstm.stored_weights import Array
from nlp_lstm.tensors import as_arrays
from nlp_lstm.text.rows import WordRows


class ReadsWords(Protocol):
    """A network whose first layers are the ones that all components share."""

    rows: WordRows
    encoder: TurnEncoder

    def state_dict(self) -> Mapping[str, Tensor]:
        """All weights by name."""


class TorchEngine:
    """Keeps `nlp_lstm.runtime.engine.Engine` with a network in evaluation mode."""

    def __init__(self, network: ReadsWords) -> None:
        self.weights: Mapping[str, Array] = as_arrays(network.state_dict())
        self._rows = network.rows
        self._encoder = network.encoder
        self._switches = network.rows.switches

    @property
    def is_current(self) -> bool:
        """Whether nothing can have been learnt since this was made."""
        return self._switches == self._rows.switches

    def rows(self, forms: list[str]) -> Floats:
        """The input rows of words."""
        device = self._rows.pieces.weight.device
        ids = torch.tensor(self._rows.table.ids(forms), dtype=torch.int64, device=device)
        with torch.inference_mode():
            rows: Floats = self._rows(ids).cpu().numpy()
        return rows

    def encode(self, tokens: Floats) -> Floats:
        """The states of a turn's tokens."""
        device = self._rows.pieces.weight.device
        with torch.inference_mode():
            given = torch.from_numpy(tokens)[None].to(device)
            states: Floats = self._encoder(given, torch.tensor([len(tokens)]))[0].cpu().numpy()
        return states

    def bound(self) -> None:
        """Forget word forms when there are too many."""
        self._rows.table.bound()
