"""`nn.Linear` that reads with compiled kernels where nothing is being learnt."""

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from nlp_lstm.layers.single import Linear as SingleLinear
from nlp_lstm.native.kernels import NOTHING, find_kernels


class Linear(nn.Linear):
    """A linear layer whose weights, once learnt, are packed for the processor.

    Packed weights are those of the first reading; `train` and `eval` drop them. In bfloat16 only
    what is the same to the last bit in a batch and alone may be multiplied: what differs in the
    last bit may be rounded to another number.
    """

    def __init__(
        self, inputs: int, outputs: int, *, bias: bool = True, exact: bool = False
    ) -> None:
        """Args: inputs, K; outputs, N; bias, whether there is one; exact, never in bfloat16."""
        super().__init__(inputs, outputs, bias=bias)
        self.exact = exact
        self._packed: SingleLinear | None = None

    def train(self, mode: bool = True) -> "Linear":
        """Switch between learning and reading; either way the packed weights are dropped."""
        self._packed = None
        return super().train(mode)

    def __getstate__(self) -> dict[str, object]:
        """What copies and pickles are made of: no packed weights."""
        return {**nn.Module.__getstate__(self), "_packed": None}

    def forward(self, input: Tensor, activation: int = NOTHING) -> Tensor:
        """Rows times the weights, activated: (…, K) → (…, N).

        Args:
            input: (…, K)
            activation: `NOTHING`, `RELU`, `TANH` or `GELU` of `nlp_lstm.native.kernels`.
        """
        packed = self.packed()
        if packed is None:
            return _ACTIVATIONS[activation](super().forward(input))
        return torch.from_numpy(packed(input.numpy(), activation))

    def packed(self) -> SingleLinear | None:
        """What reads where nothing learns; None where there are no kernels for it."""
        if self.training or torch.is_grad_enabled():
            return None
        if self._packed is None and self.weight.device.type == "cpu":
            kernels = find_kernels(exact=self.exact)
            if kernels is not None:
                bias = None if self.bias is None else self.bias.detach().numpy()
                self._packed = SingleLinear(self.weight.detach().numpy(), bias, kernels)
        return self._packed


_ACTIVATIONS = (lambda values: values, torch.relu, torch.tanh, gelu)
