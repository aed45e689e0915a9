"""The ONNX models that are written here are ONNX models, and compute what the encoder does."""

import numpy as np
import onnx
import pytest
import torch

from nlp_lstm.layers.turn_encoder import TurnEncoder, TurnEncoderConfig
from nlp_lstm.runtime.onnx_encoder import OnnxEncoder, encoder_model
from nlp_lstm.runtime.onnx_format import Node, onnx_model
from nlp_lstm.stored_weights import Array
from nlp_lstm.tensors import as_arrays


def encoder(layers: int) -> TurnEncoder:
    torch.manual_seed(3)
    config = TurnEncoderConfig(token_width=5, hidden_width=4, layers=layers, dropout=0.2)
    return TurnEncoder(config).eval()


def weights_of(network: TurnEncoder) -> dict[str, Array]:
    return {f"encoder.{name}": array for name, array in as_arrays(network.state_dict()).items()}


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_bilstm_by_onnx_runtime_says_what_torch_says(layers: int) -> None:
    network = encoder(layers)
    read = OnnxEncoder(weights_of(network))

    for words in (1, 2, 40):
        tokens = np.random.default_rng(words).standard_normal((words, 5), dtype=np.float32)
        # With gradients, because without them torch may read in bfloat16.
        expected = network(torch.from_numpy(tokens)[None], torch.tensor([words]))[0].detach()
        np.testing.assert_allclose(read(tokens), expected.numpy(), atol=1e-6)


@pytest.mark.parametrize("layers", [1, 3])
def test_the_written_model_is_one_that_the_onnx_project_accepts(layers: int) -> None:
    model = onnx.load_from_string(encoder_model(weights_of(encoder(layers))))

    onnx.checker.check_model(model, full_check=True)
    assert [node.op_type for node in model.graph.node].count("LSTM") == layers
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "words"


def test_what_is_written_is_what_onnx_reads() -> None:
    numbers = np.arange(300.0, dtype=np.float32).reshape(2, 150)  # sizes of more than seven bits
    node = Node("LSTM", ["a", "b"], ["c"], {"hidden_size": 1_000_000, "direction": "reverse"})

    model = onnx.load_from_string(
        onnx_model([node], {"b": numbers}, {"a": ["n", 7]}, {"c": [300, "m"]})
    )

    assert list(model.graph.node[0].input) == ["a", "b"]
    attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node_attributes(model)}
    assert attributes == {"hidden_size": 1_000_000, "direction": b"reverse"}
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(model.graph.initializer[0]), numbers)


def node_attributes(model: onnx.ModelProto) -> list[onnx.AttributeProto]:
    return list(model.graph.node[0].attribute)
