"""How much a network has to compute and to move, counted from its ONNX graph."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COUNTED = ("Conv", "ConvTranspose", "Gemm", "MatMul")
BYTES_OF = {"fp32": 4, "fp16": 2, "int8": 1}


@dataclass(frozen=True)
class Work:
    """What one tile takes in the nodes that multiply; all others can be fused into them.

    Args:
        flops: multiplications and additions.
        activations: numbers read and written, each node's input once and its output once.
        weights: numbers read once in a call, however many tiles it has.
    """

    flops: int
    activations: int
    weights: int

    def bytes_of(self, precision: str, batch: int) -> int:
        """Return the bytes that a call has to move at least."""
        return BYTES_OF[precision] * (batch * self.activations + self.weights)


def work_of(model: Path) -> Work:
    """Count one ONNX file.

    Raises:
        ValueError: a shape is not known after the batch is set to 1.
    """
    import onnx

    graph_model = onnx.load(str(model))
    graph_model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    del graph_model.graph.value_info[:]
    graph = onnx.shape_inference.infer_shapes(graph_model, strict_mode=True, data_prop=True).graph
    shapes = {item.name: tuple(item.dims) for item in graph.initializer}
    for item in (*graph.input, *graph.value_info, *graph.output):
        dims = item.type.tensor_type.shape.dim
        shapes[item.name] = tuple(dim.dim_value if dim.HasField("dim_value") else 0 for dim in dims)
    flops = activations = weights = 0
    for node in graph.node:
        if node.op_type in COUNTED:
            source, weight, target = (
                _size(shapes, name) for name in (node.input[0], node.input[1], node.output[0])
            )
            flops += 2 * _multiplications(node, shapes)
            activations += source + target
            weights += weight
    return Work(flops, activations, weights)


def _multiplications(node: Any, shapes: dict[str, tuple[int, ...]]) -> int:
    weight, target = shapes[node.input[1]], shapes[node.output[0]]
    if node.op_type == "Conv":
        return math.prod(weight) * math.prod(target[2:])
    if node.op_type == "ConvTranspose":
        return math.prod(weight) * math.prod(shapes[node.input[0]][2:])
    if node.op_type == "Gemm":
        turned = any(item.name == "transA" and item.i for item in node.attribute)
        inner = shapes[node.input[0]][0 if turned else 1]
    else:
        inner = shapes[node.input[0]][-1]
    return math.prod(target) * inner


def _size(shapes: dict[str, tuple[int, ...]], name: str) -> int:
    size = math.prod(shapes.get(name, (0,)))
    if size == 0:
        raise ValueError(f"the shape of {name} is not known. Received: {shapes.get(name)}.")
    return size
