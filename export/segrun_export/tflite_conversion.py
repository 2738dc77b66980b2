"""Keras to TFLite under the model contract."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from segrun.errors import ModelError
from segrun_export.keras_face import face_of
from segrun_export.onnx_conversion import INPUT, OUTPUT
from segrun_export.upsampling import resizing_upsampling

MARK = b"TFL3"


def tflite_from_keras(model: Any, precision: Literal["fp32", "fp16"] = "fp32") -> bytes:
    """Convert a Keras model; uint8 in, float32 out, one tile a call, in every precision.

    The batch is fixed at 1: with a symbolic one LiteRT computes the sizes of transposed convolutions while it runs,
    and hands the graph to its fast kernels in pieces (unet-lite in int8: 31 ms against 8).

    Args:
        model: a Keras model with the face of the model contract, in float32.
        precision: ``fp16`` stores weights in half precision. For int8 see ``tflite_int8``.
    Returns:
        The bytes of a TFLite file without our metadata.
    Raises:
        ModelError: the model's face is not the contract's, or TFLite has no operator for one of its layers.
    """
    import tensorflow as tf

    def set_up(converter: Any) -> None:
        if precision == "fp16":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]

    return _converted(model, set_up)


def tflite_to_calibrate(model: Any, tile: npt.NDArray[np.uint8]) -> bytes:
    """Convert a Keras model as far as int8 goes before its ranges are known.

    Args:
        model: a Keras model with the face of the model contract, in float32.
        tile: uint8 [tile, tile, b]; its ranges stand in the file until better ones are known.
    Returns:
        A float32 TFLite file whose tensors carry their least and largest value.
    Raises:
        ModelError: as ``tflite_from_keras``.
    """
    import tensorflow as tf

    def set_up(converter: Any) -> None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: iter([[tile[None]]])
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter._experimental_calibrate_only = True

    return _converted(model, set_up)


def _converted(model: Any, set_up: Callable[[Any], None]) -> bytes:
    import tensorflow as tf

    face = face_of(model)
    variables = [*model.trainable_variables, *model.non_trainable_variables]
    trainable = len(model.trainable_variables)
    # The converter freezes plain tf.Variables of a tf.Module; Keras's own variables it may leave out without a word.
    holder = tf.Module()
    holder.weights = [tf.Variable(item.numpy(), trainable=False) for item in variables]
    image = tf.TensorSpec((1, face.tile, face.tile, face.bands), tf.uint8, name=INPUT)

    def scores(image: Any) -> dict[str, Any]:
        values = [item.value() for item in holder.weights]
        result, _ = model.stateless_call(values[:trainable], values[trainable:], image, training=False)
        while isinstance(result, list | tuple | dict):
            result = next(iter(result.values())) if isinstance(result, dict) else result[0]
        return {OUTPUT: result}

    try:
        with resizing_upsampling(model):
            function = tf.function(scores, input_signature=[image], autograph=False).get_concrete_function()
        converter = tf.lite.TFLiteConverter.from_concrete_functions([function], holder)
        set_up(converter)
        return bytes(converter.convert())
    except Exception as error:
        unknown = re.search(r"'tf\.(\w+)' op is neither", str(error))
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        if unknown:
            reason = f"TFLite has no operator for {unknown[1]}"
        raise ModelError(
            f"the model cannot be converted to TFLite ({reason}). Use stock Keras layers of fixed size."
        ) from error


def with_tflite_metadata(content: bytes, metadata: Mapping[str, str]) -> bytes:
    """Return a TFLite file with these metadata entries; entries under other keys are kept."""
    import flatbuffers
    from tensorflow.lite.python import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(content, 0)
    kept = [entry for entry in model.metadata or [] if _text(entry.name) not in metadata]
    for key, value in metadata.items():
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(value.encode(), np.uint8)
        model.buffers.append(buffer)
        entry = schema.MetadataT()
        entry.name = key
        entry.buffer = len(model.buffers) - 1
        kept.append(entry)
    model.metadata = kept
    builder = flatbuffers.Builder(len(content) + sum(map(len, metadata.values())) + 4096)
    builder.Finish(model.Pack(builder), MARK)
    return bytes(builder.Output())


def tflite_operators(content: bytes) -> dict[str, int]:
    """Return how often each operator stands in a TFLite file."""
    from tensorflow.lite.python import schema_py_generated as schema

    names = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
    model = schema.Model.GetRootAs(content, 0)
    codes = [model.OperatorCodes(index) for index in range(model.OperatorCodesLength())]
    counts: Counter[str] = Counter()
    for index in range(model.SubgraphsLength()):
        graph = model.Subgraphs(index)
        for position in range(graph.OperatorsLength()):
            code = codes[graph.Operators(position).OpcodeIndex()]
            counts[names[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]] += 1
    return dict(counts)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
