"""ONNX in int8: QDQ nodes, unsigned activations, signed weights with a scale for each channel (U8S8)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from segrun_export.histogram import Histogram, Method
from segrun_export.layer_names import chosen_layers

_CONVOLUTIONS = ("Conv", "ConvTranspose")
_ACTIVATIONS = ("Relu", "Clip", "LeakyRelu")
# The activation at the end stays in float: 256 levels of a score are too coarse near the threshold.
_QUANTISED = (
    "Add", "AveragePool", "Clip", "Concat", "Conv", "ConvTranspose", "LeakyRelu", "MaxPool", "Mul", "Relu", "Resize",
)  # fmt: skip


def onnx_int8(
    content: bytes, found: Mapping[str, Histogram], method: Method, *, keep_float: Sequence[str] = ()
) -> bytes:
    """Quantise a float32 ONNX file.

    Args:
        content: a file made by ``onnx_from_keras``.
        found: histograms of its activations on calibration tiles.
        method: how ranges are taken from them.
        keep_float: layers that stay in float32: parts of node names, or ``first`` and ``last`` for those convolutions.
    Raises:
        ModelError: a name in ``keep_float`` fits no node.
    """
    import onnx
    from onnxruntime.quantization import CalibrationMethod, QDQQuantizer, QuantType
    from onnxruntime.quantization.calibrate import TensorData, TensorsData

    model = onnx.load_from_string(content)
    pixels = before_first_convolution(model.graph)
    ranges = {
        name: TensorData(lowest=np.float32(low), highest=np.float32(high))
        for name, (low, high) in (
            (name, item.range("minmax" if name in pixels else method)) for name, item in found.items()
        )
    }
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        quantizer = QDQQuantizer(
            model,
            per_channel=True,
            reduce_range=False,
            weight_qType=QuantType.QInt8,
            activation_qType=QuantType.QUInt8,
            tensors_range=TensorsData(CalibrationMethod.MinMax, ranges),
            nodes_to_quantize=[],
            nodes_to_exclude=[*pixels, *_kept(model.graph, keep_float)],
            op_types_to_quantize=list(_QUANTISED),
            extra_options={},
        )
        quantizer.quantize_model()
        quantizer.model.topological_sort()
    finally:
        logger.setLevel(level)
    quantised = quantizer.model.model
    del quantised.graph.value_info[:]
    onnx.checker.check_model(quantised, full_check=True)
    return bytes(quantised.SerializeToString())


def before_first_convolution(graph: Any) -> list[str]:
    """Name the nodes of the scaling, which are also its tensors: quantised, they would round the pixels twice."""
    names = []
    for node in graph.node:
        if node.op_type in _CONVOLUTIONS:
            break
        names.append(node.name)
    return names


def convolutions(content: bytes) -> list[str]:
    """Name the convolutions of a float32 ONNX file in their order."""
    import onnx

    return [node.name for node in onnx.load_from_string(content).graph.node if node.op_type in _CONVOLUTIONS]


def _kept(graph: Any, keep_float: Sequence[str]) -> list[str]:
    names = [node.name for node in graph.node if node.op_type in _CONVOLUTIONS]
    others = [node.name for node in graph.node if node.name not in names]
    kept = chosen_layers(keep_float, names, others)
    # What follows a float convolution alone stays float with it, else the values would be rounded before it and behind.
    readers: dict[str, list[Any]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    outputs = {node.name: node.output[0] for node in graph.node}
    for name in list(kept):
        following = readers.get(outputs[name], [])
        if len(following) == 1 and following[0].op_type in _ACTIVATIONS:
            kept.append(following[0].name)
    return kept
