"""An LSTM read in bfloat16, where the processor computes in it and answers stay the same.

Half the bits move twice the numbers: on processors with AVX512-BF16 or AMX a BiLSTM over turns
runs nearly twice as fast. It is used for reading only, and only where a turn's states are equal
to the last bit alone and in a batch, which is what stepping through a chat relies on.
"""

from functools import lru_cache

import torch
from torch import Tensor, nn

# What `nn.LSTM` returns: the states, and the last hidden and cell state.
Reading = tuple[Tensor, tuple[Tensor, Tensor]]

_CAPABILITIES = ("avx512_bf16", "amx_bf16")
_precision = "auto"


class HalfLstm:
    """A one-way, one-layer, batch-first LSTM with its weights rounded to bfloat16.

    What goes in and comes out is bfloat16. The weights are copied: make a new one when they change.
    """

    def __init__(self, lstm: nn.Module, *, arranged: bool | None = None) -> None:
        """Round an LSTM's weights.

        Args:
            lstm: Whose weights are read.
            arranged: Whether they are kept as the kernel reads them; None where that is safe.
        """
        self._weights = [parameter.detach().bfloat16() for parameter in lstm.parameters()]
        self._width = self._weights[1].shape[1]
        keep = _arranging_is_safe() if arranged is None else arranged
        self._arranged = _arranged(*self._weights[:2]) if keep else None

    def __call__(self, tokens: Tensor) -> Reading:
        """Args: tokens (B, T, E) bfloat16. Returns: states (B, T, H), the last ones (1, B, H)."""
        zeros = tokens.new_zeros(1, len(tokens), self._width)
        if self._arranged is not None:
            return _read_arranged(tokens, self._arranged, self._weights[2:], zeros)
        states, hidden, cell = torch.lstm(
            tokens,
            (zeros, zeros),
            self._weights,
            True,  # has biases
            1,  # layers
            0.0,  # dropout
            False,  # training
            False,  # bidirectional
            True,  # batch first
        )
        return states, (hidden, cell)


def set_precision(precision: str) -> None:
    """Choose how models read from now on, in this process.

    Args:
        precision: `auto` reads in bfloat16 where that is fast and safe, `float32` never does.
            Models that have read before keep what they use until their `eval()` is called.

    Raises:
        ValueError: It is neither.
    """
    global _precision  # noqa: PLW0603 - one processor, one choice
    if precision not in ("auto", "float32"):
        raise ValueError(f"precision {precision!r} is neither 'auto' nor 'float32'")
    _precision = precision


def halves_are_fast() -> bool:
    """Whether turns are read in bfloat16 on this machine."""
    return _precision == "auto" and _probe()


def _arranged(inputs: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
    """An LSTM's two matrices as oneDNN's kernel reads them.

    Given as they are they are rearranged at every call: for one turn that is half of the time.
    """
    first, second = torch.ops.mkldnn._reorder_mkldnn_rnn_layer_weight(
        inputs, states, states.shape[1], False, True, True
    )
    return first, second


def _read_arranged(
    tokens: Tensor, matrices: tuple[Tensor, Tensor], biases: list[Tensor], zeros: Tensor
) -> Reading:
    """What `torch.lstm` calls in the end."""
    states, hidden, cell, _ = torch.ops.aten.mkldnn_rnn_layer(
        tokens.transpose(0, 1).contiguous(),
        *(*matrices, *biases, zeros, zeros),
        False,  # backwards
        [],  # sizes of a packed batch
        2,  # LSTM
        zeros.shape[2],
        1,  # layers
        True,  # has biases
        False,  # bidirectional
        False,  # batch first
        False,  # training
    )
    return states.transpose(0, 1), (hidden, cell)


def _probed() -> tuple[nn.LSTM, Tensor]:
    """An LSTM and turns to try kernels on."""
    generator = torch.Generator().manual_seed(1)
    lstm = nn.LSTM(48, 64, batch_first=True)
    for parameter in lstm.parameters():
        nn.init.uniform_(parameter.detach(), -0.5, 0.5, generator=generator)
    return lstm, torch.randn(33, 7, 48, generator=generator).bfloat16()


@lru_cache(maxsize=1)
def _arranging_is_safe() -> bool:
    """Whether this torch has the two operations, and answers are the same with them."""
    lstm, turns = _probed()
    with torch.inference_mode():
        plain = HalfLstm(lstm, arranged=False)
        try:
            arranged = HalfLstm(lstm, arranged=True)
            return all(torch.equal(plain(t)[0], arranged(t)[0]) for t in (turns, turns[:1, :3]))
        except (AttributeError, RuntimeError, ValueError):
            return False


@lru_cache(maxsize=1)
def _probe() -> bool:
    capabilities = torch.cpu.get_capabilities()
    if not any(capabilities.get(name, False) for name in _CAPABILITIES):
        return False
    lstm, turns = _probed()
    read = HalfLstm(lstm)
    with torch.inference_mode():
        together = read(turns)[0]
        alone = torch.cat([read(turn[None])[0] for turn in turns])
        shorter = read(turns[:5, :3])[0]
    # Kernels differ in whether the order of their sums depends on the size of the batch.
    return torch.equal(together, alone) and torch.equal(together[:5, :3], shorter)
