"""BiLSTM over the words of a turn."""

from collections.abc import Callable

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from nlp_lstm.layers.cells import Cell
from nlp_lstm.layers.dropout import LockedDropout
from nlp_lstm.layers.halves import HalfLstm, Reading, halves_are_fast
from nlp_lstm.layers.recurrent import RECURRENT

# An LSTM that reads one way: tokens (B, T, E) to states (B, T, H), and the last of them.
Direction = Callable[[Tensor], Reading]


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
        self._halves: list[tuple[Direction, Direction]] | None = None

    def train(self, mode: bool = True) -> "TurnEncoder":
        """Switch between learning and reading; either way the rounded weights are dropped."""
        self._halves = None
        return super().train(mode)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode a batch of turns.

        Args:
            tokens: Rows of the words; what stands after a turn's end is ignored. (B, T, E)
            lengths: Words in each turn, each at least 1. (B,) int64

        Returns:
            The states of both directions, zero after each turn's end. (B, T, 2H)
        """
        T = tokens.shape[1]
        even = bool((lengths == T).all())
        reverse, inside = (None, None) if even else _reversal(lengths, T, tokens.device)
        layers = self._layers()
        states = tokens if layers is not self._halves else tokens.bfloat16()
        for ahead, back in layers:
            states = self.dropout(states)
            left = ahead(states)[0]
            right = _turned(back(_turned(states, reverse))[0], reverse)
            states = torch.cat([left, right], dim=2)
        states = states.float()
        return states if inside is None else states * inside

    def _layers(self) -> list[tuple[Direction, Direction]]:
        """Each layer's two directions: in bfloat16 where nothing learns and that is safe."""
        pairs = zip(self.forwards, self.backwards, strict=True)
        learning = self.training or torch.is_grad_enabled()
        if learning or self.cell != "lstm" or not halves_are_fast():
            return list(pairs)
        if self._halves is None:
            self._halves = [(HalfLstm(ahead), HalfLstm(back)) for ahead, back in pairs]
        return self._halves


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
