"""ONNX models as bytes, written without the `onnx` package, whose import takes a quarter second.

An ONNX file is a Protocol Buffers message. Of its format (onnx.proto in the ONNX project) this is
the little that a graph of a few nodes over constant weights needs; numbers of fields and of data
types are those of that file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IR_VERSION = 8
OPSET = 14
_FLOAT, _INT64 = 1, 7
_TYPES = {np.dtype(np.float32): _FLOAT, np.dtype(np.int64): _INT64}
_INT_ATTRIBUTE, _STRING_ATTRIBUTE = 2, 3

Constant = npt.NDArray[np.float32] | npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Node:
    """One operation of a graph.

    Attributes:
        operation: Its name in ONNX: `LSTM`.
        inputs: Names of values or constants.
        outputs: Names that what comes out is given.
        attributes: Its settings.
    """

    operation: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    attributes: Mapping[str, int | str]


def onnx_model(
    nodes: Sequence[Node],
    constants: Mapping[str, Constant],
    given: Mapping[str, Sequence[int | str]],
    wanted: Mapping[str, Sequence[int | str]],
) -> bytes:
    """A model in the ONNX format.

    Args:
        nodes: In an order in which they can be computed.
        constants: Weights by name.
        given: Names and shapes of the float inputs; a string stands for a size that varies.
        wanted: The same for what comes out.
    """
    graph = b"".join(
        [
            *(_message(1, _node(node)) for node in nodes),
            _text(2, "graph"),
            *(_message(5, _tensor(name, array)) for name, array in constants.items()),
            *(_message(11, _value(name, shape)) for name, shape in given.items()),
            *(_message(12, _value(name, shape)) for name, shape in wanted.items()),
        ]
    )
    return _number(1, IR_VERSION) + _message(7, graph) + _message(8, _number(2, OPSET))


def _node(node: Node) -> bytes:
    return b"".join(
        [
            *(_text(1, name) for name in node.inputs),
            *(_text(2, name) for name in node.outputs),
            _text(4, node.operation),
            *(_message(5, _attribute(name, value)) for name, value in node.attributes.items()),
        ]
    )


def _attribute(name: str, value: int | str) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, _INT_ATTRIBUTE)
    return _text(1, name) + _text(4, value) + _number(20, _STRING_ATTRIBUTE)


def _tensor(name: str, array: Constant) -> bytes:
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    return b"".join(
        [
            *(_number(1, size) for size in array.shape),
            _number(2, _TYPES[array.dtype]),
            _text(8, name),
            _message(9, little.tobytes()),
        ]
    )


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    sizes = [_number(1, size) if isinstance(size, int) else _text(2, size) for size in shape]
    dimensions = b"".join(_message(1, size) for size in sizes)
    tensor = _number(1, _FLOAT) + _message(2, dimensions)
    return _text(1, name) + _message(2, _message(1, tensor))


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _message(field, text.encode())


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the eighth says that more follow. For 0 and above."""
    coded = bytearray()
    while number > 0x7F:
        coded.append(number & 0x7F | 0x80)
        number >>= 7
    coded.append(number)
    return bytes(coded)
