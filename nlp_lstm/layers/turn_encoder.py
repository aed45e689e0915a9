"""BiLSTM over the words of a turn."""

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from nlp_lstm.layers.cells import Cell
from nlp_lstm.layers.dropout import LockedDropout
from nlp_lstm.layers.recurrent import RECURRENT
from nlp_lstm.layers.turn_reader import TurnReader
from nlp_lstm.native.kernels import find_kernels
from nlp_lstm.tensors import as_arrays


class TurnEncoderConfig(BaseModel):
    """Widths of a `TurnEncoder`. No defaults: an artefact that lacks one must not load.

    But for the cell: models of before have an LSTM.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    token_width: int
    hidden_width: int
    layers: int
    dropout: float
    cell: Cell = "lstm"


class TurnEncoder(nn.Module):
    """Stacked BiLSTM over the words of a turn; padding cannot change its result.

    Of another recurrent cell it is the same with that cell.

    A turn is complete when it is encoded, so reading it backwards reveals nothing of the future;
    across turns `CausalMemory` reads, and it reads forwards only.

    Each layer is two one-way LSTMs, the second over every turn reversed within its own length.
    That is what a packed bidirectional LSTM computes; the backward pass of a packed one is
    quadratic in the length, and an unpacked one would start its backward half in the padding.

    Dimensions: B turns, T words in the longest, E token width, H hidden width.
    """

    def __init__(self, config: TurnEncoderConfig) -> None:
        super().__init__()
        H = config.hidden_width
        self.output_width = 2 * H
        widths = [config.token_width] + [2 * H] * (config.layers - 1)
        made_of = RECURRENT[config.cell]
        self.cell = config.cell
        self.forwards = nn.ModuleList(made_of(width, H, batch_first=True) for width in widths)
        self.backwards = nn.ModuleList(made_of(width, H, batch_first=True) for width in widths)
        self.dropout = LockedDropout(config.dropout)
        self._reader: TurnReader | None = None

    def train(self, mode: bool = True) -> "TurnEncoder":
        """Switch between learning and reading; either way the packed weights are dropped."""
        self._reader = None
        return super().train(mode)

    def __getstate__(self) -> dict[str, object]:
        """What copies and pickles are made of: no packed weights."""
        return {**nn.Module.__getstate__(self), "_reader": None}

    def reader(self) -> TurnReader | None:
        """What reads where nothing learns; None where there are no kernels for it.

        It keeps the weights as they are now: `train` and `eval` drop it.
        """
        if self.training or torch.is_grad_enabled() or self.cell != "lstm":
            return None
        if self._reader is None:
            kernels = find_kernels()
            if kernels is None or next(self.parameters()).device.type != "cpu":
                return None
            self._reader = TurnReader(kernels, as_arrays(self.state_dict()), "")
        return self._reader

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode a batch of turns.

        Args:
            tokens: Rows of the words; what stands after a turn's end is ignored. (B, T, E)
            lengths: Words in each turn, each at least 1. (B,) int64

        Returns:
            The states of both directions, zero after each turn's end. (B, T, 2H)
        """
        T = tokens.shape[1]
        reader = self.reader()
        if reader is not None:
            rows = tokens.flatten(0, 1).numpy()
            every = torch.arange(len(rows)).view(len(tokens), T).numpy()
            read = reader.padded([(reader.tables(rows), every)], lengths.numpy())
            return torch.from_numpy(read)
        even = bool((lengths == T).all())
        reverse, inside = (None, None) if even else _reversal(lengths, T, tokens.device)
        states = tokens
        for ahead, back in zip(self.forwards, self.backwards, strict=True):
            states = self.dropout(states)
            left = ahead(states)[0]
            right = _turned(back(_turned(states, reverse))[0], reverse)
            states = torch.cat([left, right], dim=2)
        return states if inside is None else states * inside


def _reversal(lengths: Tensor, T: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Which row of the flattened batch each position comes from when turns are reversed in place.

    Returns:
        The rows, (B * T,) int64, and 1 for every position inside its turn, (B, T, 1).
    """
    lengths = lengths.to(device)[:, None]
    positions = torch.arange(T, device=device)
    inside = positions < lengths  # (B, T)
    turned = torch.where(inside, lengths - 1 - positions, positions)
    rows = turned + T * torch.arange(len(lengths), device=device)[:, None]
    return rows.flatten(), inside[..., None].float()


def _turned(states: Tensor, reverse: Tensor | None) -> Tensor:
    if reverse is None:
        return states.flip(1)
    return states.flatten(0, 1).index_select(0, reverse).view_as(states)
