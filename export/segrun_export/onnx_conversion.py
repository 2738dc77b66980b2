"""Keras to ONNX under the model contract."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

import numpy as np

from segrun.errors import ModelError
from segrun_export.keras_face import KerasFace, face_of
from segrun_export.onnx_folding import ConstantGraph
from segrun_export.upsampling import resizing_upsampling

OPSET = 17
INPUT, OUTPUT, BATCH = "image", "score", "n"
# What opset 17 needs; a higher number only shuts out older readers.
IR_VERSION = 8


def onnx_from_keras(model: Any) -> bytes:
    """Convert a Keras model; input ``image`` uint8 [n, tile, tile, b], output ``score`` float32 [n, tile, tile, k].

    The weights are arguments of the traced function, not constants in it: TensorFlow's and tf2onnx's optimisers copy
    constants many times over (32 s and 7.6 GB for a network of 31 M parameters, against 3 s and 1.5 GB).
    They join the graph afterwards, and what depends on them alone is computed then.

    Args:
        model: a Keras model with the face of the model contract, in float32, on the tensorflow backend.
    Returns:
        The bytes of an ONNX file without metadata.
    Raises:
        ModelError: the model's face is not the contract's, or ONNX has no operator for one of its layers.
    """
    import onnx

    face = face_of(model)
    proto, weights = _traced(model, face)
    graph = proto.graph
    constants = {item.name: onnx.numpy_helper.to_array(item) for item in graph.initializer}
    constants.update(weights)
    work = ConstantGraph(list(graph.node), constants, [OUTPUT], OPSET)
    work.fold()
    work.rename()
    _refuse_unknown_operators(work.nodes)
    helper = onnx.helper
    finished = helper.make_graph(
        work.nodes,
        "segrun",
        [_value(INPUT, onnx.TensorProto.UINT8, face.tile, face.bands)],
        [_value(OUTPUT, onnx.TensorProto.FLOAT, face.tile, face.classes)],
        [onnx.numpy_helper.from_array(value, name) for name, value in work.constants.items()],
    )
    made = helper.make_model(
        finished,
        producer_name="segrun",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(made, full_check=True)
    return bytes(made.SerializeToString())


def operator_counts(content: bytes) -> dict[str, int]:
    """Return how often each operator stands in an ONNX file."""
    import onnx

    return dict(Counter(node.op_type for node in onnx.load_from_string(content).graph.node))


def _traced(model: Any, face: KerasFace) -> tuple[Any, dict[str, np.ndarray[Any, Any]]]:
    import tensorflow as tf
    import tf2onnx

    variables = [item.numpy() for item in [*model.trainable_variables, *model.non_trainable_variables]]
    trainable = len(model.trainable_variables)
    kernels = {index: f"weight_{index}" for index, value in enumerate(variables) if value.ndim > 1}
    specs = [tf.TensorSpec(variables[index].shape, tf.float32, name=name) for index, name in kernels.items()]
    image = tf.TensorSpec((None, face.tile, face.tile, face.bands), tf.uint8, name=INPUT)

    def scores(image: Any, *weights: Any) -> dict[str, Any]:
        # Vectors stay constants: with them known, tf2onnx can move transposes across a batch normalisation.
        given = dict(zip(kernels, weights, strict=True))
        values = [
            given[index] if index in given else tf.constant(value) for index, value in enumerate(variables)
        ]
        result, _ = model.stateless_call(values[:trainable], values[trainable:], image, training=False)
        while isinstance(result, list | tuple | dict):
            result = next(iter(result.values())) if isinstance(result, dict) else result[0]
        return {OUTPUT: result}

    logger = logging.getLogger("tf2onnx")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        function = tf.function(scores, input_signature=[image, *specs], autograph=False)
        with resizing_upsampling(model):
            proto, _ = tf2onnx.convert.from_function(
                function, input_signature=function.input_signature, opset=OPSET
            )
    except Exception as error:
        raise ModelError(
            f"the model cannot be converted to ONNX ({_first_line(error)}). Use stock Keras layers of fixed size."
        ) from error
    finally:
        logger.setLevel(level)
    return proto, {name: variables[index] for index, name in kernels.items()}


def _refuse_unknown_operators(nodes: list[Any]) -> None:
    import onnx

    for node in nodes:
        if node.domain or not onnx.defs.has(node.op_type, OPSET, ""):
            raise ModelError(
                f"ONNX has no operator for a layer of this model. Received: {node.op_type} (node {node.name}). "
                "Replace that layer by stock convolutions, pooling, resizing and activations."
            )


def _value(name: str, element: int, tile: int, channels: int) -> Any:
    import onnx

    return onnx.helper.make_tensor_value_info(name, element, [BATCH, tile, tile, channels])


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:200]
