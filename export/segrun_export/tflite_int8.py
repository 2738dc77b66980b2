"""TFLite in int8: whole numbers inside, ranges of our own choice, the last activation and named layers in float."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.errors import ModelError
from segrun.progress import Progress
from segrun_export.calibration import counted, refuse_poor_tiles
from segrun_export.histogram import Method
from segrun_export.layer_names import chosen_layers
from segrun_export.tflite_conversion import MARK, tflite_to_calibrate

_CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV")
_LAST_ACTIVATIONS = ("LOGISTIC", "SOFTMAX")
_PIXELS = (0.0, 255.0)


@dataclass(frozen=True)
class Operation:
    """One operator of a TFLite graph.

    Args:
        kind: ``CONV_2D`` and the like.
        output: name of the tensor that it computes.
    """

    kind: str
    output: str


class TfliteQuantiser:
    """Makes int8 files of one Keras model; what they share is computed once.

    TensorFlow's own converter knows the range from least to largest value alone, so the ranges are put into the file
    between its two steps.

    Args:
        model: the Keras model, float32.
        tiles: uint8 [n, tile, tile, b], calibration tiles.
        threads: of the engine.
        progress: told after each tile.
    Raises:
        ModelError: a layer has no operator in TFLite.
        InputError: too few calibration tiles, or tiles that are all of one colour.
    """

    def __init__(
        self,
        model: Any,
        tiles: npt.NDArray[np.uint8],
        *,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        refuse_poor_tiles(tiles)
        self._content = tflite_to_calibrate(model, tiles[0])
        self._operations = _operations(self._content)
        interpreter = _opened(self._content, threads)
        self._found = counted(lambda tile: _activations(interpreter, tile), tiles, progress=progress)

    @property
    def convolutions(self) -> list[str]:
        """Names of the convolutions' results, in the order of the graph."""
        return [item.output for item in self._operations if item.kind in _CONVOLUTIONS]

    def quantised(self, method: Method, *, keep_float: Sequence[str] = ()) -> bytes:
        """Make one file.

        Args:
            method: how ranges are taken from the activations.
            keep_float: layers that stay in float32: parts of names, or ``first`` and ``last`` for those convolutions.
        Raises:
            ModelError: a name in ``keep_float`` fits no layer, or TFLite cannot quantise the graph.
        """
        import tensorflow as tf
        from tensorflow.lite.python.convert import mlir_quantize

        names = [item.output for item in self._operations]
        kept = chosen_layers(keep_float, self.convolutions, names)
        # 256 levels of a score are too coarse near the threshold.
        kept += [item.output for item in self._operations if item.kind in _LAST_ACTIVATIONS][-1:]
        try:
            content = mlir_quantize(
                _with_ranges(self._content, self._ranges(method)),
                input_data_type=tf.float32,
                output_data_type=tf.float32,
                denylisted_nodes=kept,
            )
        except Exception as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
            raise ModelError(
                f"the model cannot be quantised for TFLite ({reason}). Use --precision fp16 or fp32."
            ) from error
        return bytes(content)

    def _ranges(self, method: Method) -> dict[str, tuple[float, float]]:
        ranges = {}
        for item in self._operations:
            if item.kind in _CONVOLUTIONS:
                break
            # Scaled pixels keep all of their range, and stored ones lose nothing at all.
            if item.output in self._found:
                ranges[item.output] = (
                    _PIXELS if item.kind == "CAST" else self._found[item.output].range("minmax")
                )
        return {**{name: found.range(method) for name, found in self._found.items()}, **ranges}


def _opened(content: bytes, threads: int | None) -> Any:
    import warnings

    import tensorflow as tf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tf.lite.Interpreter will move to another package
        interpreter = tf.lite.Interpreter(
            model_content=content, num_threads=threads, experimental_preserve_all_tensors=True
        )
    interpreter.allocate_tensors()
    return interpreter


def _activations(
    interpreter: Any, tile: npt.NDArray[np.uint8]
) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    (image,) = interpreter.get_input_details()
    interpreter.set_tensor(image["index"], tile[None])
    interpreter.invoke()
    details = {item["index"]: item for item in interpreter.get_tensor_details()}
    for operation in interpreter._get_ops_details():
        for index in operation["outputs"]:
            item = details.get(int(index))
            if item is not None and item["dtype"] is np.float32:
                yield item["name"], interpreter.get_tensor(index)


def _operations(content: bytes) -> list[Operation]:
    from tensorflow.lite.python import schema_py_generated as schema

    kinds = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    found = []
    for operator in model.subgraphs[0].operators:
        code = model.operatorCodes[operator.opcodeIndex]
        kind = kinds[max(code.builtinCode, code.deprecatedBuiltinCode)]
        found.append(Operation(kind, _text(model.subgraphs[0].tensors[operator.outputs[0]].name)))
    return found


def _with_ranges(content: bytes, ranges: dict[str, tuple[float, float]]) -> bytes:
    import flatbuffers
    from tensorflow.lite.python import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(content, 0)
    for tensor in model.subgraphs[0].tensors:
        found = ranges.get(_text(tensor.name))
        if found is not None and tensor.quantization is not None and tensor.quantization.min is not None:
            tensor.quantization.min = np.array([found[0]], np.float32)
            tensor.quantization.max = np.array([found[1]], np.float32)
    builder = flatbuffers.Builder(len(content) + 4096)
    builder.Finish(model.Pack(builder), MARK)
    return bytes(builder.Output())


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
