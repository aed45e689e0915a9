"""`TurnEncoder` by ONNX Runtime: the BiLSTM over the words of one turn, without torch."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from nlp_lstm.artefact import ArtefactError
from nlp_lstm.runtime.onnx_format import Constant, Node, onnx_model
from nlp_lstm.stored_weights import Array

Floats = npt.NDArray[np.float32]

_DIRECTIONS = ("forwards", "backwards")
# torch keeps the gates of an LSTM as input, forget, cell, output; ONNX as input, output, forget,
# cell.
_GATES = (0, 3, 1, 2)


class OnnxEncoder:
    """Reads one turn at a time with the weights of a `TurnEncoder`.

    Dimensions: T words, E token width, H hidden width.
    """

    def __init__(self, weights: Mapping[str, Array]) -> None:
        """Build the graph and start a session on it.

        Args:
            weights: Of a network whose `encoder` is a `TurnEncoder`.

        Raises:
            ArtefactError: ONNX Runtime is not installed.
        """
        try:
            import onnxruntime
        except ImportError as error:
            raise ArtefactError(
                "backend onnx",
                found=f"no ONNX Runtime ({error})",
                expected="the package onnxruntime",
                remedy="pip install 'nlp-lstm[onnx]', or choose the backend torch",
            ) from error
        options = onnxruntime.SessionOptions()
        # On turns this short a second thread only spins.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._run = onnxruntime.InferenceSession(
            encoder_model(weights), options, providers=["CPUExecutionProvider"]
        ).run

    def __call__(self, tokens: Floats) -> Floats:
        """The states of both directions: tokens (T, E) → (T, 2H), for at least one word."""
        states: Floats = self._run(None, {"tokens": tokens[:, None]})[0]
        return states.reshape(len(tokens), -1)


def encoder_model(weights: Mapping[str, Array]) -> bytes:
    """The ONNX model of a network's `encoder`: tokens (T, 1, E) → states (T, 2, 1, H)."""
    layers = sum(name.startswith("encoder.forwards.") for name in weights) // 4
    constants: dict[str, Constant] = {}
    nodes: list[Node] = []
    tokens, width = "tokens", 0
    for layer in range(layers):
        names = {
            name: f"{name}{layer}" for name in ("inputs", "states", "biases", "read", "width", "in")
        }
        own = [_layer(weights, way, layer) for way in _DIRECTIONS]
        inputs, recurrent, biases = (np.stack(parts) for parts in zip(*own, strict=True))
        hidden = recurrent.shape[2]
        constants |= {names["inputs"]: inputs, names["states"]: recurrent, names["biases"]: biases}
        if layer:
            # From (T, 2, 1, H) to (T, 1, 2H): of one turn alone no number has to move.
            constants[names["width"]] = np.array([-1, 1, 2 * hidden])
            nodes.append(Node("Reshape", [tokens, names["width"]], [names["in"]], {}))
            tokens = names["in"]
        else:
            width = inputs.shape[2]
        nodes.append(
            Node(
                "LSTM",
                [tokens, names["inputs"], names["states"], names["biases"]],
                [names["read"]],
                {"hidden_size": hidden, "direction": "bidirectional"},
            )
        )
        tokens = names["read"]
    return onnx_model(
        nodes, constants, {"tokens": ["words", 1, width]}, {tokens: ["words", 2, 1, hidden]}
    )


def _layer(weights: Mapping[str, Array], way: str, layer: int) -> tuple[Floats, Floats, Floats]:
    """One direction of one layer: its matrices (4H, E) and (4H, H), and both biases (8H,)."""
    prefix = f"encoder.{way}.{layer}"
    inputs, recurrent, first, second = (
        _gates(weights[f"{prefix}.{name}_l0"])
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    return inputs, recurrent, np.concatenate([first, second])


def _gates(rows: Array) -> Floats:
    return np.concatenate([np.split(rows, 4)[gate] for gate in _GATES]).astype(np.float32)
