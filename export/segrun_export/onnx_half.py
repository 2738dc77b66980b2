"""ONNX in half precision: the same face, fp16 weights and arithmetic inside."""

from __future__ import annotations

from typing import Any

import numpy as np

from segrun_export.onnx_conversion import OUTPUT

# These inputs are scales and regions, which ONNX wants in float32 whatever the data are.
_KEPT_INPUTS = {"Resize": (1, 2)}


def onnx_half(content: bytes) -> bytes:
    """Return an ONNX file of the contract in fp16; the last activation and the scores stay float32.

    Args:
        content: a float32 file made by ``onnx_from_keras``.
    """
    import onnx

    model = onnx.load_from_string(content)
    graph = model.graph
    kept = {
        node.input[index]
        for node in graph.node
        for index in _KEPT_INPUTS.get(node.op_type, ())
        if index < len(node.input)
    }
    for item in graph.initializer:
        if item.data_type == onnx.TensorProto.FLOAT and item.name not in kept:
            # Beyond fp16's largest number a weight becomes infinite and the parity gate refuses the file.
            with np.errstate(over="ignore"):
                half = onnx.numpy_helper.to_array(item).astype(np.float16)
            item.CopyFrom(onnx.numpy_helper.from_array(half, item.name))
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == onnx.TensorProto.FLOAT:
                attribute.i = onnx.TensorProto.FLOAT16
    _widen_before_the_last_activation(graph)
    del graph.value_info[:]
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def _widen_before_the_last_activation(graph: Any) -> None:
    import onnx

    index, node = next(
        (position, item)
        for position, item in reversed(list(enumerate(graph.node)))
        if item.op_type in ("Sigmoid", "Softmax")
    )
    source = node.input[0]
    widened = f"{source}/float32"
    cast = onnx.helper.make_node("Cast", [source], [widened], name=widened, to=onnx.TensorProto.FLOAT)
    node.input[0] = widened
    graph.node.insert(index, cast)
    assert graph.output[0].name == OUTPUT
